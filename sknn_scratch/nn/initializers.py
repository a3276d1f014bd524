"""Initial values of the weights, drawn at random or constant."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Shape = tuple[int, ...]


class Initializer:
    """Base of the initializers; a subclass defines `__call__`, one formula."""

    def __call__(self, rng: np.random.Generator, shape: Shape, fan: tuple[int, int]) -> npt.NDArray[np.float64]:
        """Return an array of initial values, in float64 for every network.

        Drawing in float64 gives float32 and float64 networks the same initial values.

        Parameters
        ----------
        rng : Generator
            Source of random numbers.
        shape : tuple of int
            Shape of the array.
        fan : pair of int
            Number of connections into one unit and out of it.

        Returns
        -------
        ndarray of this shape
            The initial values.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class He(Initializer):
    """Normal with variance 2 / n_in, for ReLU and similar activations (He et al. 2015, arXiv:1502.01852)."""

    def __call__(self, rng: np.random.Generator, shape: Shape, fan: tuple[int, int]) -> npt.NDArray[np.float64]:
        return rng.normal(0.0, np.sqrt(2.0 / fan[0]), shape)


@dataclass(frozen=True)
class Glorot(Initializer):
    """Uniform within sqrt(6 / (n_in + n_out)), for tanh and logistic units (Glorot and Bengio 2010)."""

    def __call__(self, rng: np.random.Generator, shape: Shape, fan: tuple[int, int]) -> npt.NDArray[np.float64]:
        limit = np.sqrt(6.0 / (fan[0] + fan[1]))
        return rng.uniform(-limit, limit, shape)


@dataclass(frozen=True)
class LeCun(Initializer):
    """Normal with variance 1 / n_in (LeCun et al. 1998, "Efficient BackProp")."""

    def __call__(self, rng: np.random.Generator, shape: Shape, fan: tuple[int, int]) -> npt.NDArray[np.float64]:
        return rng.normal(0.0, np.sqrt(1.0 / fan[0]), shape)


@dataclass(frozen=True)
class Normal(Initializer):
    """Normal with the given standard deviation, 0.01 in the lectures (rows 22 and 31).

    Parameters
    ----------
    std : float
        Standard deviation.
    """

    std: float = 0.01

    def __call__(self, rng: np.random.Generator, shape: Shape, fan: tuple[int, int]) -> npt.NDArray[np.float64]:
        return rng.normal(0.0, self.std, shape)


@dataclass(frozen=True)
class Orthogonal(Initializer):
    """A random orthogonal matrix; orthonormal rows or columns if it is not square (Saxe et al. 2014, arXiv:1312.6120).

    For a recurrent layer, each gate has a matrix of its own.
    """

    def __call__(self, rng: np.random.Generator, shape: Shape, fan: tuple[int, int]) -> npt.NDArray[np.float64]:
        *_, n_columns = shape
        n_gates = max(1, n_columns // fan[1])
        n, m = math.prod(shape[:-1]), n_columns // n_gates
        matrices = []
        for _ in range(n_gates):
            q, r = np.linalg.qr(rng.normal(size=(max(n, m), min(n, m))))
            q *= np.sign(np.diag(r))  # without it not all orthogonal matrices are equally likely (Mezzadri 2007)
            matrices.append(q if n >= m else q.T)
        return np.concatenate(matrices, axis=1).reshape(shape)


@dataclass(frozen=True)
class Identity(Initializer):
    """A multiple of the identity, for recurrent ReLU units (Le, Jaitly and Hinton 2015, arXiv:1504.00941).

    For a recurrent layer, each gate has a matrix of its own.

    Parameters
    ----------
    scale : float
        The value on the diagonal.
    """

    scale: float = 1.0

    def __call__(self, rng: np.random.Generator, shape: Shape, fan: tuple[int, int]) -> npt.NDArray[np.float64]:
        *_, n_columns = shape
        n_gates = max(1, n_columns // fan[1])
        eye = np.eye(math.prod(shape[:-1]), n_columns // n_gates)
        return self.scale * np.tile(eye, (1, n_gates)).reshape(shape)


@dataclass(frozen=True)
class Zeros(Initializer):
    """All zeros, as for biases."""

    def __call__(self, rng: np.random.Generator, shape: Shape, fan: tuple[int, int]) -> npt.NDArray[np.float64]:
        return np.zeros(shape)


@dataclass(frozen=True)
class Ones(Initializer):
    """All ones, as for scales."""

    def __call__(self, rng: np.random.Generator, shape: Shape, fan: tuple[int, int]) -> npt.NDArray[np.float64]:
        return np.ones(shape)
