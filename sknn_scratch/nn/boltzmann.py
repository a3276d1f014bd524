"""A restricted Boltzmann machine: visible and hidden units, and a weight between each two of different kinds."""

import copy
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.special import log_expit, logsumexp

from .arena import Array

STATES_AT_ONCE = 2**12
ENUMERABLE = 20  # units: a million states


class Boltzmann:
    """The machine p(v, h) ~ exp(-E(v, h)) with all parameters in one vector, ``theta = [weights | hidden | visible]``.

    Hidden units are 0 or 1. With W the weights, c and b the biases of hidden and visible units:

        E(v, h) = -b v - c h - h W v             for visible units that are 0 or 1
        E(v, h) = |v - b|^2 / 2 - c h - h W v    for Gaussian ones, of variance 1 given h

    (Smolensky 1986; Hinton 2010, A practical guide to training restricted Boltzmann machines). The free energy F,
    exp(-F(v)) = sum over h of exp(-E(v, h)), has a closed form; p(v) = exp(-F(v)) / Z.

    Parameters
    ----------
    shape : pair of int
        (n_hidden, n_visible).
    dtype : dtype
        float32 or float64.
    gaussian : bool, default=False
        Whether visible units are Gaussian.
    """

    def __init__(self, shape: tuple[int, int], dtype: npt.DTypeLike, gaussian: bool = False) -> None:
        n_hidden, n_visible = shape
        self.gaussian = gaussian
        self.n_decayed = n_hidden * n_visible
        self.n_trained = self.n_decayed + n_hidden + n_visible
        self.theta: Array = np.zeros(self.n_trained, dtype)
        self.weights, self.hidden, self.visible = _views(self.theta, shape)
        self._make_gradient()

    def _make_gradient(self) -> None:
        self.gradient: Array = np.zeros_like(self.theta)
        self._weights_gradient, self._hidden_gradient, self._visible_gradient = _views(
            self.gradient, self.weights.shape
        )

    def twin(self) -> "Boltzmann":
        """Return a machine over the same parameters with a gradient of its own."""
        other = copy.copy(self)
        other._make_gradient()
        return other

    # Given one side, the units of the other are independent

    def inputs(self, v: Array) -> Array:
        """Return c + W v, the log-odds of the hidden units."""
        x = np.dot(v, self.weights.T)
        x += self.hidden
        return x

    def hidden_means(self, v: Array) -> Array:
        """Return P(h = 1 | v)."""
        return _logistic(self.inputs(v))

    def visible_means(self, h: Array) -> Array:
        """Return the mean of v given h: P(v = 1 | h), or b + h W of Gaussian units."""
        x = np.dot(h, self.weights)
        x += self.visible
        return x if self.gaussian else _logistic(x)

    def draw_hidden(self, means: Array, rng: np.random.Generator) -> Array:
        """Draw hidden units of these means, 0 or 1."""
        u = rng.random(means.shape, dtype=means.dtype)
        return np.less(u, means, out=u, casting="unsafe")

    def draw_visible(self, means: Array, rng: np.random.Generator) -> Array:
        """Draw visible units of these means."""
        if not self.gaussian:
            return self.draw_hidden(means, rng)
        return means + rng.standard_normal(means.shape, dtype=means.dtype)

    # Energies

    def free_energy(self, v: Array) -> Array:
        """Return F of each row."""
        return self._visible_energy(v) - _softplus(self.inputs(v)).sum(axis=1)

    def _visible_energy(self, v: Array) -> Array:
        if self.gaussian:
            return 0.5 * ((v - self.visible) ** 2).sum(axis=1)
        return -np.dot(v, self.visible)

    def set_gradient(self, v: Array, means: Array, shares: Array) -> None:
        """Write the gradient of the sum of the rows' shares of F to `gradient`.

        Parameters
        ----------
        v : ndarray of shape (n, n_visible)
            Rows.
        means : ndarray of shape (n, n_hidden)
            Their `hidden_means`.
        shares : ndarray of shape (n,)
            Of each row.
        """
        np.dot((means * -shares[:, None]).T, v, out=self._weights_gradient)
        np.dot(-shares, means, out=self._hidden_gradient)
        np.dot(-shares, v, out=self._visible_gradient)
        if self.gaussian:
            self._visible_gradient += shares.sum() * self.visible

    def push_hidden(self, push: Array, v: Array) -> None:
        """Add to `gradient` what changes the inputs of the hidden units by -push, for rows with this mean."""
        self._weights_gradient += np.outer(push, v)
        self._hidden_gradient += push

    def log_conditionals(self, v: Array, pixels: Array) -> Iterator[Array]:
        """Yield for each entry of `pixels` log P(v_i | all other v) of each row, for binary visible units.

        An entry is a pixel i, or an array with one for each row. Where v_i is between 0 and 1, the other state of v_i
        is 1 - v_i, as in scikit-learn.
        """
        inputs, rows = self.inputs(v), np.arange(len(v))
        hidden = _softplus(inputs).sum(axis=1)
        columns = np.ascontiguousarray(self.weights.T)
        for i in pixels:
            change = 1 - 2 * v[rows, i]
            flipped = _softplus(inputs + change[:, None] * columns[i]).sum(axis=1)
            yield log_expit(hidden - flipped - change * self.visible[i])

    # The partition function

    @property
    def is_enumerable(self) -> bool:
        """Whether `log_partition` can visit all states of one side."""
        n_hidden, n_visible = self.weights.shape
        return n_hidden <= ENUMERABLE or (n_visible <= ENUMERABLE and not self.gaussian)

    def log_partition(self) -> float:
        """Return log Z, by a sum over all states of the smaller side."""
        n_hidden, n_visible = self.weights.shape
        if n_hidden <= n_visible or self.gaussian:
            terms = [self._log_sum_over_visible(h) for h in states(n_hidden, self.theta.dtype)]
        else:
            terms = [-self.free_energy(v) for v in states(n_visible, self.theta.dtype)]
        return float(logsumexp(np.concatenate(terms)))

    def _log_sum_over_visible(self, h: Array) -> Array:
        """Return the logarithm of the sum over v of exp(-E(v, h))."""
        x = np.dot(h, self.weights) + self.visible
        n_visible = len(self.visible)
        if self.gaussian:
            over_v = 0.5 * (x * x - self.visible**2).sum(axis=1) + 0.5 * n_visible * np.log(2 * np.pi)
        else:
            over_v = _softplus(x).sum(axis=1)
        return over_v + np.dot(h, self.hidden)

    def annealed_log_partition(self, rng: np.random.Generator, n_chains: int, n_temperatures: int) -> float:
        """Estimate log Z by annealed importance sampling (Salakhutdinov and Murray 2008).

        The machines on the way have c and W times 0 to 1, and the b of this one; the first has a Z in closed form.
        Each chain gives an unbiased estimate of Z, so that log Z is rather too small than too large.
        """
        n_hidden, n_visible = self.weights.shape
        of_visible = 0.5 * n_visible * np.log(2 * np.pi) if self.gaussian else _softplus(self.visible).sum()
        h = np.zeros((n_chains, n_hidden), self.theta.dtype)
        v = self.draw_visible(self.visible_means(h), rng)
        log_weight = np.zeros(n_chains)
        inputs = self.inputs(v)
        warmths = np.linspace(0, 1, n_temperatures, dtype=self.theta.dtype)
        for before, now in pairwise(warmths):
            log_weight += (_softplus(now * inputs) - _softplus(before * inputs)).sum(axis=1)
            h = self.draw_hidden(_logistic(now * inputs), rng)
            v = self.draw_visible(self.visible_means(now * h), rng)
            inputs = self.inputs(v)
        return float(of_visible + n_hidden * np.log(2) + logsumexp(log_weight) - np.log(n_chains))


