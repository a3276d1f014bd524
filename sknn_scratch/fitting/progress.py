"""Progress is told of each epoch. It keeps the history and the best numbers, and says when to stop."""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..nn.lbfgs import LBFGS
from ..nn.network import Network
from ..nn.patience import Patience
from ..nn.trainer import Epoch, Trainer
from .checkpoint import Checkpoint
from .hooks import Hooks
from .validation import Validation

SMALLEST_RATE = 1e-6  # where a schedule that lowers the rate at plateaus gives up, as scikit-learn's does


@dataclass
class Progress:
    """Bookkeeping of one call of `fit` or `partial_fit`.

    Parameters
    ----------
    network : Network
        What is being trained.
    trainer : Trainer or LBFGS
        Who trains it.
    patience : Patience
        Watches the loss that decides.
    history : dict of lists
        One entry an epoch is appended to each.
    hooks : Hooks
        Tells callbacks of each epoch.
    score : callable
        ``score(index, raw)`` of training rows for which the network said `raw`.
    validation : Validation or None
        Rows that are not learned from.
    decides : bool
        Whether these rows say when to stop and which numbers to keep.
    max_epochs : int
        How many epochs there are at most.
    verbose : bool
        Whether to print a line an epoch.
    seed : int
        What all randomness comes from.
    checkpoint : Checkpoint or None
        Where to leave the state after each epoch.

    Attributes
    ----------
    n_epochs : int
        Epochs of this call so far.
    best_epoch : int
        The epoch of this call, from 1 on, with the best numbers; 0 if those before it were better.
    best_theta : ndarray
        These numbers; where nothing decides, those that training began with.
    stop_reason : str or None
        Why training ended before all epochs were done.
    """

    network: Network
    trainer: Trainer | LBFGS
    patience: Patience
    history: dict[str, list[float]]
    hooks: Hooks
    score: Callable[[Any, Any], float]
    validation: Validation | None
    decides: bool
    max_epochs: int
    verbose: bool
    seed: int
    checkpoint: Checkpoint | None = None

    def __post_init__(self) -> None:
        self.first_theta = self.best_theta = self.network.theta.copy()
        self.n_epochs = self.best_epoch = 0
        self.stop_reason: str | None = None
        self._time = time.perf_counter()

    def __call__(self, epoch: Epoch) -> bool:
        """Take note of an epoch; True means stop."""
        over = self._is_over(epoch)
        if self.hooks.end_epoch(lambda: {"_network": copy.deepcopy(self.network)}):
            self.stop_reason = self.stop_reason or "a callback asked to stop"
            over = True
        if self.checkpoint is not None:
            self.checkpoint.update(self.state())
        if not over:
            self.hooks.begin_epoch()
        return over

    def state(self) -> dict[str, Any]:
        """Return all that is needed to go on after a kill, as a dict of arrays, numbers and strings."""
        return {
            "seed": self.seed,
            "theta": self.network.theta,
            **{f"trainer/{name}": value for name, value in self.trainer.state().items()},
            "patience": [self.patience.best, self.patience.waited],
            **{f"history/{name}": values for name, values in self.history.items()},
            "epochs": [self.n_epochs, self.best_epoch],
            "best_theta": self.best_theta,
            "stop_reason": self.stop_reason or "",
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from such a state."""
        self.network.theta[:] = state["theta"]
        self.trainer.restore(_below("trainer/", state))
        self.patience.best, self.patience.waited = state["patience"].tolist()
        self.history.update({name: values.tolist() for name, values in _below("history/", state).items()})
        self.n_epochs, self.best_epoch = state["epochs"].tolist()
        self.best_theta = state["best_theta"]
        self.stop_reason = str(state["stop_reason"]) or None

    def look_again(self) -> None:
        """Let the numbers as they are be the best: what was best for other rows says nothing about these."""
        if self.decides and (now := self._decisive(*self.validation())) != self.patience.best:
            self.patience.best, self.patience.waited = now, 0

    @property
    def epochs_left(self) -> int:
        """How many epochs there still are at most."""
        return 0 if self.stop_reason else self.max_epochs - self.n_epochs

    def _is_over(self, epoch: Epoch) -> bool:
        watched = self._record(epoch)
        if watched <= self.patience.best:  # of equal scores the last: it has learned longest
            self.best_epoch = self.n_epochs
            if self.decides:
                self.best_theta = self.network.theta.copy()
        if not self.patience.is_over(watched):
            return False
        self.patience.waited = 0
        trainer = self.trainer
        if isinstance(trainer, Trainer) and trainer.schedule.lowers_on_plateau and trainer.rate > SMALLEST_RATE:
            trainer.n_plateaus += 1
            return False
        self.stop_reason = (
            f"{self._watched} did not improve by more than tol={self.patience.tol:g} for {self.patience.rounds} epochs"
        )
        return True

    def _record(self, epoch: Epoch) -> float:
        """Append to the history; return the number that should fall."""
        record = {"loss": epoch.loss, "score": self.score(epoch.index, epoch.raw)}
        watched = epoch.loss
        if self.validation is not None:
            record["validation_loss"], record["validation_score"] = self.validation()
            if self.decides:
                watched = self._decisive(record["validation_loss"], record["validation_score"])
        now = time.perf_counter()
        record |= {"learning_rate": epoch.rate, "gradient_norm": epoch.gradient_norm, "seconds": now - self._time}
        self._time = now
        n_before = len(self.history.get("loss", ()))
        for name in self.history | record:  # there may be validation rows in some calls and none in others
            self.history.setdefault(name, [np.nan] * n_before).append(record.get(name, np.nan))
        self.n_epochs += 1
        if self.verbose:
            seconds = self.history["seconds"][-self.n_epochs :]
            left = (self.max_epochs - self.n_epochs) * sum(seconds) / len(seconds)
            numbers = ", ".join(f"{name} = {value:.4g}" for name, value in record.items() if name != "seconds")
            print(f"Epoch {self.n_epochs} of {self.max_epochs}: {numbers}, at most {left:.0f} s left")
        return watched

    def _decisive(self, loss: float, score: float) -> float:
        if self.validation.score is None:
            return loss
        if not np.isfinite(score):
            raise ValueError(
                f"The scoring that early stopping watches gave {score} for the validation rows, of which there is no "
                "best. Pass more validation rows (some scores need rows of each class), or another scoring."
            )
        return -score

    @property
    def _watched(self) -> str:
        if not self.decides or self.validation is None:
            return "the training loss"
        return "the validation loss" if self.validation.score is None else "the validation score"

    @property
    def still_falling(self) -> bool:
        """Whether going on would clearly have helped: a third of the whole fall came in the second half of the way.

        The way is what the learning rates add up to: at the end of a cosine nothing falls any more, learned or not.
        Half of the fall comes there where the rate is far too low, up to a fifth where the defaults have done well.
        """
        losses = np.array(self.history["validation_loss" if self.decides else "loss"])
        way = np.cumsum(np.nan_to_num(self.history["learning_rate"], nan=1.0))  # L-BFGS has no rate
        halfway = np.interp((way[0] + way[-1]) / 2, way, losses)
        return len(losses) < 2 or bool(halfway - losses[-1] > (losses[0] - losses.min()) / 3)


def _below(prefix: str, state: dict[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
