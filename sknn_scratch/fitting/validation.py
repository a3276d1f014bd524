"""The validation set: rows that are evaluated after each epoch and not trained on."""

import copy
from collections.abc import Callable, Sequence
from inspect import signature

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.metrics import check_scoring
from sklearn.model_selection import train_test_split

from .._warn import warn
from ..data.targets import Target
from ..nn.arena import Array
from ..nn.network import Network
from ..nn.rows import Index, Rows


class Validation:
    """Rows with their loss and score under a network as it is now.

    Parameters
    ----------
    network : Network
        What is being trained.
    target : Target
        Encoding of y.
    rows : Rows
        The encoded rows.
    score : callable, default=None
        ``score()`` of the rows; None for accuracy or R2, which needs no second prediction.
    scoring : object, default=None
        What the user called it, for a warning.
    decides : bool, default=False
        Whether these rows decide when to stop, for the same warning.

    Attributes
    ----------
    failed : bool
        Whether `score` has ever given no number.
    """

    def __init__(
        self,
        network: Network,
        target: Target,
        rows: Rows,
        score: Callable[[], float] | None = None,
        scoring: object = None,
        *,
        decides: bool = False,
    ) -> None:
        self.network = network
        self.target = target
        self.rows = rows
        self.score = score
        self.scoring = scoring
        self.decides = decides
        self.failed = False
        if not isinstance(rows.target, np.ndarray):
            rows.target = rows.target.toarray()
        self._truth = target.truth(rows.target)

    def record(self) -> dict[str, float]:
        """Return loss and score."""
        rows, raw = self.rows, self.network.predict(self.rows.X)
        loss, _ = self.target.loss.value_and_gradient(rows.target, raw, rows.weight, len(raw))
        score = self.target.score(self._truth, raw, rows.weight) if self.score is None else self._score(self.score)
        return {"validation_loss": loss, "validation_score": score}

    @property
    def decides_by_score(self) -> bool:
        """Whether there is a score of the user's that can tell which epoch is best; else the loss does."""
        return self.score is not None and not self.failed

    def _score(self, score: Callable[[], float]) -> float:
        """Return the user's score, nan where it is no number: no reason to lose what was learned."""
        try:
            value = score()
            what = f"gave {value:g}"
        except Exception as error:  # of anybody's code
            value, what = np.nan, f"raised {type(error).__name__}: {error}".rstrip(".")
        if np.isfinite(value):
            return value
        if not self.failed:
            self.failed = True
            then = ", and early stopping watches their loss from now on" if self.decides else ""
            warn(
                f"scoring={self.scoring!r} gives no number for the {len(self.rows)} validation rows: it {what}. "
                f"validation_scores_ has nan there{then}. Pass more validation rows (some scores need rows of each "
                "class), or another scoring."
            )
        return np.nan


def split(index: Index, strata: Array, fraction: float, seed: Sequence[int]) -> tuple[Index, Index]:
    """Return the rows to learn from and the rows to hold out, none where there are too few.

    Rows of each stratum are held out in proportion if the smallest stratum and both parts are large enough for it.
    """
    n_held_out = int(np.ceil(fraction * len(index)))
    if not 1 <= n_held_out < len(index):
        return index, index[:0]
    sizes = np.unique(strata, return_counts=True)[1]
    enough = sizes.min() >= 2 and len(sizes) <= min(n_held_out, len(index) - n_held_out)
    random_state = int(np.random.default_rng(seed).integers(2**31))
    return train_test_split(index, test_size=n_held_out, stratify=strata if enough else None, random_state=random_state)


def make_score(estimator: BaseEstimator, rows: Rows, y: Array) -> Callable[[], float] | None:
    """Return a function that gives the estimator's score, as it is when called, by its `scoring`; None without one."""
    if estimator.scoring is None:
        return None
    scorer = check_scoring(estimator, estimator.scoring)
    weighted = rows.weight is not None and "sample_weight" in signature(scorer).parameters
    weights = {"sample_weight": rows.weight} if weighted else {}
    return lambda: float(scorer(_nameless(estimator), rows.X, y, **weights))


def _nameless(estimator: BaseEstimator) -> BaseEstimator:
    """Return a view of the estimator that predicts for arrays without feature names, and does not warn about it."""
    view = copy.copy(estimator)
    view.__dict__.pop("feature_names_in_", None)
    return view
