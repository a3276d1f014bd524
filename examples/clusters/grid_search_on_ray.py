"""
A grid search on Ray
====================

scikit-learn runs parallel work through joblib, which can use Ray's workers as a backend. Here they are two processes on
this machine; ``ray.init(address="auto")`` connects to the Ray cluster that this machine is part of.
"""

import joblib
import ray
from ray.util.joblib import register_ray
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from sknn_scratch import MLPClassifier

X, y = load_digits(return_X_y=True)
grid = {"hidden_layer_sizes": [(16,), (64,)], "alpha": [1e-4, 1e-2]}
search = GridSearchCV(MLPClassifier(random_state=0), grid, cv=3)

ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
register_ray()
try:
    with joblib.parallel_config(backend="ray"):
        search.fit(X, y)
finally:
    ray.shutdown()
print(f"on Ray: {search.best_params_}, accuracy {search.best_score_:.3f} in cross-validation")
