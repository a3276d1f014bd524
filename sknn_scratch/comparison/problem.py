"""A problem is rows, their targets and what is asked of them. It has a name known here, or comes from a CSV file."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine

from ..datasets import fetch_mnist
from .column import Column, listed, read_columns
from .table import DELIMITERS, Table, read_table

TASKS = ("classification", "regression")
TABLES = {"iris": load_iris, "wine": load_wine, "breast_cancer": load_breast_cancer, "diabetes": load_diabetes}
NAMES = ("digits", *TABLES, "mnist")
UNEVEN = 1.5  # classes are uneven where the most frequent one has more than this many times the rows of the rarest
FEW_CLASSES = 10  # a column of whole numbers is a quantity, no class, when it has more values than this


@dataclass(frozen=True)
class Problem:
    """Rows X of shape (n, d), their targets y of shape (n,), and the task.

    `image_shape` is set where each row is an image. The columns `text_columns` hold strings; X is of dtype object then.
    `classes` are the names of the classes where these are numbered from 0. Of a file, `columns` are names too, and the
    `remarks` say how it was read, and what about it should be looked at.
    """

    name: str
    X: npt.NDArray[Any]
    y: npt.NDArray[Any]
    task: str
    image_shape: tuple[int, int] | None = None
    text_columns: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def sample(self, n_rows: int, seed: int) -> "Problem":
        """Return this many rows, drawn without replacement; all of them where there are not more."""
        if n_rows >= len(self.y):
            return self
        rows = np.random.default_rng(seed).choice(len(self.y), n_rows, replace=False)
        return replace(self, X=self.X[rows], y=self.y[rows])

    @property
    def class_sizes(self) -> dict[str, int]:
        """The number of rows of each class, the most frequent first; empty for regression."""
        if self.task == "regression":
            return {}
        labels, counts = np.unique(self.y, return_counts=True)
        names = [self.classes[label] if self.classes else str(label) for label in labels]
        return dict(sorted(zip(names, counts.tolist(), strict=True), key=lambda item: -item[1]))

    @property
    def is_uneven(self) -> bool:
        """Whether the classes have so different numbers of rows that accuracy tells little about the rare ones."""
        sizes = self.class_sizes.values()
        return bool(sizes) and max(sizes) > UNEVEN * min(sizes)

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
    table = TABLES[name]()
    classes = tuple(map(str, table.get("target_names", ())))
    return Problem(name, table.data, table.target, "classification" if classes else "regression", classes=classes)


def read_csv(path: str | PathLike[str], target: str | None, task: str | None = None) -> Problem:
    """Read a problem from a CSV file with a header. Rows without a target are left out.

    Parameters
    ----------
    path : str or path-like
        The file, as `read_table` takes it; columns are numbers or text as `read_columns` says.
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
    table = read_table(path)
    if len(table.header) < 2:
        raise ValueError(
            f"The first line of {path} has one name at most, {''.join(table.header)!r}: name two columns or more, "
            f"separated by one of {', '.join(DELIMITERS.values())}."
        )
    place = _place(target, table.header, path)
    if not table.rows:
        raise ValueError(f"{path} has a header, but no rows: add them.")
    columns = read_columns(table)
    answers = columns.pop(place)
    kept = ~answers.missing
    if not kept.any():
        raise ValueError(f"Column {target!r} of {path} is empty: choose another --target.")
    y, task, classes = _target(answers, kept, task)
    text_columns = tuple(place for place, column in enumerate(columns) if column.numbers is None)
    X = np.empty((len(table.rows), len(columns)), dtype=object if text_columns else np.float64)
    for place, column in enumerate(columns):
        X[:, place] = column.cells if column.numbers is None else column.numbers
    return Problem(
        Path(path).name,
        X[kept],
        y,
        task,
        text_columns=text_columns,
        columns=tuple(column.name for column in columns),
        classes=classes,
        remarks=tuple(_remarks(table, columns, answers, kept)),
    )


def _place(target: str | None, header: list[str], path: str | PathLike[str]) -> int:
    if target is None:
        raise ValueError(f"Which column of {path} is to be predicted? Pass --target and one of: {listed(header)}.")
    if header.count(target) > 1:
        raise ValueError(f"{path} has {header.count(target)} columns named {target!r}: rename all but one.")
    if target not in header:
        names = {name.lower(): name for name in header}
        close = [names[name] for name in get_close_matches(target.lower(), names)]
        hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
        raise ValueError(f"{path} has no column named {target!r}.{hint} Its first line has {listed(header)}.")
    return header.index(target)


def _target(
    column: Column, kept: npt.NDArray[np.bool_], task: str | None
) -> tuple[npt.NDArray[Any], str, tuple[str, ...]]:
    """Return the targets of the rows that are kept, classes as numbers from 0, the task, and names of the classes."""
    quantities = None if column.numbers is None else column.numbers[kept]
    if quantities is not None and np.isnan(quantities).any():
        raise ValueError(f"Column {column.name!r} has infinite numbers, which cannot be predicted: remove these rows.")
    answers = np.array(column.cells)[kept] if quantities is None else quantities
    classes, codes = np.unique(answers, return_inverse=True)
    if len(classes) == 1:
        value = column.cells[kept.argmax()]
        raise ValueError(f"Column {column.name!r} has one value only, {value!r}: choose another --target.")
    few = len(classes) <= FEW_CLASSES
    if quantities is None and (task == "regression" or (task is None and column.is_nearly_numeric and not few)):
        raise ValueError(
            f"Column {column.name!r} has cells that are no numbers, {listed(column.odd)}: {column.remedy}, empty "
            "them to leave their rows out, or pass --task classification."
        )
    if task is None:
        are_classes = quantities is None or (few and (quantities % 1 == 0).all())
        task = "classification" if are_classes else "regression"
    if quantities is not None and task == "regression":
        return quantities, task, ()
    return codes, task, tuple(f"{label:.15g}" if quantities is not None else str(label) for label in classes)


def _remarks(table: Table, columns: list[Column], answers: Column, kept: npt.NDArray[np.bool_]) -> Iterator[str]:
    if not table.encoding.startswith("UTF"):
        yield f"The file is not in UTF-8, and read as {table.encoding}: save it in UTF-8 if that is wrong."
    if not kept.all():
        empty = sorted({cell for cell, there in zip(answers.cells, kept, strict=True) if not there})
        yield (
            f"{np.count_nonzero(~kept):,} of {len(kept):,} rows have no target and are left out: "
            f"{answers.name!r} is {listed(empty)} there."
        )
    if text := [column.name for column in columns if column.numbers is None]:
        yield f"Text, one-hot encoded: {', '.join(map(repr, text))}."
    for name, count in Counter(table.header).items():
        if count > 1:
            yield f"{count} columns are named {name!r}, and each is read: rename them if that is wrong."
    for column in columns:
        if column.n_infinite:
            yield f"Column {column.name!r} has {column.n_infinite:,} infinite cells, which are taken as missing."
    about_target = answers.doubt or ("" if answers.is_nearly_numeric else answers.word_beside_numbers)
    for column, remark in [(answers, about_target), *((column, column.doubt or column.advice) for column in columns)]:
        if remark:
            yield f"Column {column.name!r} {remark}"
