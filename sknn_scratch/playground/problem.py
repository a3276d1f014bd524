"""Points of the plane to learn: data sets by name, arrays, or a CSV file, all within [-6, 6]."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_digits, make_moons
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_array, check_consistent_length, column_or_1d

from .._typing import Floats
from ..comparison.problem import read_csv

CLASSES = ("circle", "xor", "gauss", "spiral", "moons", "three", "pinwheel")
QUANTITIES = ("reg-plane", "reg-gauss")
MOST_ROWS, MOST_CLASSES = 2000, 10
HILLS = ((-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1))  # x, y, sign


@dataclass(frozen=True)
class Problem:
    """Points and answers, which are class numbers or, of a regression, numbers; and what they are called."""

    X: Floats
    y: npt.NDArray[np.integer] | Floats
    is_regression: bool
    axes: Sequence[str] = ("x", "y")
    labels: Sequence[str] = field(default=())


def make_dataset(
    name: str, *, n_samples: int | None = None, noise: float = 0.0, random_state: int = 0
) -> tuple[Floats, npt.NDArray[np.integer] | Floats]:
    """Return a data set of the playground.

    Parameters
    ----------
    name : {"circle", "xor", "gauss", "spiral", "moons", "three", "pinwheel", "reg-plane", "reg-gauss"}
        The first four and the last two are those of TensorFlow's playground; "three" has three classes and "pinwheel"
        five.
    n_samples : int, default=None
        Number of points; None is 500, and 1200 for regression.
    noise : float, default=0.0
        Strength of the noise: 0 is none and 0.5 a lot.
    random_state : int, default=0
        Decides the points.

    Returns
    -------
    X : ndarray of shape (n_samples, 2)
        Points.
    y : ndarray of shape (n_samples,)
        Classes 0, 1, ..., or numbers from -1 to 1.

    Examples
    --------
    >>> from sknn_scratch.playground import make_dataset
    >>> X, y = make_dataset("circle", n_samples=100)
    >>> X.shape, y[:3]
    ((100, 2), array([1, 1, 1]))
    """
    if name not in CLASSES + QUANTITIES:
        raise ValueError(f"There is no data set {name!r}: choose one of {', '.join(CLASSES + QUANTITIES)}.")
    n = (1200 if name in QUANTITIES else 500) if n_samples is None else n_samples
    rng = np.random.default_rng(random_state)
    if name in QUANTITIES:
        X = rng.uniform(-6, 6, (n, 2))
        seen = X + noise * rng.uniform(-6, 6, (n, 2))
        if name == "reg-plane":
            return X, np.clip(seen.sum(axis=1) / 10, -1, 1)
        heights = np.stack([s * np.clip(1 - np.hypot(*(seen - (x, y)).T) / 2, 0, 1) for x, y, s in HILLS], axis=1)
        return X, np.take_along_axis(heights, np.abs(heights).argmax(axis=1)[:, None], axis=1)[:, 0]
    if name == "circle":
        inside = np.arange(n) < n // 2
        radius, angle = np.where(inside, rng.uniform(0, 2.5, n), rng.uniform(3.5, 5, n)), rng.uniform(0, 2 * np.pi, n)
        X = np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])
        return X, (np.hypot(*(X + noise * rng.uniform(-5, 5, (n, 2))).T) < 2.5).astype(int)
    if name == "xor":
        X = rng.uniform(-5, 5, (n, 2))
        X += 0.3 * np.where(X > 0, 1, -1)
        return X, (np.prod(X + noise * rng.uniform(-5, 5, (n, 2)), axis=1) >= 0).astype(int)
    if name == "moons":
        X, y = make_moons(n, noise=0.05 + noise, random_state=random_state)
        return np.clip((X - (0.5, 0.25)) * (3, 4), -6, 6), y
    k = {"three": 3, "pinwheel": 5}.get(name, 2)
    y = np.arange(n) * k // n
    if name == "gauss":
        X = np.where(y == 1, 2, -2)[:, None] + rng.normal(0, np.sqrt(0.5 + 7 * noise), (n, 2))
    elif name == "three":
        angle = 2 * np.pi * y / k + np.pi / 2
        X = 3 * np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(0, 0.8 + 3 * noise, (n, 2))
    else:  # arms that turn around the centre
        place = (np.arange(n) * k % n) / n
        turns = 1.75 if name == "spiral" else 0.5
        angle = turns * place * 2 * np.pi + 2 * np.pi * (1 - y if k == 2 else y) / k
        X = 5 * place[:, None] * np.column_stack([np.sin(angle), np.cos(angle)]) + noise * rng.uniform(-1, 1, (n, 2))
    return np.clip(X, -6, 6), y


def read_digits() -> Problem:
    """Return scikit-learn's handwritten digits, of 8 x 8 pixels from 0 to 1."""
    X, y = load_digits(return_X_y=True)
    return Problem(X / 16, y, False, labels=tuple("0123456789"))