def _views(vector: Array, shape: tuple[int, ...]) -> tuple[Array, Array, Array]:
    """Return the parts of a vector: of the weights, hidden and visible units."""
    n_hidden, n_visible = shape
    flat, hidden, visible = np.split(vector, [n_hidden * n_visible, n_hidden * n_visible + n_hidden])
    return flat.reshape(shape), hidden, visible


def states(n_units: int, dtype: npt.DTypeLike) -> Iterator[Array]:
    """Yield all states of so many units, in parts."""
    bits = np.arange(n_units)
    for start in range(0, 2**n_units, STATES_AT_ONCE):
        numbers = np.arange(start, min(start + STATES_AT_ONCE, 2**n_units))
        yield ((numbers[:, None] >> bits) & 1).astype(dtype)


def _logistic(x: Array) -> Array:
    """Write 1 / (1 + exp(-x)) over x, in less than half the time of scipy's expit."""
    np.negative(x, out=x)
    with np.errstate(over="ignore"):  # to inf, of which it makes 0
        np.exp(x, out=x)
    x += 1
    return np.divide(1, x, out=x)


def _softplus(x: Array) -> Array:
    """Return log(1 + exp(x)), in a fifth of the time of `numpy.logaddexp`."""
    y = np.abs(x)
    np.negative(y, out=y)
    np.exp(y, out=y)
    np.log1p(y, out=y)
    y += np.maximum(x, 0)
    return y
