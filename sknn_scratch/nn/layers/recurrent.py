"""Recurrent layers: what they make of a step depends on the state that the steps before it left.

Each gate is an affine function of the input and of the state before, under a logistic function s or a tanh. All are
computed together: the columns of W, U and b are the gates' one after the other, of `units` columns each. The inputs of
all steps are multiplied by W at once, and in backpropagation through time (Werbos 1990) the gradients of W and U are
one product each over all steps; only the product of U with the state is made step by step.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from ..arena import Arena, Array, ones
from ..initializers import Glorot, Initializer, Orthogonal, Zeros
from ..packing import Packing
from ..settings import check_number, check_whole
from .base import Backward, Layer, Mode, Param, Shape, Views, keep_mask

Through = Callable[[Array, Views], Array]  # from the derivatives of the states, and g, to those of x W + b


@dataclass(frozen=True)
class GateBiases(Initializer):
    """One number for all units of a gate, such as 1 for an LSTM's forget gate.

    Parameters
    ----------
    values : tuple of float
        The number of each gate.
    """

    values: tuple[float, ...]

    def __call__(self, rng: np.random.Generator, shape: Shape, fan: tuple[int, int]) -> npt.NDArray[np.float64]:
        return np.repeat(np.array(self.values, np.float64), shape[-1] // len(self.values))


@dataclass(frozen=True, repr=False)
class Recurrent(Layer):
    """Base of the recurrent layers; the parameters are described in `LSTM`."""

    units: int
    return_sequences: bool = field(default=False, kw_only=True)
    reverse: bool = field(default=False, kw_only=True)
    dropout: float = field(default=0.0, kw_only=True)
    recurrent_dropout: float = field(default=0.0, kw_only=True)
    init: Initializer = field(default_factory=Glorot, kw_only=True)
    recurrent_init: Initializer = field(default_factory=Orthogonal, kw_only=True)

    in_shards = True
    n_gates: ClassVar[int]

    def __post_init__(self) -> None:
        check_whole(self, "units")
        check_number(self, "dropout", 0, 1)
        check_number(self, "recurrent_dropout", 0, 1)

    def __repr__(self) -> str:
        plain = type(self)(self.units)  # most settings are: only the others are shown
        settings = {
            name: value for name, value in vars(self).items() if value != getattr(plain, name) or name == "units"
        }
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in settings.items())})"

    @property
    def is_random(self) -> bool:  # type: ignore[override]
        """Whether training drops inputs or states."""
        return self.dropout > 0 or self.recurrent_dropout > 0

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        if len(input_shape) != 2:
            raise ValueError(
                f"{type(self).__name__} needs rows of shape (n_steps, n_features), got {input_shape}. "
                "A recurrent layer before it needs return_sequences=True."
            )
        n_steps, n_in = input_shape
        h, columns = self.units, self.units * self.n_gates
        params = {
            "W": Param((n_in, columns), self.init, fan=(n_in, h)),
            "U": Param((h, columns), self.recurrent_init, fan=(h, h)),
            "b": Param((columns,), self.biases(), decay=False),
            **self.further_params(),
        }
        return ((n_steps, h) if self.return_sequences else (h,)), params

    def biases(self) -> Initializer:
        """Return the initial values of b."""
        return Zeros()

    def further_params(self) -> dict[str, Param]:
        """Return the arrays of the layer besides W, U and b."""
        return {}

    def run(self, z: Array, p: Views, states: "States", arena: Arena) -> tuple[Array, Through]:
        """Return the packed states, and a function for backpropagation through time.

        Parameters
        ----------
        z : ndarray of shape (n_packed, n_gates * units)
            The packed x W + b, which may be overwritten.
        p : Views
            The arrays of the layer.
        states : States
            Where the steps are, and dropout of the states.
        arena : Arena
            Memory.

        Returns
        -------
        h : ndarray of shape (n_packed, units)
        through : callable
            ``through(dh, g) -> dz`` writes the gradient of U to g, and those of further arrays; it may overwrite dh.
        """
        raise NotImplementedError

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        arena = mode.arena
        packing = Packing(*x.shape[:2], mode.lengths, self.reverse)
        mask = state_mask = None
        if mode.training and self.dropout:
            mask = keep_mask(x[:, 0], self.dropout, mode, mode.rng)[:, None]
            x = np.multiply(x, mask, out=arena.empty_like(x))
        if mode.training and self.recurrent_dropout:
            like = arena.empty((len(x), self.units))
            state_mask = packing.sort(keep_mask(like, self.recurrent_dropout, mode, mode.rng))
        packed = packing.pack(x, arena)
        z = np.dot(packed, p.W, out=arena.empty((packing.size, p.W.shape[1])))
        z += p.b
        h, through = self.run(z, p, States(packing, state_mask), arena)

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            if self.return_sequences:
                dh = arena.empty(h.shape)
                dh[...] = packing.pack(dy, arena)
            else:
                dh = arena.empty(h.shape)
                dh[...] = 0
                dh[packing.last()] = dy
            dz = through(dh, g)
            np.dot(packed.T, dz, out=g.W)
            np.dot(ones(len(dz), dz.dtype), dz, out=g.b)
            if not need_dx:
                return None
            dx = packing.unpack(np.dot(dz, p.W.T, out=arena.empty(packed.shape)), arena)
            if mask is not None:
                dx *= mask
            return dx

        if self.return_sequences:
            return packing.unpack(h, arena), backward
        return h[packing.last()], backward


class States:
    """The packed states of a mini-batch, step by step.

    Parameters
    ----------
    packing : Packing
        Where the steps are.
    mask : ndarray of shape (n_rows, units) or None
        What the states are multiplied by where they enter the product with U.
    """

    def __init__(self, packing: Packing, mask: Array | None) -> None:
        self.packing = packing
        self.mask = mask

    def steps(self, packed: Array) -> list[Array]:
        """Return views of the steps."""
        return [packed[step] for step in self.packing.steps]

    def before(self, packed: Array) -> list[Array]:
        """Return for each step but the first one a view of the step before, of the rows that go on."""
        return [packed[kept] for kept in self.packing.kept]

    def masked(self, h: Array, out: Array) -> Array:
        """Return the state h as it enters the product with U."""
        return h if self.mask is None else np.multiply(h, self.mask[: len(h)], out=out[: len(h)])

    def gradient(self, h: Array, dz: Array, out: Array) -> None:
        """Write the gradient of U, where dz are the packed derivatives of the products with U."""
        n_first = self.packing.steps[0].stop
        before = self.packing.before(h)
        if self.mask is not None:
            before = before * np.concatenate([self.mask[:0], *(self.mask[: len(b)] for b in self.before(h))])
        np.dot(before.T, dz[n_first:], out=out)


ACTIVATIONS: dict[str, tuple[Callable[..., Array], Callable[[Array], Array]]] = {  # f, and f' as a function of f
    "tanh": (np.tanh, lambda y: 1 - y * y),
    "relu": (lambda x, out: np.maximum(x, 0, out=out), lambda y: (y > 0).astype(y.dtype)),
    "logistic": (expit, lambda y: y * (1 - y)),
}


@dataclass(frozen=True, repr=False)
class SimpleRNN(Recurrent):
    """h[t] = f(x[t] W + h[t-1] U + b), h[-1] = 0 (lecture row 36; Elman 1990).

    Parameters
    ----------
    units : int
        Size of the state h.
    activation : {"tanh", "relu", "logistic"}
        f.
    return_sequences, reverse, dropout, recurrent_dropout, init, recurrent_init
        As in `LSTM`.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import SimpleRNN
    >>> SimpleRNN(8).plan((28, 3))[0]
    (8,)
    """

    activation: str = "tanh"

    n_gates = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.activation not in ACTIVATIONS:
            raise ValueError(
                f"SimpleRNN needs activation to be {', '.join(map(repr, ACTIVATIONS))}, "
                f"got activation={self.activation!r}."
            )

    def run(self, z: Array, p: Views, states: States, arena: Arena) -> tuple[Array, Through]:
        f, slope = ACTIVATIONS[self.activation]
        product, masked = (
            arena.empty((states.packing.shape[0], self.units)),
            arena.empty((states.packing.shape[0], self.units)),
        )
        first, *later = states.steps(z)
        f(first, out=first)
        for now, h in zip(later, states.before(z), strict=True):
            now += np.dot(states.masked(h, masked), p.U, out=product[: len(h)])
            f(now, out=now)

        def through(dh: Array, g: Views) -> Array:
            slopes = slope(z)
            _, *later = states.steps(dh)
            for now, slope_now, before in reversed(
                list(zip(later, states.steps(slopes)[1:], states.before(dh), strict=True))
            ):
                now *= slope_now
                d = np.dot(now, p.U.T, out=product[: len(now)])
                before += states.masked(d, masked)
            dh[states.packing.steps[0]] *= slopes[states.packing.steps[0]]
            states.gradient(z, dh, g.U)
            return dh

        return z, through


@dataclass(frozen=True, repr=False)
class LSTM(Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber 1997; forget gates: Gers et al. 2000).

    With s the logistic function, * elementwise and h[-1] = c[-1] = 0::

        i = s(x[t] W_i + h[t-1] U_i + b_i)        what is written
        o = s(x[t] W_o + h[t-1] U_o + b_o)        what is shown
        f = s(x[t] W_f + h[t-1] U_f + b_f)        what is kept
        g = tanh(x[t] W_g + h[t-1] U_g + b_g)
        c[t] = f * c[t-1] + i * g
        h[t] = o * tanh(c[t])

    The columns of W (n_in, 4 units), U (units, 4 units) and b (4 units) are those of i, o, f, g: ONNX's order.

    Parameters
    ----------
    units : int
        Size of the state h.
    return_sequences : bool
        Whether y is h at every step, of shape (n_steps, units), or the last one, of shape (units,).
    reverse : bool
        Whether sequences are read from their last step to their first; the last state is then that at step 0.
    dropout : float
        Probability to drop an input feature, for all steps of a sequence alike (Gal and Ghahramani 2016,
        arXiv:1512.05287); the others are divided by 1 - dropout.
    recurrent_dropout : float
        The same for the features of h where they are multiplied by U.
    init : Initializer, default=Glorot()
        Initial values of W, for each gate. b starts at 0, that of the forget gate at 1 (Gers et al. 2000).
    recurrent_init : Initializer, default=Orthogonal()
        Initial values of U, for each gate.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import LSTM
    >>> LSTM(64, return_sequences=True).plan((28, 3))[0]
    (28, 64)
    """

    n_gates = 4

    def biases(self) -> Initializer:
        return GateBiases((0.0, 0.0, 1.0, 0.0))

    def run(self, z: Array, p: Views, states: States, arena: Arena) -> tuple[Array, Through]:
        n, k = self.units, len(z)
        i, o, f, g_ = (slice(j * n, (j + 1) * n) for j in range(4))
        n_rows = states.packing.shape[0]
        product, small = arena.empty((n_rows, 4 * n)), arena.empty((n_rows, n))
        h, c, tanh_c = (arena.empty((k, n)) for _ in range(3))
        gates = slice(0, 3 * n)
        steps = list(zip(*map(states.steps, (z, h, c, tanh_c)), strict=True))
        befores = [None, *zip(states.before(h), states.before(c), strict=True)]
        for (z_t, h_t, c_t, tanh_t), before in zip(steps, befores, strict=True):
            if before is not None:
                h_before, c_before = before
                z_t += np.dot(states.masked(h_before, small), p.U, out=product[: len(z_t)])
            s = z_t[:, gates]
            s *= 0.5
            np.tanh(z_t, out=z_t)
            s *= 0.5
            s += 0.5
            np.multiply(z_t[:, i], z_t[:, g_], out=c_t)
            if before is not None:
                c_t += np.multiply(z_t[:, f], c_before, out=small[: len(z_t)])
            np.tanh(c_t, out=tanh_t)
            np.multiply(z_t[:, o], tanh_t, out=h_t)

        def through(dh: Array, g: Views) -> Array:
            dz, dc = arena.empty(z.shape), arena.empty(h.shape)
            first = states.packing.steps[0].stop
            np.subtract(1, z[:, gates], out=dz[:, gates])
            dz[:, gates] *= z[:, gates]
            dz[:, i] *= z[:, g_]
            dz[:, o] *= tanh_c
            dz[:first, f] = 0
            dz[first:, f] *= states.packing.before(c)
            np.multiply(z[:, g_], z[:, g_], out=dz[:, g_])
            np.subtract(1, dz[:, g_], out=dz[:, g_])
            dz[:, g_] *= z[:, i]
            np.multiply(tanh_c, tanh_c, out=dc)
            np.subtract(1, dc, out=dc)
            dc *= z[:, o]
            steps = list(zip(*map(states.steps, (z, dz, dh, dc)), strict=True))
            befores = [None, *zip(states.before(dh), states.before(dc), strict=True)]
            carry = None
            for (z_t, dz_t, dh_t, dc_t), before in zip(reversed(steps), reversed(befores), strict=True):
                dc_t *= dh_t
                if carry is not None:
                    dc_t[: len(carry)] += carry
                dz_t[:, o] *= dh_t
                dz_t[:, i] *= dc_t
                dz_t[:, f] *= dc_t
                dz_t[:, g_] *= dc_t
                if before is not None:
                    dh_before, _ = before
                    d = np.dot(dz_t, p.U.T, out=product.reshape(-1)[: len(dz_t) * n].reshape(-1, n))
                    dh_before += states.masked(d, small)
                    carry = np.multiply(dc_t, z_t[:, f], out=small[: len(dz_t)])
            states.gradient(h, dz, g.U)
            return dz

        return h, through


