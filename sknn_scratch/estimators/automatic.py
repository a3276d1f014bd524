"""What "auto" means: settings as functions of the data."""

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator

from ..nn.rows import Matrix
from ..nn.solvers import Solver


def alpha(estimator: BaseEstimator, n_rows: int, penalty_of_a_row: float) -> float:
    """Return the strength of the penalty for so many distinct rows.

    It is c / n, but weaker for so few rows that they may be a table to be learned exactly, such as a logic gate.
    """
    if isinstance(estimator.alpha, str):
        return penalty_of_a_row * n_rows / (n_rows**2 + 50**2)
    return float(estimator.alpha)


def embedded_columns(estimator: BaseEstimator, X: Matrix, n_rows: int) -> tuple[int, ...]:
    """Return which columns are embedded: none, or those with more than 10 values in X, a sample of the rows.

    "auto" is none with L-BFGS, for fewer than 1,000 rows, and where more than 30 columns would be embedded.
    """
    if isinstance(estimator.pretrain, FrozenEstimator):  # the layers are those of this network
        return getattr(estimator.pretrain.estimator, "embedded_columns_", ())
    if estimator.embedding is None:
        return ()
    automatic = estimator.embedding == "auto"
    if automatic:
        wanted = estimator.solver != "lbfgs" and estimator.pretrain is None and n_rows >= 1000
        if not wanted or not isinstance(X, np.ndarray):
            return ()
    elif not isinstance(X, np.ndarray) or estimator.pretrain is not None:
        raise ValueError(
            f"embedding={estimator.embedding!r} is of the columns of a dense X, and of a network without pretrain, got "
            f"{'a dense' if isinstance(X, np.ndarray) else 'a sparse'} X and pretrain={estimator.pretrain}. Use "
            "X.toarray() and pretrain=None, or embedding=None."
        )
    columns = tuple(j for j, column in enumerate(X.T) if len(np.unique(column)) > 10)
    return () if automatic and len(columns) > 30 else columns


def max_iter(estimator: BaseEstimator, n_rows: int) -> int:
    """Return the largest number of epochs: about a million visits to rows, but 20 to 100, or 50 with an embedding."""
    if not isinstance(estimator.max_iter, str):
        return int(estimator.max_iter)
    most = 50 if getattr(estimator, "embedded_columns_", ()) else 100
    return 100 if estimator.solver == "lbfgs" else min(most, max(20, 1_000_000 // n_rows))


def batch_size(estimator: BaseEstimator, n_rows: int) -> int:
    """Return the rows of a mini-batch: a twentieth of all, but 16 to 128."""
    automatic = isinstance(estimator.batch_size, str)
    return min(n_rows, max(16, min(128, n_rows // 20)) if automatic else int(estimator.batch_size))


def dtype(estimator: BaseEstimator, of_X: npt.DTypeLike) -> npt.DTypeLike:
    """Return what training computes in: float32, but float64 for L-BFGS, which goes on to a minimum."""
    if estimator.dtype is None:
        return of_X
    if estimator.dtype == "auto":
        return np.float64 if estimator.solver == "lbfgs" else np.float32
    return np.dtype(estimator.dtype)


def gradient_clip(estimator: BaseEstimator) -> float | None:
    """Return the largest length of the gradient: 1 where the gradient is that of a step."""
    if isinstance(estimator.gradient_clip, str):
        return None if estimator.solver == "lbfgs" else 1.0
    return None if estimator.gradient_clip is None else float(estimator.gradient_clip)


def learning_rate_init(estimator: BaseEstimator, solver: Solver) -> float:
    """Return the largest learning rate: what suits the solver."""
    automatic = isinstance(estimator.learning_rate_init, str)
    return solver.default_rate if automatic else float(estimator.learning_rate_init)
