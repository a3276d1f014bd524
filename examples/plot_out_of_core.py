"""
Out-of-core learning
====================

``partial_fit`` trains for one epoch on the rows it is given, so a file can be read chunk by chunk. The validation loss
on ``X_val`` and ``y_val`` is computed after each chunk. With ``early_stopping`` it determines when to stop.
``stop_reason_`` is None until then; afterwards the network has the weights with the best validation loss.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_classification

from sknn_scratch import MLPClassifier
from sknn_scratch.inspection import TrainingHistoryDisplay

# %%
# In the file, the first 20 columns are X, the last is y. It is small, so that this page is built quickly. ``mmap_mode``
# leaves it on disk and reads only the rows that are accessed.

folder = tempfile.TemporaryDirectory()
path = Path(folder.name) / "rows.npy"
X, y = make_classification(12_000, n_informative=10, n_classes=4, n_clusters_per_class=3, flip_y=0.05, random_state=0)
np.save(path, np.column_stack([X, y]))
del X, y

rows = np.load(path, mmap_mode="r")
X_val, y_val = rows[-2000:, :-1], rows[-2000:, -1]
chunks = [rows[start : start + 1000] for start in range(0, 10_000, 1000)]  # views: nothing is read yet

# %%
# ``max_iter``, the length of the learning-rate schedule, counts calls, and so does ``n_iter_no_change``. ``alpha`` is a
# number here, since "auto" would depend on the number of rows of one chunk.

net = MLPClassifier((128,), max_iter=200, alpha=1e-4, early_stopping=True, n_iter_no_change=10, random_state=0)
for call in range(500):
    chunk = chunks[call % len(chunks)]
    net.partial_fit(chunk[:, :-1], chunk[:, -1], classes=range(4), X_val=X_val, y_val=y_val)
    if net.stop_reason_:
        break

print(f"{net.n_iter_} chunks, {net.t_} rows; {net.stop_reason_}")
print(f"accuracy on the rows that decided: {net.score(X_val, y_val):.3f}")

# %%
# An epoch of these curves is one chunk. Each training loss is measured during training on that chunk.

TrainingHistoryDisplay.from_estimator(net)
plt.show()
del rows, chunks, chunk, X_val
folder.cleanup()
