"""A session is one call of `fit` or `partial_fit`: history, early stopping, callbacks, checkpoint."""

import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import numpy as np
from sklearn.utils import check_random_state

from .._warn import warn
from ..nn.learner import E, Learner, State
from ..nn.patience import Patience
from ..nn.rows import Index, Rows
from .callers import many_fits
from .checkpoint import Checkpoint
from .hooks import Hooks

E_contra = TypeVar("E_contra", contravariant=True)
History = dict[str, list[float]]
INTERRUPTED = "interrupted"
INITIAL_VALUES, EPOCHS, SPLIT = 1, 2, 3  # with the seed: what is drawn


def draw_seed(random_state: int | np.random.RandomState | None, checkpoint: Checkpoint | None = None) -> int:
    """Return the seed of a new model: a new one, or that in the checkpoint it goes on from."""
    drawn = check_random_state(random_state).randint(2**31)
    return int(drawn if checkpoint is None else checkpoint.saved.get("seed", drawn))


class Observer(Protocol[E_contra]):
    """Interface of observers: what is recorded of an epoch, and what decides."""

    @property
    def keeps_best(self) -> bool:
        """Whether the parameters of the best epoch are kept, in place of the last."""

    @property
    def key(self) -> str:
        """Key of the history under which the number is that decides."""

    @property
    def what(self) -> str:
        """Name of this number."""

    def record(self, epoch: E_contra) -> dict[str, float]:
        """Return what goes into the history."""

    def watched(self, record: dict[str, float]) -> float:
        """Return the number that should fall."""

    def state(self) -> State:
        """Return what is needed to resume."""

    def restore(self, state: State) -> None:
        """Resume from such a state."""


