"""
Resuming an interrupted training
================================

With ``checkpoint``, the complete state of training is saved to a file after each epoch. After an interruption, the same
call of ``fit`` continues from the last finished epoch.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
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

loss = mlp.history_["loss"]
figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
ax.semilogy(range(1, 15), loss[:14], label="before the interruption")
ax.semilogy(range(15, len(loss) + 1), loss[14:], label="after it")
ax.set(xlabel="epoch", ylabel="loss", title="Loss of both parts of the training")
ax.legend()

# %%
# An uninterrupted training ends with bit-identical weights.

whole = MLPClassifier(**settings).fit(X, y)
same = all(np.array_equal(a, b) for a, b in zip(mlp.coefs_, whole.coefs_, strict=True))
print(f"the same weights: {same}")
plt.show()
