"""
A training that is cut off, and goes on
=======================================

``checkpoint`` names a file that gets the whole state of a training after each epoch. When the power fails, the same
call of ``fit`` goes on from the last finished epoch.
"""

import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from sknn_scratch import MLPClassifier
from sknn_scratch.callbacks import WeightHistory

X, y = load_digits(return_X_y=True)

# %%
# Here a callback breaks off the training in epoch 15. Its file has the 14 epochs before. The second ``fit`` counts, by
# another callback, how many it has still to do.


class PowerCut(WeightHistory):
    """Fail in the fifteenth epoch."""

    def on_fit_task_end(self, estimator, context):
        if len(estimator.history_["loss"]) == 15:
            raise RuntimeError("no more power")


settings = {"hidden_layer_sizes": (20,), "max_iter": 40, "random_state": 0}
with tempfile.TemporaryDirectory() as folder:
    mlp = MLPClassifier(**settings, checkpoint=Path(folder) / "digits")
    try:
        mlp.set_callbacks(PowerCut()).fit(X, y)
    except RuntimeError as error:
        print("The training ended by:", error)
    epochs = WeightHistory()
    mlp.set_callbacks(epochs).fit(X, y)
print(f"{len(epochs.epochs_)} of {mlp.n_iter_} epochs were left")

# %%
# A training that was never cut off ends with the same weights, bit for bit.

whole = MLPClassifier(**settings).fit(X, y)
same = all(np.array_equal(a, b) for a, b in zip(mlp.coefs_, whole.coefs_, strict=True))
print(f"the same weights: {same}")
