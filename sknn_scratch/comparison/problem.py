"""A problem is rows, their targets and what is asked of them. It has a name known here, or comes from a CSV file."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine

from ..datasets import fetch_mnist

TASKS = ("classification", "regression")
TABLES = {"iris": load_iris, "wine": load_wine, "breast_cancer": load_breast_cancer, "diabetes": load_diabetes}
NAMES = ("digits", *TABLES, "mnist")
MISSING = {"", "?", "na", "n/a", "nan", "none", "null"}
FEW_CLASSES = 10  # a column of whole numbers is a quantity, no class, when it has more values than this


@dataclass(frozen=True)
class Problem:
    """Rows X of shape (n, d), their targets y of shape (n,), and the task.

    `image_shape` is set where each row is an image. The columns `text_columns` hold strings; X is of dtype object then.
    """

    name: str
    X: npt.NDArray[Any]
    y: npt.NDArray[Any]
    task: str
    image_shape: tuple[int, int] | None = None
    text_columns: tuple[int, ...] = ()

    def sample(self, n_rows: int, seed: int) -> "Problem":
        """Return this many rows, drawn without replacement; all of them where there are not more."""
        if n_rows >= len(self.y):
            return self
        rows = np.random.default_rng(seed).choice(len(self.y), n_rows, replace=False)
        return replace(self, X=self.X[rows], y=self.y[rows])

    def __str__(self) -> str:
        n_classes = f", {len(np.unique(self.y))} classes" if self.task == "classification" else ""
        n_text = f" ({len(self.text_columns)} of them text, one-hot encoded)" if self.text_columns else ""
        return f"{self.name}: {self.task}, {len(self.y)} rows, {self.X.shape[1]} columns{n_text}{n_classes}"


def load(name: str, folder: str | PathLike[str] | None = None) -> Problem:
    """Return the problem of this name; MNIST's training images from a folder, or else downloaded."""
    if name == "digits":
        X, y = load_digits(return_X_y=True)
        return Problem(name, X / 16, y, "classification", image_shape=(8, 8))
    if name == "mnist":
        X, y, *_ = fetch_mnist(folder)
        return Problem(name, X, y, "classification", image_shape=(28, 28))
    X, y = TABLES[name](return_X_y=True)
    return Problem(name, X, y, "regression" if name == "diabetes" else "classification")


def read_csv(path: str | PathLike[str], target: str | None, task: str | None = None) -> Problem:
    """Read a problem from a CSV file with a header.

    Columns may be separated by commas, semicolons or tabs. A column is numeric where each of its cells is a number or
    missing (empty, ``?``, ``NA``, ``NaN``, ``null``, ``none``, or infinite), else text. Rows without a target are left
    out.

    Parameters
    ----------
    path : str or path-like
        The file, in UTF-8.
    target : str
        Name of the column to predict.
    task : {"classification", "regression"}, default=None
        None takes text, and whole numbers of at most 10 different values, for classes, other numbers for quantities.

    Returns
    -------
    Problem
        Classes are numbered from 0 in sorted order.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        The file is no such table, has no such column, or the column does not fit the task.
    """
    header, rows = _cells(path)
    listing = ", ".join(header)
    if target is None:
        raise ValueError(f"Which column of {path} is to be predicted? Pass --target and one of: {listing}.")
    if header.count(target) != 1:
        raise ValueError(f"{path} has {header.count(target) or 'no'} columns named {target!r}, but: {listing}.")
    rows = [row for row in rows if not _is_missing(row[header.index(target)])]
    if not rows or len(header) == 1:
        raise ValueError(f"{path} needs rows with a target in {target!r}, and a column besides it.")
    columns = list(zip(*rows, strict=True))
    quantities, answers = _numbers(columns.pop(header.index(target))), [row[header.index(target)] for row in rows]
    numbers = [_numbers(column) for column in columns]
    text_columns = tuple(place for place, column in enumerate(numbers) if column is None)
    X = np.empty((len(rows), len(columns)), dtype=object if text_columns else np.float64)
    for place, (column, cells) in enumerate(zip(numbers, columns, strict=True)):
        X[:, place] = cells if column is None else column
    y, task = _target(target, answers, quantities, task)
    return Problem(Path(path).name, X, y, task, text_columns=text_columns)


def _cells(path: str | PathLike[str]) -> tuple[list[str], list[list[str]]]:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=max(",;\t", key=first.count), strict=True)
            header = [name.strip() for name in next(reader, [])]
            rows = []
            for row in filter(None, reader):
                if len(row) != len(header):
                    raise ValueError(
                        f"Line {reader.line_num} of {path} has {len(row)} cells, but the header has {len(header)}."
                    )
                rows.append([cell.strip() for cell in row])
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path} is not a CSV file in UTF-8: {error}.") from error
    return header, rows


def _is_missing(cell: str) -> bool:
    return cell.lower() in MISSING


def _numbers(cells: Sequence[str]) -> npt.NDArray[np.float64] | None:
    """Return the cells as numbers, NaN where missing or infinite, or None where one of them is text."""
    try:
        numbers = np.array([np.nan if _is_missing(cell) else float(cell) for cell in cells])
    except ValueError:
        return None
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _target(
    name: str, answers: list[str], quantities: npt.NDArray[np.float64] | None, task: str | None
) -> tuple[npt.NDArray[Any], str]:
    if quantities is not None and np.isnan(quantities).any():
        raise ValueError(f"Column {name!r} has infinite numbers, which cannot be predicted. Remove these rows.")
    classes, codes = np.unique(np.array(answers) if quantities is None else quantities, return_inverse=True)
    if len(classes) == 1:
        raise ValueError(f"Column {name!r} has one value only, {answers[0]!r}: there is nothing to predict.")
    if task is None:
        are_classes = quantities is None or (len(classes) <= FEW_CLASSES and (classes % 1 == 0).all())
        task = "classification" if are_classes else "regression"
    if task == "classification":
        return codes, task
    if quantities is None:
        raise ValueError(f"Column {name!r} has text, for example {answers[0]!r}, but regression predicts numbers.")
    return quantities, task
