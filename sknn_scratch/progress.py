"""Progress is told the loss of each epoch. It keeps the history and the best numbers, and says when to stop."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .hooks import Hooks
from .nn.lbfgs import LBFGS
from .nn.network import Network
from .nn.patience import Patience
from .nn.trainer import Trainer

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
    validate : callable or None
        Returns the loss and the score on rows that were held out; its loss then decides, and `best_theta` is kept.
    verbose : bool
        Whether to print a line an epoch.
    """

    def __init__(
        self,
        network: Network,
        trainer: Trainer | LBFGS,
        patience: Patience,
        history: dict[str, list[float]],
        hooks: Hooks,
        validate: Callable[[], tuple[float, float]] | None,
        verbose: bool,
    ) -> None:
        self.network = network
        self.trainer = trainer
        self.patience = patience
        self.history = history
        self.validate = validate
        self.verbose = verbose
        self.hooks = hooks
        self.best_theta: Any = network.theta.copy()
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
        record = {"loss": loss, "learning_rate": self.trainer.rate}
        watched = loss
        if self.validate is not None:
            watched, score = self.validate()
            record |= {"validation_loss": watched, "validation_score": score}
            if watched < self.patience.best:
                self.best_theta = self.network.theta.copy()
        for name, value in record.items():
            self.history.setdefault(name, []).append(value)
        if self.verbose:
            print(f"Epoch {len(self.history['loss'])}, " + ", ".join(f"{k} = {v:.6g}" for k, v in record.items()))
        if not self.patience.is_over(watched):
            return False
        self.patience.waited = 0
        trainer = self.trainer
        if isinstance(trainer, Trainer) and trainer.schedule.lowers_on_plateau and trainer.rate > SMALLEST_RATE:
            trainer.n_plateaus += 1
            return False
        kind = "training" if self.validate is None else "validation"
        self.stop_reason = (
            f"the {kind} loss did not improve by more than tol={self.patience.tol:g} for {self.patience.rounds} epochs"
        )
        return True

    @property
    def still_falling(self) -> bool:
        """Whether going on would clearly have helped: a tenth of the whole fall came in the last rounds."""
        losses = np.array(self.history["validation_loss" if self.validate else "loss"])
        recent = losses[max(0, len(losses) - 1 - int(min(self.patience.rounds, len(losses)))) :]
        return len(losses) < 2 or recent[0] - losses[-1] > 0.1 * (losses[0] - losses.min())
