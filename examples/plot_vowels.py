"""
Speaker recognition with sequences of different lengths
=======================================================

A recurrent network predicts which of nine speakers spoke a vowel, from sequences of 7 to 29 steps with 12 features
each. X is a list of arrays, without padding or masks.

If the environment variable ``SKNN_SCRATCH_SERIES`` names a folder with ``JapaneseVowels_TRAIN.ts`` and
``JapaneseVowels_TEST.ts`` of timeseriesclassification.com, this script uses the data of M. Kudo, J. Toyama and M.
Shimbo (1999), recorded vowels; OpenML has them too, frame by frame (``fetch_openml("JapaneseVowels", version=1)``).
Otherwise it generates data: each speaker has a path in 12 dimensions, followed at different speeds and with noise.
"""

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import StratifiedKFold, cross_val_score

from sknn_scratch import RecurrentClassifier
from sknn_scratch.inspection import SaliencyDisplay, StatesDisplay


def read(path):  # in each line the features, separated by colons, and the class
    lines = [line.strip().split(":") for line in path.read_text().splitlines() if line[:1] not in ("#", "@", "")]
    return [np.array([part.split(",") for part in parts[:-1]], float).T for parts in lines], [int(p[-1]) for p in lines]


def make_up(n, rng):
    """Return made-up vowels: points of the path of a speaker, at 7 to 29 times from 0 to 1."""
    speakers = rng.integers(1, 10, n)
    shapes = np.random.default_rng(1).normal(size=(10, 3, 12))  # three waves for each speaker
    times = [np.linspace(0, 1, length)[:, None] for length in rng.integers(7, 30, n)]
    waves = [np.cos(np.pi * t * np.arange(3)) @ shapes[k] for t, k in zip(times, speakers, strict=True)]
    return [wave + rng.normal(0, 1.5, wave.shape) for wave in waves], list(speakers)


folder = os.environ.get("SKNN_SCRATCH_SERIES")
if folder:
    (X, y), (X_test, y_test) = (read(Path(folder) / f"JapaneseVowels_{part}.ts") for part in ("TRAIN", "TEST"))
else:
    rng = np.random.default_rng(0)
    (X, y), (X_test, y_test) = make_up(270, rng), make_up(370, rng)
print(f"{len(X)} sequences of {min(map(len, X))} to {max(map(len, X))} steps")

# %%
# Lists of sequences can be used in cross-validation and searches.

clf = RecurrentClassifier((24,), max_iter=25, random_state=0)
scores = cross_val_score(clf, X, y, cv=StratifiedKFold(2))
print(f"cross-validation {scores.mean():.3f}, test set {clf.fit(X, y).score(X_test, y_test):.3f}")

# %%
# The states of the units for three speakers, and the influence of each feature at each step on the prediction.

StatesDisplay.from_estimator(clf, X_test[::130], labels=[f"speaker {k}" for k in y_test[::130]])
SaliencyDisplay.from_estimator(clf, X_test[::130])
plt.show()
