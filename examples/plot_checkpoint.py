"""
Resuming an interrupted training
================================

With ``checkpoint``, the complete state of training is saved to a file after each epoch. After an interruption, the same
call of ``fit`` continues from the last finished epoch.
"""

import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from sknn_scratch import MLPClassifier
from sknn_scratch.callbacks import WeightHistory

X, y = load_digits(return_X_y=True)

# %%
# Here a callback interrupts training in epoch 15. The checkpoint contains the first 14 epochs. In the second ``fit``,
# another callback counts the remaining epochs.


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
# An uninterrupted training ends with bit-identical weights.

whole = MLPClassifier(**settings).fit(X, y)
same = all(np.array_equal(a, b) for a, b in zip(mlp.coefs_, whole.coefs_, strict=True))
print(f"the same weights: {same}")