def read_arrays(X: npt.ArrayLike, y: npt.ArrayLike, names: Sequence[str] = (), is_regression: bool = False) -> Problem:
    """Return rows of any numbers as points: their two columns, or the first two principal components of more."""
    table = check_array(X, dtype=np.float64, ensure_all_finite="allow-nan")
    answers = column_or_1d(y)
    check_consistent_length(table, answers)
    if len(table) > MOST_ROWS:
        kept = np.random.default_rng(0).permutation(len(table))[:MOST_ROWS]
        table, answers = table[kept], answers[kept]
    names = list(names) or [f"x{i}" for i in range(table.shape[1])]
    points = SimpleImputer(keep_empty_features=True).fit_transform(table)
    if points.shape[1] == 1:
        points, names = np.column_stack([points, np.zeros(len(points))]), [*names, ""]
    elif points.shape[1] > 2:
        points, names = PCA(2).fit_transform(StandardScaler().fit_transform(points)), ["PC 1", "PC 2"]
    middle, half = (points.max(axis=0) + points.min(axis=0)) / 2, np.ptp(points, axis=0) / 2
    axes = [f"{name}: {m - 1.2 * h:.3g} … {m + 1.2 * h:.3g}" for name, m, h in zip(names, middle, half, strict=True)]
    points = ((points - middle) / np.where(half > 0, half, 1) * 5).round(4)
    if is_regression:
        numbers = check_array(answers, dtype=np.float64, ensure_2d=False)
        return Problem(points, (2 * (numbers - numbers.min()) / (np.ptp(numbers) or 1) - 1).round(4), True, axes)
    labels, numbers = np.unique(answers, return_inverse=True)
    if len(labels) > MOST_CLASSES:
        raise ValueError(
            f"The page has colours for {MOST_CLASSES} classes, and y has {len(labels)}: pass a regressor for numbers."
        )
    return Problem(points, numbers, False, axes, [str(label) for label in labels])


def read_file(path: str | Path, target: str | None, columns: Sequence[str] = ()) -> Problem:
    """Return two named columns of a CSV file, or the principal components of all that are numbers."""
    table = read_csv(path, target)
    names = table.columns
    if unknown := [name for name in columns if name not in names]:
        raise ValueError(f"There is no column {unknown[0]!r}: choose two of {', '.join(names)}.")
    chosen = [names.index(name) for name in columns] or sorted({*range(len(names))} - {*table.text_columns})
    texts = [names[i] for i in chosen or table.text_columns if i in table.text_columns]
    if texts:
        why = [remark for remark in table.remarks if any(f"Column {name!r} " in remark for name in texts)]
        which = ", ".join(map(repr, texts))
        raise ValueError(" ".join([f"The axes of the plane need columns of numbers, not of text: {which}.", *why]))
    X = table.X[:, chosen].astype(np.float64)
    points = read_arrays(X, table.y, [names[i] for i in chosen], table.task == "regression")
    return replace(points, labels=[table.classes[int(label)] for label in points.labels])


def read_upload(content: bytes, target: str | None, columns: Sequence[str] = ()) -> Problem:
    """Return the same of a file's content."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.csv")
        path.write_bytes(content)
        try:
            return read_file(path, target, columns)
        except ValueError as error:
            raise ValueError(str(error).replace(f"{path}", path.name)) from error