class Session(Generic[E]):
    """Training from the first epoch of a call to its last.

    Parameters
    ----------
    learner : Learner
        What is trained.
    observer : Observer
        What is recorded of an epoch, and which number decides.
    patience : Patience
        Watches this number.
    hooks : Hooks
        Tells callbacks of each epoch.
    learned : callable
        Gives copies of the attributes with which the estimator can predict as it is now.
    max_epochs : int
        The largest number of epochs.
    seed : int
        What all randomness comes from.
    history : dict of lists
        One entry an epoch is appended to each.
    checkpoint : Checkpoint, default=None
        Where to leave the state after each epoch.
    verbose : bool, default=False
        Whether to print a line an epoch.

    Attributes
    ----------
    n_epochs : int
        Epochs of this call so far.
    best_epoch : int
        The epoch of this call, from 1 on, with the best parameters; 0 if those before it were better.
    best_theta : ndarray
        These parameters; without early stopping, those that training began with.
    stop_reason : str or None
        Why training ended before all epochs were done.
    """

    def __init__(
        self,
        learner: Learner[E],
        observer: Observer[E],
        patience: Patience,
        hooks: Hooks,
        learned: Callable[[], dict[str, object]],
        max_epochs: int,
        seed: int,
        history: History,
        checkpoint: Checkpoint | None = None,
        verbose: bool = False,
    ) -> None:
        self.learner = learner
        self.observer = observer
        self.patience = patience
        self.hooks = hooks
        self.learned = learned
        self.max_epochs = max_epochs
        self.seed = seed
        self.history = history
        self.checkpoint = checkpoint
        self.verbose = verbose
        self.best_theta = learner.theta.copy()
        self.n_epochs = self.best_epoch = 0
        self.stop_reason: str | None = None
        self._time = time.perf_counter()

    def run(self, rows: Rows, index: Index) -> None:
        """Train, from the state in the checkpoint on; after an interruption keep the finished epochs.

        Not so in a search, say, which would take the interrupted fit for a whole one, and go on with the next.
        """
        if self.checkpoint is not None:
            self._read(self.checkpoint)
        try:
            # Divergence is looked for once an epoch, not warned about at every step.
            with np.errstate(all="ignore"):
                if self.epochs_left:
                    self._remember()
                    self.hooks.begin_epoch()
                    self.learner.run(rows, index, self.epochs_left, self.epoch_ended)
        except KeyboardInterrupt:
            if not self.n_epochs or many_fits():
                raise
            theta, learner = self._finished
            self.learner.theta[:] = theta  # not half of an epoch, and no trial point of a line search
            self.learner.restore(learner)
            self.stop_reason = INTERRUPTED
            warn(f"Training was interrupted after {self.n_epochs} epochs; the estimator keeps what it learned.")
        self._note_convergence()

    def epoch_ended(self, epoch: E) -> bool:
        """Record an epoch, tell callbacks, write the checkpoint; return whether to stop."""
        watched = self._record(epoch)
        self._note_convergence()
        if self.stop_reason is None:
            self._judge(watched)
        self._remember()
        if self.verbose:
            self._print()
        if self.hooks.end_epoch(self.learned, self.n_epochs, self.history):
            self.stop_reason = self.stop_reason or "a callback asked to stop"
        if self.checkpoint is not None:
            self.checkpoint.update(self.state())
        if self.stop_reason is None:
            self.hooks.begin_epoch()
        return self.stop_reason is not None

    def state(self) -> State:
        """Return all that is needed to go on after a kill, as named arrays, numbers and strings."""
        return {
            "seed": self.seed,
            "theta": self.learner.theta,
            "learner": self.learner.state(),
            "observer": self.observer.state(),
            "patience": self.patience.state(),
            "history": self.history,
            "n_epochs": self.n_epochs,
            "best_epoch": self.best_epoch,
            "best_theta": self.best_theta,
            "stop_reason": self.stop_reason or "",
        }

    def restore(self, state: State) -> None:
        """Go on from such a state."""
        self.learner.theta[:] = state["theta"]
        self.learner.restore(state["learner"])
        self.observer.restore(state.get("observer", {}))
        self.patience.restore(state["patience"])
        self.history.update({name: np.asarray(values).tolist() for name, values in state.get("history", {}).items()})
        self.n_epochs, self.best_epoch = int(state["n_epochs"]), int(state["best_epoch"])
        self.best_theta = state["best_theta"]
        self.stop_reason = str(state["stop_reason"]) or None

    def progress(self, before: State, scoring: object, *, ended: bool) -> State:
        """Return what a next call continues from: named arrays, numbers and strings.

        Parameters
        ----------
        before : dict
            What this call continued from.
        scoring : object
            What the user called the score of the validation set.
        ended : bool
            Whether the best parameters are those of the estimator from now on.
        """
        after = {name: value for name, value in before.items() if name != "best_theta" or not self.observer.keeps_best}
        after |= {"learner": self.learner.state(), f"patience of {self.observer.key}": self.patience.state()}
        if state := self.observer.state():  # there are validation rows
            after |= {"scoring": scoring, "observer": state}
        return after | {"best_theta": self.best_theta} if self.observer.keeps_best and not ended else after

    def resume(self, progress: State, scoring: object) -> None:
        """Continue from what an earlier call left, where there was one."""
        if progress.get("scoring") == scoring:
            self.observer.restore(progress.get("observer", {}))
        if state := progress.get("learner"):
            self.learner.restore(state)
        if patience := progress.get(f"patience of {self.observer.key}"):
            self.patience.restore(patience)
        if self.observer.keeps_best:
            self.best_theta = progress.get("best_theta", self.best_theta)

    def start_over(self, record: dict[str, float]) -> None:
        """Make the present parameters the best ones: scores of other rows do not compare with those of these."""
        if (now := self.observer.watched(record)) != self.patience.best:
            self.patience.restore({"best": now, "waited": 0})

    @property
    def epochs_left(self) -> int:
        """How many epochs there still are at most."""
        return 0 if self.stop_reason else self.max_epochs - self.n_epochs

    @property
    def ended_because(self) -> str:
        """Why training ended, also where all epochs were done."""
        return self.stop_reason or f"all {self.n_epochs} epochs were done"

    def _read(self, checkpoint: Checkpoint) -> None:
        """Continue from the state in the checkpoint, or begin the checkpoint."""
        if not checkpoint.saved:
            checkpoint.begin(self.state())
            return
        self.restore(checkpoint.saved)
        if self.epochs_left:
            checkpoint.write(checkpoint.saved)  # a path that cannot be written to is an error now, not after training

    def _record(self, epoch: E) -> float:
        """Append to the history; return the number that should fall."""
        key = self.observer.key
        record = self.observer.record(epoch)
        if self.observer.key != key:  # the scoring gave no number: from now on another number decides
            self.patience.restore({"best": np.inf, "waited": 0})
        now = time.perf_counter()
        record["seconds"] = now - self._time
        self._time = now
        n_before = len(next(iter(self.history.values()), ()))
        for name in self.history | record:  # there may be validation rows in some calls and none in others
            self.history.setdefault(name, [np.nan] * n_before).append(record.get(name, np.nan))
        self.n_epochs += 1
        return self.observer.watched(record)

    def _judge(self, watched: float) -> None:
        """Keep the best parameters; decide whether to stop."""
        is_best, plateau = self.patience.judge(watched)
        if is_best:
            self.best_epoch = self.n_epochs
            if self.observer.keeps_best:
                self.best_theta = self.learner.theta.copy()
        if not plateau:
            return
        self.patience.waited = 0
        shortens = self.epochs_left and not self.observer.keeps_best  # else the last epochs are not what is kept
        if not self.learner.lower_rate() and not (shortens and self.learner.shorten((self.patience.rounds + 1) // 2)):
            self.stop_reason = (
                f"{self.observer.what} did not improve by more than tol={self.patience.tol:g} for "
                f"{self.patience.rounds} epochs"
            )

    def _remember(self) -> None:
        """Copy what an interrupt in the next epoch goes back to: up to three times the size of the parameters."""
        state = self.learner.state()
        copies = {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in state.items()}
        self._finished = self.learner.theta.copy(), copies

    def _note_convergence(self) -> None:
        if self.learner.converged:
            self.stop_reason = self.stop_reason or self.learner.converged_because

    def _print(self) -> None:
        seconds = self.history["seconds"][-self.n_epochs :]
        left = (self.max_epochs - self.n_epochs) * sum(seconds) / len(seconds)
        record = {name: values[-1] for name, values in self.history.items() if name != "seconds"}
        numbers = ", ".join(f"{name} = {value:.4g}" for name, value in record.items() if not np.isnan(value))
        print(f"Epoch {self.n_epochs} of {self.max_epochs}: {numbers}, at most {left:.0f} s left")
