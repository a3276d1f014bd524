"""Stochastic solvers (optimisers): they compute a step from a gradient, for one vector of all parameters."""

from dataclasses import dataclass

import numpy as np

from .arena import Array

PIECE = 65_536  # entries updated at a time: Adam takes 1.5 times as long with 16,384, as long with a million or more


class Solver:
    """Base of the stochastic solvers; a subclass defines `direction`, the formula of a step.

    The formula must be elementwise: `direction` is called for blocks of at most `PIECE` parameters. `slots` is the
    number of vectors of memory that it needs; they are initially zero.
    """

    slots = 0
    default_rate = 0.1  # the learning rate of `learning_rate_init="auto"`
    normalized = False  # whether a step is about as large as the rate, however large the gradient is

    # Whether weight decay is decoupled from the gradient (Loshchilov and Hutter 2019, arXiv:1711.05101). If so, the
    # trainer leaves the L2 part of the penalty out of the loss and of the gradient, and multiplies the penalised
    # weights by 1 - rate * l2 before each step. The L1 part is treated as usual. `direction` must not decay theta, for
    # it has biases too.
    decoupled = False

    def direction(self, theta: Array, g: Array, t: int, rate: float, memory: Array) -> Array:
        """Return the step to subtract from `theta`, and update the memory.

        Parameters
        ----------
        theta : ndarray of shape (n,)
            A block of the parameters, weights and biases; not modified.
        g : ndarray of shape (n,)
            The gradient; may be overwritten.
        t : int
            Number of the step, 1, 2, ...
        rate : float
            The current learning rate.
        memory : ndarray of shape (slots, n)
            State of the solver after the previous step; initially zero.

        Returns
        -------
        ndarray of shape (n,)
            The step, which is subtracted from `theta`.
        """
        raise NotImplementedError

    def step(self, theta: Array, g: Array, memory: Array, t: int, rate: float) -> None:
        """Update all parameters in place.

        Parameters
        ----------
        theta : ndarray of shape (n,)
            The parameters.
        g : ndarray of shape (n,)
            Their gradient; overwritten.
        memory : ndarray of shape (slots, n)
            State of the solver.
        t : int
            Number of the step, 1, 2, ...
        rate : float
            The learning rate now.
        """
        for start in range(0, len(theta), PIECE):
            piece = slice(start, start + PIECE)
            part = theta[piece]
            part -= self.direction(part, g[piece], t, rate, memory[:, piece])


@dataclass(frozen=True)
class SGD(Solver):
    """w <- w - eta g: plain gradient descent (lecture row 9)."""

    def direction(self, theta: Array, g: Array, t: int, rate: float, memory: Array) -> Array:
        g *= rate
        return g


@dataclass(frozen=True)
class Momentum(Solver):
    """v <- mu v - eta g; w <- w + v (lecture row 10), or with Nesterov's momentum w <- w + mu v - eta g.

    The memory holds -v. Nesterov's momentum has the form of Sutskever et al. 2013, with theta at the look-ahead point.

    Parameters
    ----------
    mu : float
        Momentum: the factor of the previous step.
    nesterov : bool
        Whether to use Nesterov's momentum.
    """

    mu: float = 0.9
    nesterov: bool = True

    slots = 1
    default_rate = 0.05

    def direction(self, theta: Array, g: Array, t: int, rate: float, memory: Array) -> Array:
        (v,) = memory
        g *= rate
        v *= self.mu
        v += g
        return self.mu * v + g if self.nesterov else v


@dataclass(frozen=True)
class AdaGrad(Solver):
    """cache <- cache + g^2; w <- w - eta g / (sqrt(cache) + eps) (lecture row 12; Duchi et al. 2011).

    Parameters
    ----------
    eps : float
        Avoids division by zero.
    """

    eps: float = 1e-10

    slots = 1
    default_rate = 0.05

    def direction(self, theta: Array, g: Array, t: int, rate: float, memory: Array) -> Array:
        (cache,) = memory
        cache += g * g
        g *= rate
        g /= np.sqrt(cache) + self.eps
        return g


