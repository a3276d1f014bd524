"""The memory of each way to train on many rows: python examples/benchmarks/memory.py (needs the extra "cluster").

Each way runs in a process of its own, for one epoch. What is printed is the largest sum, over this process and the
processes it starts, of the memory that the system cannot take back (pages of mapped files, it can), less what the
process had after its imports and the start of its cluster.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil

from sknn_scratch import MLPClassifier

CHUNK, FEATURES = 10_000, 50
NET = MLPClassifier((32,), max_iter=1, alpha=1e-4, tol=0, random_state=0)


class Watch(threading.Thread):
    """Measure every 20 milliseconds until it is stopped."""

    def __init__(self):
        super().__init__(daemon=True)
        self.start_size, self.peak = self.size(), 0
        self.start()

    @staticmethod
    def size():
        total = 0
        for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
            try:
                memory = process.memory_info()
            except psutil.Error:  # it ended
                continue
            total += memory.rss - memory.shared
        return total

    def run(self):
        while True:
            self.peak = max(self.peak, self.size() - self.start_size)
            time.sleep(0.02)


def teach(chunks):
    for X, y in chunks:
        NET.partial_fit(X, y, classes=[0, 1])


def starts(rows):
    return range(0, rows.shape[0], CHUNK)


def fit_in_memory(folder):
    yield
    NET.fit(np.load(folder / "X.npy"), np.load(folder / "y.npy"))


def fit_float64(folder):
    yield
    NET.fit(np.load(folder / "X.npy").astype(float), np.load(folder / "y.npy"))


def fit_memmap(folder):
    yield
    NET.fit(np.load(folder / "X.npy", mmap_mode="r"), np.load(folder / "y.npy"))


def partial_fit_memmap(folder):
    yield
    X, y = (np.load(folder / name, mmap_mode="r") for name in ("X.npy", "y.npy"))
    teach((X[start : start + CHUNK], y[start : start + CHUNK]) for start in starts(X))


def partial_fit_parquet(folder):
    import pyarrow.parquet

    yield
    file = pyarrow.parquet.ParquetFile(folder / "rows.parquet")
    groups = (file.read_row_group(group).columns for group in range(file.num_row_groups))
    teach((np.column_stack([c.to_numpy() for c in columns[:-1]]), columns[-1].to_numpy()) for columns in groups)


def partial_fit_zarr(folder):
    import zarr

    yield
    X, y = (zarr.open_array(folder / name, mode="r") for name in ("X.zarr", "y.zarr"))
    teach((X[start : start + CHUNK], y[start : start + CHUNK]) for start in starts(X))


def incremental_dask(folder):
    import dask.array as da
    from dask.distributed import Client
    from dask_ml.wrappers import Incremental

    with Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=None):
        yield
        X, y = (da.from_zarr(folder / name) for name in ("X.zarr", "y.zarr"))
        Incremental(NET, random_state=0, shuffle_blocks=False).fit(X, y, classes=[0, 1])


def search(folder):
    from sklearn.model_selection import GridSearchCV

    yield
    grid = GridSearchCV(NET, {"alpha": [1e-4, 1e-2]}, cv=2, n_jobs=2, refit=False)
    grid.fit(np.load(folder / "X.npy"), np.load(folder / "y.npy"))


WAYS = [fit_in_memory, fit_float64, fit_memmap, partial_fit_memmap, partial_fit_parquet, partial_fit_zarr,
        incremental_dask, search]  # fmt: skip


def write(folder, n_rows):
    import pyarrow
    import pyarrow.parquet
    import zarr

    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_rows, FEATURES), dtype=np.float32)
    y = (X[:, 0] * X[:, 1] > 0).astype(np.int64)
    np.save(folder / "X.npy", X)
    np.save(folder / "y.npy", y)
    table = pyarrow.table({f"x{number}": column for number, column in enumerate(X.T)} | {"y": y})
    pyarrow.parquet.write_table(table, folder / "rows.parquet", row_group_size=CHUNK)
    zarr.create_array(folder / "X.zarr", data=X, chunks=(CHUNK, FEATURES))
    zarr.create_array(folder / "y.zarr", data=y, chunks=(CHUNK,))
    print(f"{n_rows:,} rows of {FEATURES} numbers in float32: {X.nbytes / 1e6:.0f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--way", choices=[way.__name__ for way in WAYS], help="only this one, from files in --folder")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.way:
        steps = globals()[options.way](options.folder)
        next(steps)  # imports, and the cluster
        watch, begin = Watch(), time.perf_counter()
        next(steps, None)
        print(f"{options.way:20} {watch.peak / 1e6:6.0f} MB {time.perf_counter() - begin:6.1f} s", flush=True)
    else:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), options.rows)
            for way in WAYS:
                subprocess.run([sys.executable, "-W", "ignore", __file__, "--way", way.__name__, "--folder", folder])
