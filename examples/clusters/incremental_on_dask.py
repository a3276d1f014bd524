"""
Training on a Dask array
========================

A Dask array may be larger than memory: it consists of blocks, of which only some are loaded at a time. ``Incremental``
of dask-ml calls ``partial_fit`` with one block after the other, as tasks on the cluster. Each call of
``Incremental.partial_fit`` is one more pass over all blocks.
"""

import dask.array as da
from dask.distributed import Client
from dask_ml.wrappers import Incremental
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_scratch import MLPClassifier

X, X_test, y, y_test = train_test_split(*load_digits(return_X_y=True), random_state=0)
X, y = da.from_array(X, chunks=(200, -1)), da.from_array(y, chunks=200)

with Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=None):
    # each block is a call, and max_iter, the length of the schedule, counts calls
    net = MLPClassifier(max_iter=10 * X.numblocks[0], alpha=1e-3, random_state=0)
    incremental = Incremental(net, random_state=0)
    for _ in range(10):
        incremental.partial_fit(X, y, classes=range(10))
    trained = incremental.estimator_
print(f"10 passes over {X.numblocks[0]} blocks, {trained.n_iter_} calls of partial_fit: ", end="")
print(f"accuracy {trained.score(X_test, y_test):.3f} on {len(y_test)} other digits")
