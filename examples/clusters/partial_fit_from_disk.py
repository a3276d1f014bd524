"""
Training from files that are larger than memory
===============================================

``partial_fit`` trains for one epoch on the rows it is given, so one chunk of a file has to be in memory: a slice of
a memory-mapped array, a row group of a Parquet file, or a chunk of a Zarr array. The same chunks in the same order give
the same network. The progress bar is rich's; each pass over the file is one bar.
"""

import tempfile
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import zarr
from rich.progress import track
from sklearn.datasets import make_classification

from sknn_scratch import MLPClassifier

ROWS, PASSES = 1000, 5  # of a chunk; over the file


def slices(path):
    """Read an array of numpy: nothing but the rows that are used comes from the disk."""
    rows = np.load(path, mmap_mode="r")
    for start in range(0, len(rows), ROWS):
        yield rows[start : start + ROWS]


def row_groups(path):
    """Read a Parquet file, a row group at a time: its size is decided where the file is written."""
    file = pyarrow.parquet.ParquetFile(path)
    for group in range(file.num_row_groups):
        yield np.column_stack([column.to_numpy() for column in file.read_row_group(group).columns])


def blocks(path):
    """Read a Zarr array, a chunk at a time."""
    rows = zarr.open_array(path, mode="r")
    for start in range(0, rows.shape[0], rows.chunks[0]):
        yield rows[start : start + rows.chunks[0]]


# In the files the last column is y. They are small, so that this script is quick.
X, y = make_classification(20_000, n_informative=10, n_classes=4, n_clusters_per_class=3, flip_y=0.05, random_state=0)
rows, test = np.split(np.column_stack([X, y]).astype(np.float32), [18_000])

with tempfile.TemporaryDirectory() as folder:
    npy, parquet, store = (Path(folder) / name for name in ("rows.npy", "rows.parquet", "rows.zarr"))
    np.save(npy, rows)
    table = pyarrow.table({str(number): column for number, column in enumerate(rows.T)})
    pyarrow.parquet.write_table(table, parquet, row_group_size=ROWS)
    zarr.create_array(store, data=rows, chunks=(ROWS, rows.shape[1]))

    n_chunks = len(rows) // ROWS
    for name, read, path in (("npy", slices, npy), ("Parquet", row_groups, parquet), ("Zarr", blocks, store)):
        # max_iter, the length of the learning-rate schedule, counts chunks
        net = MLPClassifier((64,), max_iter=PASSES * n_chunks, alpha=1e-4, random_state=0)
        for number in range(PASSES):
            for chunk in track(read(path), f"{name}, pass {number + 1}", total=n_chunks):
                net.partial_fit(chunk[:, :-1], chunk[:, -1], classes=range(4))
        accuracy = net.score(test[:, :-1], test[:, -1])
        print(f"{name}: {net.n_iter_} chunks, accuracy {accuracy:.3f} on {len(test)} other rows")
