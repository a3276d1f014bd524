"""An observer says what is recorded of each epoch, and which of these numbers decides when to stop."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..data.targets import Target
from ..nn.arena import Array
from ..nn.learner import State
from ..nn.planes import PlanesEpoch
from ..nn.rows import Rows
from ..nn.trainer import Epoch
from .validation import Validation

WHAT = {
    "loss": "the training loss",
    "validation_loss": "the validation loss",
    "validation_score": "the validation score",
}


@dataclass
class NetworkObserver:
    """Observer of a network's training.

    Parameters
    ----------
    target : Target
        Encoding of y.
    rows : Rows
        The encoded rows, of which each epoch visits some.
    validation : Validation or None
        Rows that are not learned from.
    early_stopping : bool
        Whether these decide, where there are some.
    """

    target: Target
    rows: Rows
    validation: Validation | None
    early_stopping: bool

    @cached_property
    def _truth(self) -> Array:
        return self.target.truth(self.rows.target)

    @property
    def keeps_best(self) -> bool:
        """Whether the numbers that were best for the validation rows are kept, in place of the last ones."""
        return self.early_stopping and self.validation is not None

    def record(self, epoch: Epoch) -> dict[str, float]:
        """Return what goes into the history."""
        record = {"loss": epoch.loss}
        if epoch.raw.size:
            weight = None if self.rows.weight is None else self.rows.weight[epoch.index]
            record["score"] = self.target.score(self._truth[epoch.index], epoch.raw, weight)
        if self.validation is not None:
            record |= self.validation.record()
        return record | {"learning_rate": epoch.rate, "gradient_norm": epoch.gradient_norm}

    @property
    def key(self) -> str:
        """Return under which key of the history the number is that decides."""
        if not self.keeps_best or self.validation is None:
            return "loss"
        return "validation_score" if self.validation.decides_by_score else "validation_loss"

    @property
    def what(self) -> str:
        """Return the name of this number."""
        return WHAT[self.key]

    def watched(self, record: dict[str, float]) -> float:
        """Return the number that should fall."""
        number = record[self.key]
        return -number if self.key == "validation_score" else number

    def state(self) -> State:
        """Return what is needed to resume: whether the scoring has failed."""
        return {} if self.validation is None else {"failed": self.validation.failed}

    def restore(self, state: State) -> None:
        """Resume from such a state."""
        if self.validation is not None:
            self.validation.failed = bool(state.get("failed", False))


def still_falling(losses: Sequence[float], rates: Sequence[float]) -> bool:
    """Return whether more epochs would clearly have helped.

    That is where a third of the whole fall came in the second half of the way. The way is what the learning rates add
    up to: at the end of a cosine nothing falls any more, whether much was learned or not. With far too low a rate half
    of the fall comes there, up to a fifth where the defaults have done well.
    """
    way = np.cumsum(np.nan_to_num(rates, nan=1.0))  # L-BFGS has no rate
    halfway = np.interp((way[0] + way[-1]) / 2, way, losses)
    return len(losses) < 2 or bool(halfway - losses[-1] > (losses[0] - min(losses)) / 3)


class LossObserver:
    """Observer of a training without targets: its loss, which decides nothing."""

    keeps_best = False
    key = "loss"
    what = WHAT[key]

    def record(self, epoch: Epoch) -> dict[str, float]:
        """Return what goes into the history."""
        return {"loss": epoch.loss, "learning_rate": epoch.rate, "gradient_norm": epoch.gradient_norm}

    def watched(self, record: dict[str, float]) -> float:
        """Return the number that should fall."""
        return record[self.key]

    def state(self) -> State:
        """Return nothing: there is nothing to resume."""
        return {}

    def restore(self, state: State) -> None:
        """Resume from nothing."""


class PerceptronObserver(LossObserver):
    """Observer of the perceptron rule: the share of mistakes decides.

    The loss would be a poor judge: it grows with the weights, and its size depends on the units of X.
    """

    key = "share"
    what = "the share of mistakes"

    def record(self, epoch: PlanesEpoch) -> dict[str, float]:  # type: ignore[override]
        """Return what goes into the history."""
        return {"mistakes": epoch.n_mistakes, "share": epoch.share}
