"""Sequences: arrays of steps of different lengths as one array, with NaN where a shorter one has ended."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.utils import check_array

from .._typing import MatrixLike
from ..nn.arena import Array
from ..nn.layers.sequence import count_steps, step_mask
from .kinds import read_X
from .shape import RowShape, Shape

DTYPES = [np.float64, np.float32]


@dataclass(frozen=True)
class SequenceShape(RowShape):
    """Shape of sequences, (steps, features), of which X may have any number of steps."""

    any_length = True
    checks: ClassVar[dict[str, object]] = {"accept_sparse": False, "ensure_all_finite": "allow-nan"}

    def read(self, X: MatrixLike, seen: Shape | None = None) -> tuple[MatrixLike, Shape | None]:
        """Return X as flat rows, NaN where a sequence has ended, and (steps, features) where it came as sequences."""
        series = seen[1] == 1 if seen else is_list(X) and self.given is None
        came: Any = read_X(X)
        if is_list(came):
            came = self._pad(came)
        if getattr(came, "ndim", 2) == 2 and series and isinstance(came, np.ndarray):
            came = came[:, :, None]  # series that are of equal lengths by chance
        if getattr(came, "ndim", 2) <= 2:
            return came, None
        self.complete(came.shape[1:])  # refuses more axes
        rows = check_array(came, dtype=DTYPES, ensure_all_finite="allow-nan", allow_nd=True)
        if self.given is not None:
            self._check_features(rows, self.complete_given()[1])
        elif seen is not None:
            self._check_features(rows, seen[1])
        if min(rows.shape[1:]) < 1:
            raise ValueError(
                f"X has sequences of {rows.shape[1]} steps of {rows.shape[2]} features; both must be >= 1."
            )
        rows = rows[:, : max(1, count_steps(rows).max())]
        return rows.reshape(len(rows), -1), rows.shape[1:]

    def check_rows(self, rows: Any, seen: Shape | None) -> None:
        """Refuse rows that have NaN before their end, and rows without steps."""
        steps = rows.reshape(len(rows), -1, self.resolve(rows.shape[1], seen)[1])
        missing = np.isnan(steps)
        if not missing.any():
            return
        lengths = count_steps(steps)
        if (lengths == 0).any():
            raise ValueError(f"Input X has a sequence of no steps, or of NaN alone: row {np.argmin(lengths)}.")
        wrong = missing.any(axis=2) & step_mask(lengths, steps.shape[1])
        if wrong.any():
            row, step = np.argwhere(wrong)[0]
            raise ValueError(
                f"Input X contains NaN: row {row} has one at step {step}, with numbers beside or after it. NaN may "
                "only pad the end of a shorter sequence; impute values that are missing."
            )

    def _pad(self, X: Any) -> MatrixLike:
        """Return sequences as one array, of 3 dimensions unless they are rows of equal length."""
        parts = [np.asarray(read_X(x)) for x in X]
        dimensions = {part.ndim for part in parts}
        if not parts or dimensions == {0}:
            return np.asarray(X)  # scikit-learn's message for arrays of one dimension
        if len(dimensions) > 1 or not dimensions <= {1, 2}:
            row = next((i for i, part in enumerate(parts) if part.ndim not in (1, 2)), None)
            row = row if row is not None else next(i for i, part in enumerate(parts) if part.ndim != parts[0].ndim)
            raise ValueError(
                "X should hold sequences of shape (steps, features), or all of them of shape (steps,). Got "
                f"{parts[0].shape} in row 0 and {parts[row].shape} in row {row}."
            )
        lengths = [len(part) for part in parts]
        if min(lengths) == 0:
            raise ValueError(f"X has a sequence of no steps in row {lengths.index(0)}.")
        if dimensions == {1}:
            if min(lengths) == max(lengths):
                return np.stack(parts)
            parts = [part[:, None] for part in parts]
        n_features = parts[0].shape[1]
        for row, part in enumerate(parts):
            if part.shape[1] != n_features:
                raise ValueError(
                    f"X has sequences of shape (steps, features). Row 0 has {n_features} features, row {row} has "
                    f"{part.shape[1]}: {part.shape}."
                )
        parts = [check_array(part, dtype=DTYPES, ensure_all_finite="allow-nan") for part in parts]
        padded = np.full((len(parts), max(lengths), n_features), np.nan, np.result_type(*{p.dtype for p in parts}))
        for row, part in zip(padded, parts, strict=True):
            row[: len(part)] = part
        return padded

    def _check_features(self, rows: Array, n_features: int) -> None:
        if rows.shape[2] != n_features:
            why = "" if self.given is None else f", as sequence_shape={tuple(self.given)} has it"
            swapped = (
                " Its steps and features seem to be swapped: pass X.transpose(0, 2, 1)."
                if rows.shape[1] == n_features
                else ""
            )
            raise ValueError(
                f"X should have shape (n, steps, {n_features}), with time along the second axis{why}, got "
                f"{rows.shape}.{swapped}"
            )


def is_list(X: Any) -> bool:
    """Return whether X is a list of rows, or an array or a column of objects, which may be arrays."""
    if isinstance(X, list | tuple):
        return True
    return len(getattr(X, "shape", ())) == 1 and str(getattr(X, "dtype", "")).startswith(("object", "List"))


def split_rows(values: Array, lengths: npt.NDArray[np.integer]) -> list[Array]:
    """Return values of all steps, row after row, as a list with an array for each row."""
    return np.split(values, np.cumsum(lengths)[:-1])


def n_steps(X: Any, lengths: npt.NDArray[np.integer], n_features: int) -> int:
    """Return the number of steps of X, padding included; of a list that of the longest sequence."""
    return int(lengths.max()) if is_list(X) else math.prod(np.shape(X)[1:]) // n_features