@dataclass(frozen=True, repr=False)
class GRU(Recurrent):
    """Gated recurrent unit (Cho et al. 2014, arXiv:1406.1078), with the reset gate after the product.

    With s the logistic function, * elementwise and h[-1] = 0::

        z = s(x[t] W_z + h[t-1] U_z + b_z)        what is kept
        r = s(x[t] W_r + h[t-1] U_r + b_r)        what the candidate sees of the state
        n = tanh(x[t] W_n + b_n + r * (h[t-1] U_n + c))
        h[t] = z * h[t-1] + (1 - z) * n

    Cho et al. have (r * h[t-1]) U_n; this is the form of cuDNN, PyTorch, Keras' ``reset_after=True`` and ONNX's
    ``linear_before_reset=1``, with one product a step. The columns of W (n_in, 3 units), U (units, 3 units) and b
    (3 units) are those of z, r, n: ONNX's and Keras' order.

    Parameters
    ----------
    units : int
        Size of the state h.
    return_sequences, reverse, dropout, recurrent_dropout, init, recurrent_init
        As in `LSTM`; all biases start at 0.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import GRU
    >>> GRU(32).plan((100, 6))[0]
    (32,)
    """

    n_gates = 3

    def further_params(self) -> dict[str, Param]:
        return {"c": Param((self.units,), Zeros(), decay=False)}

    def run(self, z: Array, p: Views, states: States, arena: Arena) -> tuple[Array, Through]:
        n, k = self.units, len(z)
        n_rows = states.packing.shape[0]
        keep, reset, new, gates = slice(0, n), slice(n, 2 * n), slice(2 * n, 3 * n), slice(0, 2 * n)
        product, small = arena.empty((n_rows, 3 * n)), arena.empty((n_rows, n))
        h, candidate = arena.empty((k, n)), arena.empty((k, n))  # the candidate's h U_n + c
        steps = list(zip(*map(states.steps, (z, h, candidate)), strict=True))
        befores = [None, *states.before(h)]
        for (z_t, h_t, candidate_t), before in zip(steps, befores, strict=True):
            s, new_t = z_t[:, gates], z_t[:, new]
            if before is not None:
                a = np.dot(states.masked(before, small), p.U, out=product[: len(z_t)])
                s += a[:, gates]
                np.add(a[:, new], p.c, out=candidate_t)
            else:
                candidate_t[...] = p.c
            s *= 0.5
            np.tanh(s, out=s)
            s *= 0.5
            s += 0.5
            new_t += np.multiply(z_t[:, reset], candidate_t, out=small[: len(z_t)])
            np.tanh(new_t, out=new_t)
            if before is not None:
                np.subtract(before, new_t, out=h_t)
                h_t *= z_t[:, keep]
            else:
                np.multiply(new_t, z_t[:, keep], out=h_t)
                np.negative(h_t, out=h_t)
            h_t += new_t

        def through(dh: Array, g: Views) -> Array:
            # dz are the derivatives of x W + b, da those of h U + (0, 0, c): they differ in the candidate's part.
            dz, da = arena.empty(z.shape), arena.empty(z.shape)
            first = states.packing.steps[0].stop
            keep_, reset_, new_ = z[:, keep], z[:, reset], z[:, new]
            dz[:first, keep] = 0
            dz[first:, keep] = states.packing.before(h)
            dz[:, keep] -= new_
            dz[:, keep] *= keep_
            np.subtract(1, keep_, out=da[:, keep])
            dz[:, keep] *= da[:, keep]
            np.multiply(new_, new_, out=dz[:, new])
            np.subtract(1, dz[:, new], out=dz[:, new])
            dz[:, new] *= da[:, keep]
            np.subtract(1, reset_, out=dz[:, reset])
            dz[:, reset] *= reset_
            dz[:, reset] *= candidate
            dz[:, reset] *= dz[:, new]
            np.multiply(dz[:, new], reset_, out=da[:, new])
            da[:, gates] = dz[:, gates]
            steps = list(zip(*map(states.steps, (z, da, dh)), strict=True))
            befores = [None, *states.before(dh)]
            for (z_t, da_t, dh_t), before in zip(reversed(steps), reversed(befores), strict=True):
                da_t.reshape(-1, 3, n)[...] *= dh_t[:, None]
                if before is not None:
                    d = np.dot(da_t, p.U.T, out=product.reshape(-1)[: len(da_t) * n].reshape(-1, n))
                    before += states.masked(d, small)
                    before += np.multiply(dh_t, z_t[:, keep], out=small[: len(da_t)])
            dz[:, gates] = da[:, gates]
            dz[:, new] *= dh
            states.gradient(h, da, g.U)
            np.dot(ones(k, da.dtype), da[:, new], out=g.c)
            return dz

        return h, through


