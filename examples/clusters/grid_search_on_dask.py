"""
A grid search on a Dask cluster
===============================

scikit-learn runs parallel work through joblib, which can use Dask's workers as a backend. Here they are two processes
on this machine. ``Client("tcp://scheduler:8786")`` connects to a real cluster, whose workers need this package
installed too.
"""

import joblib
from dask.distributed import Client, LocalCluster
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from sknn_scratch import MLPClassifier

if __name__ == "__main__":  # the workers import this file too and must not start clusters
    X, y = load_digits(return_X_y=True)
    grid = {"hidden_layer_sizes": [(16,), (64,)], "alpha": [1e-4, 1e-2]}
    search = GridSearchCV(MLPClassifier(random_state=0), grid, cv=3)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        search.fit(X, y)
    print(f"on Dask: {search.best_params_}, accuracy {search.best_score_:.3f} in cross-validation")
