"""Progress is told the loss of each epoch. It keeps the history and the best numbers, and says when to stop."""

from typing import Any

import numpy as np

from .hooks import Hooks
from .nn.lbfgs import LBFGS
from .nn.network import Network
from .nn.patience import Patience
from .nn.trainer import Trainer
from .validation import Validation

SMALLEST_RATE = 1e-6  # where a schedule that lowers the rate at plateaus gives up, as scikit-learn's does


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
    validation : Validation or None
        Rows that are not learned from.
    validation_decides : bool
        Whether these rows, if there are any, say when to stop and which numbers to keep.
    verbose : bool
        Whether to print a line an epoch.

    Attributes
    ----------
    best_epoch : int
        The epoch of this call, from 1 on, with the best numbers; 0 if those before it were better.
    stop_reason : str or None
        Why training ended before all epochs were done.
    """

    def __init__(
        self,
        network: Network,
        trainer: Trainer | LBFGS,
        patience: Patience,
        history: dict[str, list[float]],
        hooks: Hooks,
        validation: Validation | None,
        validation_decides: bool,
        verbose: bool,
    ) -> None:
        self.network = network
        self.trainer = trainer
        self.patience = patience
        self.history = history
        self.hooks = hooks
        self.validation = validation
        self.decides = validation is not None and validation_decides
        self.verbose = verbose
        self.first_theta = self._best_theta = network.theta.copy()
        self.n_epochs = self.best_epoch = 0
        self.stop_reason: str | None = None

    def __call__(self, loss: float) -> bool:
        """Take note of an epoch; True means stop."""
        over = self._is_over(loss)
        if self.hooks.end_epoch(self.network):
            self.stop_reason = self.stop_reason or "a callback asked to stop"
            return True
        if not over:
            self.hooks.begin_epoch()
        return over

    def _is_over(self, loss: float) -> bool:
        self.n_epochs += 1
        watched = self._record(loss)
        if watched <= self.patience.best:  # of equal scores the last: it has learned longest
            self.best_epoch = self.n_epochs
            if self.decides:
                self._best_theta = self.network.theta.copy()
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

    def _record(self, loss: float) -> float:
        """Append to the history; return the number that should fall."""
        record = {"loss": loss, "learning_rate": self.trainer.rate}
        watched = loss
        if self.validation is not None:
            record["validation_loss"], record["validation_score"] = self.validation()
            if self.decides:
                scored = self.validation.score is not None
                watched = -record["validation_score"] if scored else record["validation_loss"]
        for name, value in record.items():
            self.history.setdefault(name, []).append(value)
        if self.verbose:
            print(f"Epoch {len(self.history['loss'])}, " + ", ".join(f"{k} = {v:.6g}" for k, v in record.items()))
        return watched

    @property
    def _watched(self) -> str:
        if not self.decides or self.validation is None:
            return "the training loss"
        return "the validation loss" if self.validation.score is None else "the validation score"

    def final_theta(self) -> Any:
        """Return the numbers to keep: those that were best for the validation rows, else the last."""
        return self._best_theta if self.decides else self.network.theta

    @property
    def still_falling(self) -> bool:
        """Whether going on would clearly have helped: a tenth of the whole fall came in the last rounds."""
        losses = np.array(self.history["validation_loss" if self.decides else "loss"])
        recent = losses[max(0, len(losses) - 1 - int(min(self.patience.rounds, len(losses)))) :]
        return len(losses) < 2 or recent[0] - losses[-1] > 0.1 * (losses[0] - losses.min())
