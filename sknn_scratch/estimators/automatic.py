"""What "auto" means: settings as functions of the data."""

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, is_classifier
from sklearn.frozen import FrozenEstimator

from ..nn.layers.embedding import Embedding, PeriodicEmbedding, PiecewiseEmbedding
from ..nn.network import Network
from ..nn.penalty import ElasticNet
from ..nn.rows import Matrix
from ..nn.solvers import Solver


def penalty(estimator: BaseEstimator, n_rows: int, c: float, c_per_noise: float) -> ElasticNet:
    """Return the penalty for so many distinct rows.

    "auto" is c / n, but weaker for so few rows that they may be a table to be learned exactly, such as a logic gate.
    """
    l1_ratio = float(estimator.l1_ratio)
    if not isinstance(estimator.alpha, str):
        return ElasticNet(float(estimator.alpha), l1_ratio)
    share = n_rows / (n_rows**2 + 50**2)
    return ElasticNet(c * share, l1_ratio, c_per_noise * share)


def embedding_of(network: Network) -> Embedding | None:
    """Return the embedding that is a layer of the network."""
    return next((layer for layer in network.layers if isinstance(layer, Embedding)), None)


def embedding(estimator: BaseEstimator, X: Matrix, n_rows: int) -> Embedding | None:
    """Return the embedding of the columns with more than 10 values in X, a sample of the rows; None for no column.

    "auto" is None with L-BFGS, for fewer than 200 rows, and where more than 30 columns would be embedded.
    """
    if isinstance(estimator.pretrain, FrozenEstimator):  # the layers are those of this network
        network = getattr(estimator.pretrain.estimator, "_network", None)  # copying refuses what is not fitted
        return None if network is None else embedding_of(network)
    automatic = estimator.embedding == "auto"
    possible = isinstance(X, np.ndarray) and estimator.pretrain is None
    wanted = not automatic or (possible and estimator.solver != "lbfgs" and n_rows >= 200)
    if estimator.embedding is None or not wanted:
        return None
    if not possible:
        raise ValueError(
            f"embedding={estimator.embedding!r} is of the columns of a dense X, and of a network without pretrain, got "
            f"{'a dense' if isinstance(X, np.ndarray) else 'a sparse'} X and pretrain={estimator.pretrain}. Use "
            "X.toarray() and pretrain=None, or embedding=None."
        )
    columns = tuple(j for j, column in enumerate(X.T) if len(np.unique(column)) > 10)
    if not columns or (automatic and len(columns) > 30):
        return None
    if estimator.embedding == "periodic" or (automatic and is_classifier(estimator)):
        return PeriodicEmbedding(columns)
    return PiecewiseEmbedding(columns, max(4, min(12, int(np.sqrt(n_rows) / 2))))


def max_iter(estimator: BaseEstimator, n_rows: int) -> int:
    """Return the largest number of epochs: about 400,000 visits to rows, but 20 to 100, or 50 with an embedding."""
    if not isinstance(estimator.max_iter, str):
        return int(estimator.max_iter)
    most = 50 if getattr(estimator, "embedded_columns_", ()) else 100
    return 100 if estimator.solver == "lbfgs" else min(most, max(20, 400_000 // n_rows))


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
    return float(solver.default_rate if automatic else estimator.learning_rate_init)


def rates(estimator: BaseEstimator, solver: Solver, network: Network) -> list[float] | None:
    """Return the share of the learning rate for each layer: 500 / k for k > 500 inputs of a unit, but at least 0.3.

    A normalized step changes all of a unit's weights alike, and so its output by up to k times the rate (Yang et al.
    2022, arXiv:2203.03466). The first layer of units and the output layer have the whole rate.
    """
    if not isinstance(estimator.learning_rate_init, str) or not solver.normalized:
        return None
    fan_in = network.fan_in()
    of_units = [i for i, layer in enumerate(network.layers) if fan_in[i] and not isinstance(layer, Embedding)]
    shares = [1.0] * len(fan_in)
    for i in of_units[1:-1]:
        shares[i] = max(0.3, min(1.0, 500 / fan_in[i]))
    return shares
