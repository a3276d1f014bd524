"""How fast are convolutional networks? The same networks and images, ours beside PyTorch on the CPU, in one run.

    python examples/benchmarks/convnet.py [--rounds 3] [--threads 2]

Both train one epoch with Adam and predict 10,000 images, 28 x 28 and random: what they show changes no work.
PyTorch is used where it is installed, in the better of its two memory formats. The table shows medians in seconds.
"""

import argparse
import statistics
import time
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from sknn_scratch import ConvNetClassifier

try:
    import torch
except ImportError:
    torch = None

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


def main():
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    candidates = {"ours": ours}
    if torch is not None:
        torch.set_num_threads(args.threads)
        candidates["torch"] = lambda *work: peer(*work, torch.contiguous_format)
        candidates["torch, channels last"] = lambda *work: peer(*work, torch.channels_last)
    rng = np.random.default_rng(0)
    test = rng.random((10_000, 784), dtype=np.float32)
    for title, (n, settings) in NETS.items():
        X, y = rng.random((n, 784), dtype=np.float32), rng.integers(0, 10, n)
        times = {name: [] for name in candidates}
        for _ in range(args.rounds):
            for name, run in candidates.items():
                start = time.perf_counter()
                with threadpool_limits(args.threads):
                    run(X, y, test, settings)
                times[name].append(time.perf_counter() - start)
        medians = {name: statistics.median(seconds) for name, seconds in times.items()}
        best = min((seconds for name, seconds in medians.items() if name != "ours"), default=float("nan"))
        shown = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in medians.items())
        print(f"{title}: {shown}; ours is {best / medians['ours']:.2f} times as fast as the best peer", flush=True)


if __name__ == "__main__":
    main()
