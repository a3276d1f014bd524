"""Targets with one answer a step: y of each sequence is an array with as many entries as the sequence has steps."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.utils import assert_all_finite, check_consistent_length

from .._typing import Floats
from ..nn.arena import Array
from ..nn.per_step import PerStep
from .kinds import read_y
from .sequences import is_list
from .targets import Labels, Quantities, Target

Lengths = npt.NDArray[np.intp]


def read_steps(y: Any, lengths: Lengths, n_steps: int, *, labels: bool) -> Array:
    """Return y as an array of objects: for each row of X an array with an entry for each of its steps.

    Parameters
    ----------
    y : array-like of shape (n, steps) or (n, steps, n_outputs), or list of array-like of shape (steps_i, ...)
        What the user passed. Entries after the end of a sequence are not read.
    lengths : ndarray of shape (n,)
        Steps of each row of X.
    n_steps : int
        Steps of X, padding included: those that an array has for each row.
    labels : bool
        Whether the entries are labels, else numbers.
    """
    parts = list(y if is_list(y) else np.atleast_1d(y))
    check_consistent_length(lengths, parts)
    rows = np.empty(len(parts), dtype=object)
    n_axes = np.ndim(parts[0])
    for i, (part, length) in enumerate(zip(parts, lengths, strict=True)):
        shape = np.shape(part)
        needed = length if is_list(y) else n_steps
        if len(shape) not in (1, 2) or len(shape) != n_axes or shape[0] != needed:
            raise ValueError(
                f"With targets='step', y needs an entry for each step of X. Row {i} of X has {needed} steps, and its y "
                f"has shape {shape}."
            )
        rows[i] = read_y(part[:length], labels=labels, name=f"y[{i}]")
    texts = [part.dtype.kind in "OUS" for part in rows]
    if len(set(texts)) == 2:
        raise ValueError(
            f"Unknown label type: y[{texts.index(True)}] has text, and y[{texts.index(False)}] numbers. Pass labels of "
            "one kind, as [np.asarray(part, dtype=str) for part in y]."
        )
    numbers = np.concatenate(list(rows))
    if numbers.dtype.kind == "f":
        assert_all_finite(numbers, input_name="y")
    return rows


@dataclass(eq=False)
class Steps(Target):
    """One answer a step, each as another target has it.

    Encoded, it is NaN where a sequence has ended.

    Parameters
    ----------
    step : Target
        The target of a step.
    mean_steps : float, default=1.0
        Mean number of steps of the training set.
    """

    step: Labels | Quantities
    mean_steps: float = 1.0

    def __post_init__(self) -> None:
        self.n_outputs = self.step.n_outputs  # of each step
        self.loss = PerStep(self.step.loss, self.n_outputs, self.mean_steps)
        self.penalty = self.step.penalty

    def numbers(self, y: Array, name: str = "y") -> Floats:
        lengths = [len(part) for part in y]
        numbers = np.full((len(y), max(lengths), self.n_outputs), np.nan)
        numbers[np.arange(max(lengths)) < np.array(lengths)[:, None]] = self.step.numbers(np.concatenate(list(y)), name)
        return numbers.reshape(len(y), -1)

    def measured(self, numbers: Floats, sample_weight: Floats | None) -> Self:
        steps, there = self._steps(numbers)
        weight = np.ones(len(numbers)) if sample_weight is None else sample_weight
        of_steps = (weight[:, None] * there)[there]
        mean_steps = float(np.average(there.sum(axis=1), weights=weight))
        return replace(self, step=self.step.measured(steps, of_steps), mean_steps=mean_steps)

    def encode(self, numbers: Floats) -> Floats:
        steps = numbers.reshape(-1, self.n_outputs)
        return self.step.encode(steps).reshape(numbers.shape)

    def decode(self, raw: Floats) -> Array:
        return self.step.decode(raw)

    def truth(self, encoded: Floats) -> Array:
        return encoded

    def score(self, truth: Array, raw: Floats, sample_weight: Floats | None) -> float:
        steps, there = self._steps(truth)
        weight = None if sample_weight is None else (sample_weight[:, None] * there)[there]
        outputs = raw.reshape(len(raw), -1, self.n_outputs)[:, : there.shape[1]]
        return self.step.score(self.step.truth(steps), outputs[there], weight)

    def _steps(self, numbers: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Return the numbers of all steps that are there, and where they are."""
        steps = numbers.reshape(len(numbers), -1, self.n_outputs)
        there = ~np.isnan(steps[:, :, 0])
        return steps[there], there
