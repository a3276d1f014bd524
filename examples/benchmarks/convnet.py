"""How fast are convolutional networks? The same networks and images, ours beside PyTorch on the CPU, in one run.

    python examples/benchmarks/convnet.py [--rounds 3] [--threads 2]

Both train one epoch with Adam and predict 10,000 images, 28 x 28 and random: what they show changes no work.
PyTorch is used where it is installed, in the better of its two memory formats. Each contender has a process of its
own, and they take turns. The table shows medians in seconds.
"""

import argparse
import os
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from sknn_scratch import ConvNetClassifier

BATCH = 128
NETS = {
    "(8, 16) 5x5 valid, 12,800 images": (12_800, {"filters": (8, 16), "kernel_size": 5, "padding": "valid"}),
    "(32, 64) 3x3 same, 6,400 images": (6_400, {"filters": (32, 64), "kernel_size": 3, "padding": "same"}),
}


def ours(X, y, test, settings):
    """Train and predict with this package."""
    net = ConvNetClassifier(
        hidden_layer_sizes=(128,), batch_size=BATCH, max_iter=1, learning_rate="constant", learning_rate_init=1e-3,
        standardize=False, alpha=0.0, random_state=0, **settings,
    )  # fmt: skip
    net.fit(X, y)
    net.predict_proba(test)


def peer(X, y, test, settings, memory_format):
    """Train and predict with PyTorch, in a plain loop."""
    import torch

    memory_format = getattr(torch, memory_format)
    (a, b), k, padding = settings["filters"], settings["kernel_size"], settings["padding"]
    side = 7 if padding == "same" else ((28 - k + 1) // 2 - k + 1) // 2
    nn = torch.nn
    net = nn.Sequential(
        nn.Conv2d(1, a, k, padding=padding), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(a, b, k, padding=padding), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(b * side * side, 128), nn.ReLU(), nn.Linear(128, 10),
    ).to(memory_format=memory_format)  # fmt: skip
    solver, loss = torch.optim.Adam(net.parameters(), 1e-3), nn.CrossEntropyLoss()
    images = torch.from_numpy(X.reshape(-1, 1, 28, 28)).to(memory_format=memory_format)
    labels = torch.from_numpy(y)
    for rows in torch.randperm(len(X)).split(BATCH):
        solver.zero_grad()
        loss(net(images[rows]), labels[rows]).backward()
        solver.step()
    with torch.no_grad():
        shown = torch.from_numpy(test.reshape(-1, 1, 28, 28)).to(memory_format=memory_format)
        torch.cat([net(part).softmax(1) for part in shown.split(1000)])


CONTENDERS = {
    "ours": ours,
    "torch": partial(peer, memory_format="contiguous_format"),
    "torch, channels last": partial(peer, memory_format="channels_last"),
}


def seconds(contender, title):
    """Return how long one contender takes for one task, in the process this is called in."""
    n, settings = NETS[title]
    rng = np.random.default_rng(0)
    X, y = rng.random((n, 784), dtype=np.float32), rng.integers(0, 10, n)
    test = rng.random((10_000, 784), dtype=np.float32)
    warnings.simplefilter("ignore", ConvergenceWarning)
    start = time.perf_counter()
    CONTENDERS[contender](X, y, test, settings)
    return time.perf_counter() - start


def main():
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(args.threads)  # read by OpenBLAS and PyTorch in each new process
    names = [name for name in CONTENDERS if name == "ours" or find_spec("torch")]
    with ExitStack() as stack:
        # Each in a process of its own: one's idle threads would take time from another.
        processes = {name: stack.enter_context(ProcessPoolExecutor(1, get_context("spawn"))) for name in names}
        for title in NETS:
            rounds = [
                [processes[name].submit(seconds, name, title).result() for name in names]
                for _ in range(args.rounds + 1)
            ]
            medians = dict(zip(names, np.median(rounds[1:], axis=0), strict=True))  # the first round warms up
            best = min((medians[name] for name in names if name != "ours"), default=float("nan"))
            shown = ", ".join(f"{name} {median:.2f} s" for name, median in medians.items())
            print(f"{title}: {shown}; ours is {best / medians['ours']:.2f} times as fast as the best peer", flush=True)


if __name__ == "__main__":
    main()
