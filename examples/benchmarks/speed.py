"""How fast is it? The same works, ours beside what else one would take, in one run.

    python examples/benchmarks/speed.py [--mnist FOLDER] [--rounds 3] [--threads 2] [--only WORD] [--busy] [--json FILE]
    python examples/benchmarks/speed.py --compare BEFORE.json AFTER.json

scikit-learn, PyTorch (in a plain loop, both memory formats) and skorch take part where they are installed. Each
contender has a process of its own, and they take turns; the table shows medians in seconds, how many times faster ours
is than the best of the others, and the share of the machine's bare matrix-product rate that our training reaches.
Without MNIST, random images take its place, which are the same work, though scores mean nothing then.

With ``--busy`` each work is then done again while other processes keep all cores busy. ``--compare`` shows the files of
two runs side by side; on a shared machine "times faster" can be compared, seconds only where the load was the same.
"""

import argparse
import json
import os
import platform
import time
import tracemalloc
import warnings
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from joblib import cpu_count, parallel_config
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


def spin():
    """Keep a core busy."""
    while True:
        pass


@contextmanager
def busy_cores():
    """Keep all cores busy, by a process for each."""
    spinning = [get_context("spawn").Process(target=spin, daemon=True) for _ in range(cpu_count())]
    for process in spinning:
        process.start()
    try:
        time.sleep(1)  # until they have started
        yield
    finally:
        for process in spinning:
            process.terminate()
            process.join()


def in_turns(processes, title, n_rounds, mnist):
    """Return median seconds and the last scores of all who can do a work; the first of several rounds warms up."""
    rounds = [
        {name: process.submit(measure, name, title, mnist).result() for name, process in processes.items()}
        for _ in range(n_rounds + (n_rounds > 1))
    ][-n_rounds:]
    able = [name for name in processes if rounds[0][name] is not None]
    seconds = {name: float(np.median([r[name][0] for r in rounds])) for name in able}
    peers = [seconds[name] for name in able if name != "ours"]
    result = {
        "seconds": seconds,
        "score": {name: rounds[-1][name][1] for name in able if rounds[-1][name][1] is not None},
        "load": load(),
    }
    return result | ({"times faster": min(peers) / seconds["ours"]} if peers else {})


def load():
    """Return how many processes wanted a core in the last minute; None where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def show(title, row):
    """Print the result of a work."""
    faster = f": {row['times faster']:.2f} times faster than the best peer" if "times faster" in row else ""
    print(f"\n{title}{faster}")
    for name, seconds in row["seconds"].items():
        score = f", score {row['score'][name]:.4f}" if name in row["score"] else ""
        slower = f", {row['busy']['seconds'][name] / seconds:.1f} times as long on busy cores" if "busy" in row else ""
        print(f"    {name:25s}{seconds:9.3f} s{score}{slower}", flush=True)
    if "share of bare rate" in row:
        print(f"    {row['share of bare rate']:.0%} of the bare rate")


def compare(*files):
    """Print the works of two runs side by side: our seconds, and how many times faster than the best peer we are."""
    before, after = (json.loads(Path(file).read_text(encoding="utf-8")) for file in files)
    for run in (before, after):
        print(f"{run['machine']}, {run['GFLOP/s']} GFLOP/s")
    print(f"\n{'work':62s}{'seconds':>18s}{'ratio':>8s}{'times faster':>16s}{'busy / quiet':>16s}")
    for title, new in after["works"].items():
        old = before["works"].get(title)
        if old is None:
            continue
        rows = (old, new)
        seconds = [row["seconds"]["ours"] for row in rows]
        faster = [row.get("times faster", np.nan) for row in rows]
        busy = [
            row["busy"]["seconds"]["ours"] / s if "busy" in row else np.nan
            for row, s in zip(rows, seconds, strict=True)
        ]
        pairs = [f"{a:.{digits}f} > {b:.{digits}f}" for (a, b), digits in ((seconds, 3), (faster, 2), (busy, 1))]
        print(f"{title:62s}{pairs[0]:>18s}{seconds[1] / seconds[0]:8.2f}{pairs[1]:>16s}{pairs[2]:>16s}")
    if missing := sorted(before["works"].keys() ^ after["works"].keys()):
        print("\nIn one of them only:", *missing, sep="\n    ")


def main():
    """Run the benchmark, or compare two runs of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mnist", metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", metavar="WORD", default="", help="only works with this word in their name")
    parser.add_argument("--busy", action="store_true", help="measure on busy cores too")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--compare", metavar=("BEFORE", "AFTER"), nargs=2, help="two files of --json")
    args = parser.parse_args()
    if args.compare:
        compare(*args.compare)
        return
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
        for title, work in WORKS.items():
            if args.only not in title:
                continue
            n_rounds = 1 if work.do == "defaults" else args.rounds  # minutes
            row = in_turns(processes, title, n_rounds, args.mnist)
            if args.busy:
                with busy_cores():
                    row["busy"] = in_turns(processes, title, n_rounds, args.mnist)
            if work.net is not None and work.do == "fit":
                X, y, *_ = data(work.data, args.mnist)
                row["share of bare rate"] = (
                    work.net.flops(len(X), X.shape[1], len(set(y))) / row["seconds"]["ours"] / rate
                )
            results["works"][title] = row
            show(title, row)
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