@dataclass(frozen=True)
class Bidirectional(Layer):
    """A recurrent layer, and another of its kind that reads the sequences in reverse (Schuster and Paliwal 1997).

    y holds at each step the states of both, side by side; where the layer returns its last state, y holds the last
    state of each: at the last step and at step 0.

    Parameters
    ----------
    layer : SimpleRNN, LSTM or GRU
        The layer that reads forwards.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import LSTM, Bidirectional
    >>> Bidirectional(LSTM(16)).plan((28, 3))[0]
    (32,)
    """

    layer: Recurrent

    in_shards = True

    def __post_init__(self) -> None:
        if not isinstance(self.layer, Recurrent):
            raise ValueError(f"Bidirectional needs a layer such as LSTM(16), got layer={self.layer!r}.")

    @property
    def is_random(self) -> bool:  # type: ignore[override]
        """Whether the layer inside is."""
        return self.layer.is_random

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        (*steps, units), params = self.layer.plan(input_shape)
        return (*steps, 2 * units), {
            f"{name}{end}": param for end in ("", "_reverse") for name, param in params.items()
        }

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        units = self.layer.units
        ahead, back = self.layer, replace(self.layer, reverse=not self.layer.reverse)
        p_ahead, p_back = _of_both(p)
        y_ahead, backward_ahead = ahead.forward(p_ahead, x, mode)
        y_back, backward_back = back.forward(p_back, x, mode)

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            g_ahead, g_back = _of_both(g)
            dx = backward_ahead(dy[..., :units], g_ahead, need_dx)
            dx_back = backward_back(dy[..., units:], g_back, need_dx)
            if dx is None or dx_back is None:
                return None
            dx += dx_back
            return dx

        y = mode.arena.empty_like(y_ahead, (*y_ahead.shape[:-1], 2 * units))
        y[..., :units], y[..., units:] = y_ahead, y_back
        return y, backward


def _of_both(views: Views) -> tuple[Views, Views]:
    """Return the arrays of the layer that reads forwards, and of the one that reads in reverse."""
    arrays = vars(views)
    back = {name.removesuffix("_reverse"): array for name, array in arrays.items() if name.endswith("_reverse")}
    return Views({name: arrays[name] for name in back}), Views(back)