@dataclass(frozen=True)
class RMSProp(Solver):
    """cache <- rho cache + (1 - rho) g^2, then AdaGrad's update (lecture row 13; Tieleman and Hinton 2012).

    With momentum mu the update is v <- mu v + eta g / (sqrt(cache) + eps); w <- w - v, as in TensorFlow (where eps is
    under the root; here it is not, as in the lectures).

    Parameters
    ----------
    rho : float
        Decay of the mean square.
    mu : float
        Momentum.
    eps : float
        Avoids division by zero.
    """

    rho: float = 0.9
    mu: float = 0.0
    eps: float = 1e-8

    slots = 2
    default_rate = 3e-3
    normalized = True

    def direction(self, theta: Array, g: Array, t: int, rate: float, memory: Array) -> Array:
        cache, v = memory
        cache *= self.rho
        cache += (1 - self.rho) * (g * g)
        g *= rate
        g /= np.sqrt(cache) + self.eps
        v *= self.mu
        v += g
        return v


@dataclass(frozen=True)
class Adam(Solver):
    """m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2; w <- w - eta_t m / (sqrt(v) + eps) (lecture row 14).

    eta_t = eta sqrt(1 - b2^t) / (1 - b1^t): the efficient order of Kingma and Ba 2015 (arXiv:1412.6980), section 2.
    The memory holds m / (1 - b1) and v / (1 - b2), which saves a quarter of the passes over the arrays.

    Parameters
    ----------
    beta_1 : float
        Decay of the first moment, the mean of the gradient.
    beta_2 : float
        Decay of the second moment, the mean of its square.
    eps : float
        Avoids division by zero.
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    eps: float = 1e-8

    slots = 2
    default_rate = 0.01
    normalized = True

    def direction(self, theta: Array, g: Array, t: int, rate: float, memory: Array) -> Array:
        m, v = memory
        m *= self.beta_1
        m += g
        v *= self.beta_2
        g *= g
        v += g
        root = (1 - self.beta_2) ** 0.5
        np.sqrt(v, out=g)
        g += self.eps / root
        np.divide(m, g, out=g)
        g *= rate * (1 - self.beta_1) / root * (1 - self.beta_2**t) ** 0.5 / (1 - self.beta_1**t)
        return g


@dataclass(frozen=True)
class AdamW(Adam):
    """w <- (1 - eta l2) w - Adam's step: decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101).

    Adam divides the gradient of the L2 penalty by sqrt(v) like the rest of the gradient, so weights with large
    gradients decay less. Here all weights decay at the same rate. The trainer multiplies by 1 - eta l2: see `decoupled`
    of `Solver`.

    Parameters
    ----------
    beta_1 : float
        Decay of the first moment, the mean of the gradient.
    beta_2 : float
        Decay of the second moment, the mean of its square.
    eps : float
        Avoids division by zero.
    """

    decoupled = True


@dataclass(frozen=True)
class NAdam(Adam):
    """Adam's m and v; w <- w - eta [b1 m / (1 - b1^(t+1)) + (1 - b1) g / (1 - b1^t)] / (sqrt(v / (1 - b2^t)) + eps).

    Adam with Nesterov's momentum (Dozat 2016, Incorporating Nesterov Momentum into Adam, ICLR workshop). In the paper
    b1 may depend on t; here it is constant. As in `Adam`, the memory holds m / (1 - b1) and v / (1 - b2).

    Parameters
    ----------
    beta_1 : float
        Decay of the first moment, the mean of the gradient.
    beta_2 : float
        Decay of the second moment, the mean of its square.
    eps : float
        Avoids division by zero.
    """

    def direction(self, theta: Array, g: Array, t: int, rate: float, memory: Array) -> Array:
        m, v = memory
        m *= self.beta_1
        m += g
        v *= self.beta_2
        v += g * g
        g /= 1 - self.beta_1**t
        g += self.beta_1 / (1 - self.beta_1 ** (t + 1)) * m
        g *= rate * (1 - self.beta_1)
        root = np.sqrt(v)
        root *= ((1 - self.beta_2) / (1 - self.beta_2**t)) ** 0.5
        root += self.eps
        g /= root
        return g
