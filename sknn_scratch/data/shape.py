"""A row shape says what one row of X is: features, an image, a sequence."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from sklearn.utils import check_array

from .._typing import MatrixLike
from ..nn.layers.base import Shape
from .kinds import read_X


@dataclass(frozen=True)
class RowShape:
    """What an estimator takes a row of X for: as it is given, else as it came, else as it is guessed.

    Parameters
    ----------
    axes : tuple of str, default=()
        The axes of a row, such as ("height", "width", "channels"); () for rows of any number of dimensions. An array
        without the last axis has one entry there.
    parameter : str, default=""
        The parameter of the estimator that gives the shape, for errors.
    given : tuple of int, default=None
        Its value.
    guess : callable, default=None
        The shape of a flat row by its length; None leaves flat rows flat.
    flat : bool, default=False
        Whether the rows of arrays are flattened.
    doubt : callable, default=None
        What may be wrong with the shape of the rows of an array, a sentence, or None.

    Attributes
    ----------
    any_length : bool
        Whether the first axis of arrays may have another length in each call.
    checks : dict
        Options of scikit-learn's checks of X.
    """

    axes: tuple[str, ...] = ()
    parameter: str = ""
    given: Sequence[int] | None = None
    guess: Callable[[int], Shape] | None = None
    flat: bool = False
    doubt: Callable[[Shape], str | None] | None = None

    any_length = False
    checks: ClassVar[dict[str, object]] = {}

    def read(self, X: MatrixLike, seen: Shape | None = None) -> tuple[MatrixLike, Shape | None]:
        """Return X with a flat row for each sample, and the shape of a row where X has more than two dimensions.

        Parameters
        ----------
        X : array-like or sparse matrix
            What the user passed.
        seen : tuple of int, default=None
            Shape of the rows of the arrays that the estimator was fitted with.
        """
        X = read_X(X)
        if getattr(X, "ndim", 2) <= 2:
            _check_one_array(X)
            return X, None
        rows = check_array(X, dtype=[np.float64, np.float32], ensure_2d=False, allow_nd=True)
        return rows.reshape(len(rows), -1), rows.shape[1:]

    def check_rows(self, rows: Any, seen: Shape | None) -> None:
        """Refuse flat rows that no network can take."""

    def resolve(self, n_features: int, seen: Shape | None) -> Shape:
        """Return the shape of rows that came with so many numbers each, as arrays of shape `seen` or flat."""
        if self.flat:
            return (n_features,)
        came = None if seen is None else self.complete(seen)
        if self.any_length and came is not None:
            return came
        if self.given is None:
            return came or (self.guess(n_features) if self.guess else (n_features,))
        given = self.complete_given()
        if math.prod(given) != n_features or came not in (None, given):
            what = f"rows of shape {came}" if came else f"{n_features} features a row"
            raise ValueError(
                f"{self.parameter}={self.given} needs {math.prod(given)} features a row, got {what}. Pass the shape of "
                f"your rows, or leave {self.parameter}=None.{self._rearranged(came, given)}"
            )
        return given

    def check_seen(self, seen: Shape | None, fitted: Shape | None, input_shape: Shape, name: str) -> None:
        """Refuse arrays whose rows have another shape than those that an estimator was fitted with.

        Parameters
        ----------
        seen : tuple of int or None
            Shape of the rows; None for flat ones.
        fitted : tuple of int or None
            That of `fit`.
        input_shape : tuple of int
            Shape of a row in the network.
        name : str
            Name of the estimator.
        """
        if seen is None or (self.flat and fitted is None):
            return
        seen, expected = self.complete(seen), self.complete(fitted or input_shape)
        if self.any_length:
            seen, expected = seen[1:], expected[1:]
        if seen != expected:
            raise ValueError(f"X has rows of shape {seen}, but {name} is expecting rows of shape {expected}.")

    def _rearranged(self, came: Shape | None, given: Shape) -> str:
        """Return how rows become those of the given shape where they differ by axes of length 1 or by their order."""
        if came == (given[-1], *given[:-1]):
            return f" If the {self.axes[-1]} come first in X, pass np.moveaxis(X, 1, -1)."
        if came and [n for n in came if n != 1] == [n for n in given if n != 1]:
            return f" Or pass X.reshape({(-1, *given)})."
        return ""

    def doubtful(self, seen: Shape | None) -> str | None:
        """Return what may be wrong where an array's rows of this shape are taken as they came, or None."""
        return self.doubt(seen) if self.doubt and seen is not None and self.given is None else None

    def by_hand(self, shapes: Sequence[Shape], width: int | None) -> Shape:
        """Return the shape of the rows that a network takes: as given, of this length, or as its weights tell.

        Parameters
        ----------
        shapes : sequence of tuple
            The shapes of its weights, first layer first. The first of two axes or more has one for the features.
        width : int or None
            Numbers of a row, where the layers tell.
        """
        if self.given is not None:
            return self.complete_given()
        if self.axes:
            raise ValueError(f"Weights by hand need {self.parameter}: they do not tell the shape of a row.")
        if width is not None:
            return (width,)
        for shape in shapes:
            if len(shape) >= 2:  # a gain of one axis or none has no axis of features
                return shape[:1]
        raise ValueError(
            "Weights by hand tell the number of features by the first of coefs with two axes, (n_features, n_units), "
            f"got the shapes {list(shapes)}. In `layers`, Reshape((n_features,)) in the first place tells it too."
        )

    def complete_given(self) -> Shape:
        """Return the shape that was given, with all its axes."""
        allowed = len(self.axes) - 1, len(self.axes)
        given = tuple(self.given or ())
        if len(given) not in allowed or not all(isinstance(n, Integral) and n >= 1 for n in given):
            *first, last = self.axes
            raise ValueError(
                f"{self.parameter} must be ({', '.join(first)}) or ({', '.join((*first, last))}), got {self.given}."
            )
        return self.complete(given)

    def is_row(self, shape: Shape | None, n_features: int, expected: Shape) -> bool:
        """Return whether an array of this shape is one row, of so many numbers or as an array of shape `expected`."""
        if shape == (n_features,):
            return True
        return shape is not None and self._without_ones(shape) == self._without_ones(expected)

    def _without_ones(self, shape: Shape) -> Shape:
        """Return a shape without the last axis where it may be left out."""
        return shape[:-1] if self.axes and len(shape) == len(self.axes) and shape[-1] == 1 else tuple(shape)

    def complete(self, shape: Shape) -> Shape:
        """Return the shape of an array's rows with all its axes."""
        if self.axes and len(shape) not in (len(self.axes) - 1, len(self.axes)):
            *first, last = ("n", *self.axes)
            raise ValueError(
                f"X should hold flat rows, of shape (n, n_features), or arrays of shape ({', '.join(first)}) or "
                f"({', '.join((*first, last))}). Got an array of {len(shape) + 1} dimensions, rows of shape {shape}."
            )
        missing = len(self.axes) - len(shape) if self.axes else 0
        return (*map(int, shape), *[1] * missing)


def _check_one_array(X: Any) -> None:
    """Refuse a list or a column of arrays, whose shapes may differ."""
    if isinstance(X, list | tuple) or (getattr(X, "ndim", 2) == 1 and X.dtype == object):
        shapes = list(dict.fromkeys(row.shape for row in X if isinstance(row, np.ndarray)))
        if len(shapes) == 1:
            raise ValueError(f"X has a column of arrays of shape {shapes[0]}. Pass one array: np.stack(list(X)).")
        if shapes:
            raise ValueError(
                f"X has arrays of different shapes, such as {shapes[0]} and {shapes[1]}. Give all rows the same shape, "
                "for example by resizing images."
            )


def as_one_row(X: MatrixLike) -> str:
    """Return what makes rows of one row."""
    if isinstance(X, np.ndarray):
        return "X[None]"
    return "X.to_frame().T" if hasattr(X, "iloc") else "np.asarray(X)[None]"
