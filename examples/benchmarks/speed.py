"""How fast is it? The same works, ours beside what else one would take, in one run.

    python examples/benchmarks/speed.py [--mnist FOLDER] [--rounds 3] [--threads 2] [--only WORD] [--json FILE]

scikit-learn, PyTorch (in a plain loop, both memory formats) and skorch take part where they are installed. Each
contender has a process of its own, and they take turns; the table shows medians in seconds, how many times faster ours
is than the best of the others, and the share of the machine's bare matrix-product rate that our training reaches.
Without MNIST, random images take its place, which are the same work, though scores mean nothing then.
"""

import argparse
import json
import os
import platform
import time
import tracemalloc
import warnings
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from importlib.util import find_spec
from multiprocessing import get_context

import numpy as np
from joblib import parallel_config
from sklearn.model_selection import GridSearchCV
from works import CONTENDERS, WORKS, Net, data, prepare

from sknn_scratch import MLPClassifier

NEEDS = {"PyTorch": "torch", "PyTorch, channels last": "torch", "skorch": "skorch"}
SLOPES = {
    "rows, 4 times as many": {"n_rows": 4},
    "features, 4 times as many": {"n_features": 4},
    "hidden units, 4 times as many": {"n_hidden": 4},
    "classes, 4 times as many": {"n_classes": 4},
}


def measure(contender, title, mnist):
    """Return seconds and score of one contender's work, in the process this is called in; None if it cannot."""
    warnings.simplefilter("ignore")
    do = prepare(contender, WORKS[title], mnist)
    if do is None:
        return None
    start = time.perf_counter()
    score = do()
    return time.perf_counter() - start, score or None


def peak_rate(rounds=5):
    """Return the operations a second of a large float32 matrix product, the most that training could reach."""
    a = np.random.default_rng(0).random((2048, 2048), dtype=np.float32)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        a @ a
        times.append(time.perf_counter() - start)
    return 2 * 2048**3 / min(times)


def slope(change):
    """Return how many times longer training takes when one size of the problem grows."""
    warnings.simplefilter("ignore")
    size = {"n_rows": 5_000, "n_features": 200, "n_hidden": 100, "n_classes": 10}
    times = []
    for sizes in (size, {name: size[name] * change.get(name, 1) for name in size}):
        rng = np.random.default_rng(0)
        X = rng.random((sizes["n_rows"], sizes["n_features"]), dtype=np.float32)
        y = np.arange(sizes["n_rows"]) % sizes["n_classes"]
        net = Net((sizes["n_hidden"],), batch=128, epochs=5).ours()
        rounds = []
        for _ in range(3):
            start = time.perf_counter()
            net.fit(X, y)
            rounds.append(time.perf_counter() - start)
        times.append(min(rounds))
    return times[1] / times[0]


def search_time(n_jobs):
    """Return the seconds that a search on digits takes with so many processes, their start included."""
    warnings.simplefilter("ignore")
    X, y, *_ = data("digits", None)
    grid = {"hidden_layer_sizes": [(50,), (100,), (200,), (100, 50)], "alpha": [1e-4, 1e-3, 1e-2], "dropout": [0, 0.2]}
    start = time.perf_counter()
    with parallel_config("loky", idle_worker_timeout=5):  # or this process would wait for its workers for minutes
        GridSearchCV(MLPClassifier(random_state=0), grid, cv=3, n_jobs=n_jobs).fit(X, y)
    return time.perf_counter() - start


def memory(title, n_predicted, mnist):
    """Return the peak in megabytes that fitting all images, or predicting some, takes on top of the data."""
    warnings.simplefilter("ignore")
    X, y, *_ = data("mnist", mnist)
    net = WORKS[title].net.ours()
    shown = np.resize(X, (n_predicted, X.shape[1])) if n_predicted else X
    if n_predicted:
        net.fit(X[:256], y[:256])
    tracemalloc.start()
    net.predict(shown) if n_predicted else net.fit(X, y)
    return tracemalloc.get_traced_memory()[1] / 2**20


def main():
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mnist", metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", metavar="WORD", default="", help="only works with this word in their name")
    parser.add_argument("--json", metavar="FILE")
    args = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(args.threads)  # read by OpenBLAS and PyTorch in each new process
    names = [name for name in CONTENDERS if name not in NEEDS or find_spec(NEEDS[name])]
    results = {"machine": f"{platform.processor() or platform.machine()}, {args.threads} threads", "works": {}}
    with ExitStack() as stack:

        def process():
            return stack.enter_context(ProcessPoolExecutor(1, get_context("spawn")))

        # Each in a process of its own: one's idle threads would take time from another.
        processes = {name: process() for name in names}
        rate = processes["ours"].submit(peak_rate).result()
        results["GFLOP/s"] = round(rate / 1e9, 1)
        print(f"Bare matrix product: {rate / 1e9:.0f} GFLOP/s")
        for title in WORKS:
            if args.only not in title:
                continue
            once = WORKS[title].do == "defaults"  # minutes
            rounds = [
                {name: processes[name].submit(measure, name, title, args.mnist).result() for name in names}
                for _ in range(1 if once else args.rounds + 1)
            ]
            rounds = rounds if once else rounds[1:]  # the first one warms up
            able = [name for name in names if rounds[0][name] is not None]
            medians = {name: float(np.median([r[name][0] for r in rounds])) for name in able}
            scores = {name: r[1] for name, r in rounds[-1].items() if r is not None and r[1] is not None}
            peers = [seconds for name, seconds in medians.items() if name != "ours"]
            row = {"seconds": medians, "score": scores, "times faster": min(peers, default=np.nan) / medians["ours"]}
            net = WORKS[title].net
            if net is not None and WORKS[title].do == "fit":
                X, y, *_ = data(WORKS[title].data, args.mnist)
                row["share of bare rate"] = net.flops(len(X), X.shape[1], len(set(y))) / medians["ours"] / rate
            results["works"][title] = row
            print(f"\n{title}: {row['times faster']:.2f} times faster than the best peer")
            for name in able:
                score = f", score {scores[name]:.4f}" if name in scores else ""
                print(f"    {name:25s}{medians[name]:9.3f} s{score}", flush=True)
            if "share of bare rate" in row:
                print(f"    {row['share of bare rate']:.0%} of the bare rate")
        if not args.only:
            results["growth"] = {name: process().submit(slope, by).result() for name, by in SLOPES.items()}
            title = next(title for title in WORKS if "convnet (8" in title)
            results["megabytes"] = {
                what: process().submit(memory, title, n, args.mnist).result()
                for what, n in {
                    "fitting a convnet to 60,000 images": 0,
                    "predicting 10,000 images": 10_000,
                    "predicting 100,000 images": 100_000,
                }.items()
            }
            results["seconds of a search by n_jobs"] = {n: process().submit(search_time, n).result() for n in (1, 2)}
            print("\nSeconds of a search by n_jobs", results["seconds of a search by n_jobs"])
            print("Time grows by", {name: round(factor, 1) for name, factor in results["growth"].items()})
            print("Megabytes on top of the data", {name: round(mb) for name, mb in results["megabytes"].items()})
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
