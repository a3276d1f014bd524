"""Learning rate range test: a short training with an increasing learning rate."""

from collections.abc import Iterator
from contextlib import suppress

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import Bunch

from .._typing import MatrixLike
from ..nn.lbfgs import LBFGS
from ..nn.learner import Diverged
from ..nn.rows import Index
from ..nn.schedules import Constant
from .rehearsal import rehearse

MOST_MEASURED = 256  # rows; few are enough, as they are the same after each step
BROKEN = 4.0  # at this multiple of its smallest value the loss has diverged


def find_learning_rate(
    estimator: BaseEstimator,
    X: MatrixLike,
    y: MatrixLike,
    *,
    lowest: float = 1e-6,
    highest: float = 10.0,
    n_steps: int = 100,
) -> Bunch:
    """Test a range of learning rates (Smith 2017, arXiv:1506.01186).

    A new network is trained for some mini-batches while the rate grows geometrically from step to step. At first the
    loss hardly changes, then it falls, then training diverges.

    Parameters
    ----------
    estimator : network estimator
        A network, fitted or not; a clone is trained, without its learning-rate schedule. Or a pipeline, fitted search
        or FrozenEstimator that contains one, whose preceding steps transform X; unfitted steps are fitted to X.
    X : array-like or sparse matrix of shape (n_samples, n_features)
        Inputs.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    lowest : float, default=1e-6
        The first rate.
    highest : float, default=10.0
        The last rate, unless training diverges before.
    n_steps : int, default=100
        Number of rates from the first to the last, each for one step.

    Returns
    -------
    result : Bunch
        "rates" and "losses" are arrays of shape (n_steps,), or shorter if the loss grew to 4 times its smallest value;
        each loss is computed after the step, on the same sample of at most 256 rows. "suggestion" is a tenth of the
        rate with the smallest loss (at that rate itself, the loss no longer falls; Howard and Gugger 2020, Deep
        Learning for Coders, chapter 5), or None if the loss did not fall.

    Raises
    ------
    TypeError
        If the estimator is not a network.
    ValueError
        If X, y or the range does not fit, or with ``solver="lbfgs"``, which has no learning rate.

    See Also
    --------
    sknn_scratch.inspection.LearningRateDisplay : Draws the losses.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknn_scratch import MLPClassifier, find_learning_rate
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = MLPClassifier((32,), solver="momentum", random_state=0)
    >>> found = find_learning_rate(clf, X, y)
    >>> bool(0.02 < found.suggestion < 0.5)
    True
    >>> clf = clf.set_params(learning_rate_init=found.suggestion).fit(X, y)
    """
    if not (0 < lowest < highest < np.inf and n_steps > 1):
        raise ValueError(
            f"Learning rates grow from lowest > 0 to highest in two steps or more, got lowest={lowest!r}, "
            f"highest={highest!r} and n_steps={n_steps!r}."
        )
    trainer, rows, index = rehearse(estimator, X, y)
    if isinstance(trainer, LBFGS):
        raise ValueError("solver='lbfgs' has no learning rate. Use a stochastic solver such as solver='adam'.")
    trainer.schedule = Constant()
    trainer.fix_noise(0.0)  # as in the first epochs
    objective = trainer.objective
    rng = np.random.default_rng(trainer.seed)
    measured = rng.permutation(index)[:MOST_MEASURED]
    watched = rows[measured]
    rates = np.geomspace(lowest, highest, n_steps)
    losses: list[float] = []
    with objective.in_threads(trainer.batch_size), np.errstate(all="ignore"), suppress(Diverged):
        for rate, batch in zip(rates, _batches(index, trainer.batch_size, rng), strict=False):
            trainer.base_rate = float(rate)
            trainer.epoch(rows, batch)
            losses.append(objective.value(watched))
            if not losses[-1] <= BROKEN * min(losses):
                break
    if not np.isfinite(losses[:1]).any():
        raise ValueError(f"Training breaks down in the first step, under lowest={lowest:g}. Start lower.")
    best = int(np.nanargmin(losses))
    return Bunch(
        rates=rates[: len(losses)],
        losses=np.array(losses),
        suggestion=float(rates[best]) / 10 if best else None,
    )


def _batches(index: Index, size: int, rng: np.random.Generator) -> Iterator[Index]:
    """Yield full mini-batches without end."""
    while True:
        order = rng.permutation(index)
        for start in range(0, len(order) - size + 1, size):
            yield order[start : start + size]
