"""Recurrent layers: their output at a step depends on the input and on the state after the previous step.

Each gate is an affine function of the input and of the state before, under a logistic function or a tanh. In W, U and b
the columns of the gates stand side by side, `units` for each. All arrays are joined to one matrix, see `Unrolled`, with
logistic gates first: as s(a) = tanh(a / 2) / 2 + 1/2, their columns are halved, and one tanh is enough.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from ..arena import Array
from ..initializers import Glorot, Initializer, Orthogonal, Zeros
from ..packing import Packing
from ..settings import check_number, check_whole
from ..unrolling import Unrolled
from .base import Backward, Layer, Mode, Param, Shape, Views, keep_mask

Through = Callable[[Array, Array], Array]


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
class RecurrentLayer(Layer):
    """Base of the recurrent layers; the parameters are described in `LSTM`."""

    units: int
    return_sequences: bool = field(default=False, kw_only=True)
    reverse: bool = field(default=False, kw_only=True)
    dropout: float = field(default=0.0, kw_only=True)
    recurrent_dropout: float = field(default=0.0, kw_only=True)
    init: Initializer = field(default_factory=Glorot, kw_only=True)
    recurrent_init: Initializer = field(default_factory=Orthogonal, kw_only=True)

    n_gates: ClassVar[int]
    # The matrix has a block of columns for each of these: gate of W and b, gate of U, None for zeros.
    blocks: ClassVar[tuple[tuple[int | None, int | None], ...]]
    n_logistic: ClassVar[int] = 0

    def __post_init__(self) -> None:
        check_whole(self, "units")
        check_number(self, "dropout", 0, 1)
        check_number(self, "recurrent_dropout", 0, 1)

    def __repr__(self) -> str:
        plain = type(self)(self.units)  # only settings that are not the default are shown: a summary has little room
        changed = {name: value for name, value in vars(self).items() if value != getattr(plain, name)}
        settings = {"units": self.units, **changed}
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
        units, columns = self.units, self.units * self.n_gates
        params = {
            "W": Param((n_in, columns), self.init, fan=(n_in, units)),
            "U": Param((units, columns), self.recurrent_init, fan=(units, units)),
            "b": Param((columns,), self.biases(), decay=False),
        }
        return ((n_steps, units) if self.return_sequences else (units,)), params

    def biases(self) -> Initializer:
        """Return the initial values of b."""
        return Zeros()

    def width(self, input_shape: Shape) -> int:
        n_steps, n_in = input_shape
        return n_steps * (n_in + 1 + self.units * (2 * len(self.blocks) + 3))

    def run(self, matrix: Array, steps: Unrolled) -> tuple[Array, Through]:
        """Return the states, and a function for backpropagation through time (Werbos 1990).

        Parameters
        ----------
        matrix : ndarray of shape (n_in + 1 + units, len(blocks) * units)
            What (x[t], 1, h[t-1]) is multiplied by, with the columns of logistic gates halved.
        steps : Unrolled
            The products, step by step.

        Returns
        -------
        h : ndarray of shape (size, units)
            The packed states.
        through : callable
            ``through(dh, U)`` returns the derivatives of the products, of shape (size, len(blocks) * units); U are the
            last rows of the matrix, nothing halved, and dh may be overwritten.
        """
        raise NotImplementedError

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        arena, n_in, units = mode.arena, x.shape[2], self.units
        packing = Packing(len(x), x.shape[1], mode.lengths, self.reverse)
        mask = state_mask = None
        if mode.training and self.dropout:
            mask = keep_mask(x[:, 0], self.dropout, mode, mode.rng)[:, None]
            x = np.multiply(x, mask, out=arena.empty_like(x))
        if mode.training and self.recurrent_dropout:
            drawn = keep_mask(arena.empty((len(x), units)), self.recurrent_dropout, mode, mode.rng)
            state_mask = packing.sort(drawn)
        entering = arena.empty((packing.size, n_in + 1 + units))
        packing.pack(x, entering[:, :n_in])
        entering[:, n_in] = 1
        matrix = arena.empty((n_in + 1 + units, len(self.blocks) * units))
        self.join(p, matrix)
        halved = arena.empty(matrix.shape)
        halved[...] = matrix
        halved[:, : units * self.n_logistic] *= 0.5
        h, through = self.run(halved, Unrolled(packing, entering, units, state_mask, arena))

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            dh = arena.empty(h.shape)
            if self.return_sequences:
                packing.pack(dy, dh)
            else:
                dh[...] = 0
                dh[packing.last()] = dy
            d = through(dh, matrix[n_in + 1 :])
            self.part(np.dot(entering.T, d, out=arena.empty(matrix.shape)), g)
            if not need_dx:
                return None
            dx = packing.unpack(np.dot(d, matrix[:n_in].T, out=arena.empty((packing.size, n_in))), arena)
            if mask is not None:
                dx *= mask
            return dx

        return (packing.unpack(h, arena) if self.return_sequences else h[packing.last()]), backward

    def join(self, p: Views, matrix: Array) -> None:
        """Write the arrays of the layer into the matrix: rows of W, one of biases, rows of U."""
        n_in = len(p.W)
        W, U, b = (array.reshape(-1, self.n_gates, self.units) for array in (p.W, p.U, p.b))
        for (w, u), block in zip(self.blocks, self._in_blocks(matrix), strict=True):
            block[:n_in] = 0 if w is None else W[:, w]
            block[n_in] = p.c if w is None else b[0, w]
            block[n_in + 1 :] = 0 if u is None else U[:, u]

    def part(self, d_matrix: Array, g: Views) -> None:
        """Write the derivatives of the matrix into those of the arrays."""
        n_in = len(g.W)
        dW, dU, db = (array.reshape(-1, self.n_gates, self.units) for array in (g.W, g.U, g.b))
        for (w, u), block in zip(self.blocks, self._in_blocks(d_matrix), strict=True):
            if w is None:
                g.c = block[n_in]
            else:
                dW[:, w], db[0, w] = block[:n_in], block[n_in]
            if u is not None:
                dU[:, u] = block[n_in + 1 :]

    def _in_blocks(self, matrix: Array) -> Array:
        """Return a view of shape (blocks, rows, units)."""
        return matrix.reshape(len(matrix), -1, self.units).swapaxes(0, 1)


STATE_FUNCTIONS: dict[
    str, tuple[Callable[..., Array], Callable[[Array, Array], Array]]
] = {  # f; f' from y = f, and out
    "tanh": (np.tanh, lambda y, out: np.subtract(1, np.multiply(y, y, out=out), out=out)),
    "relu": (lambda x, out: np.maximum(x, 0, out=out), lambda y, out: np.greater(y, 0, out=out, casting="unsafe")),
    "logistic": (expit, lambda y, out: np.multiply(y, np.subtract(1, y, out=out), out=out)),
}


@dataclass(frozen=True, repr=False)
class SimpleRNN(RecurrentLayer):
    """h[t] = f(x[t] W + h[t-1] U + b), h[-1] = 0 (lecture row 36; Elman 1990).

    Parameters
    ----------
    units : int
        Size of the state h.
    activation : {"tanh", "relu", "logistic"}
        f.
    return_sequences, reverse : bool
        As in `LSTM`.
    dropout, recurrent_dropout : float
        As in `LSTM`.
    init, recurrent_init : Initializer
        As in `LSTM`.

    Notes
    -----
    W, U and b are Keras' ``kernel``, ``recurrent_kernel`` and ``bias``, and of PyTorch ``weight_ih.T``,
    ``weight_hh.T`` and ``bias_ih + bias_hh``.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import SimpleRNN
    >>> SimpleRNN(8).plan((28, 3))[0]
    (8,)
    """

    activation: str = "tanh"

    n_gates = 1
    blocks = ((0, 0),)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.activation not in STATE_FUNCTIONS:
            raise ValueError(
                f"SimpleRNN needs activation to be {', '.join(map(repr, STATE_FUNCTIONS))}, "
                f"got activation={self.activation!r}."
            )

    def run(self, matrix: Array, steps: Unrolled) -> tuple[Array, Through]:
        f, slope = STATE_FUNCTIONS[self.activation]
        (h,) = steps.empty(1)
        states = steps.packing.views(h)
        for t, (product,) in enumerate(steps.forwards(matrix, h)):
            f(product, out=states[t])

        def through(dh: Array, U: Array) -> Array:
            d = slope(h, steps.empty(1)[0])
            dh_views = steps.packing.views(dh)
            for t, (d_t,) in steps.backwards(U, dh, d):
                d_t *= dh_views[t]
            return d

        return h, through


@dataclass(frozen=True, repr=False)
class LSTM(RecurrentLayer):
    """Long short-term memory (Hochreiter and Schmidhuber 1997; forget gates: Gers et al. 2000).

    With s the logistic function, * elementwise and h[-1] = c[-1] = 0::

        i = s(x[t] W_i + h[t-1] U_i + b_i)        input gate
        o = s(x[t] W_o + h[t-1] U_o + b_o)        output gate
        f = s(x[t] W_f + h[t-1] U_f + b_f)        forget gate
        g = tanh(x[t] W_g + h[t-1] U_g + b_g)
        c[t] = f * c[t-1] + i * g
        h[t] = o * tanh(c[t])

    The columns of W (n_in, 4 units), U (units, 4 units) and b (4 units) are in the order i, o, f, g, as in ONNX.

    Parameters
    ----------
    units : int
        Size of the state h.
    return_sequences : bool
        Whether y has the states h of all steps, of shape (n_steps, units), or only the last state, of shape (units,).
    reverse : bool
        Whether sequences are read from the last step to the first; the last state is then the one at step 0.
    dropout : float
        Probability of dropping an input feature, with the same mask at all steps of a sequence (Gal and Ghahramani
        2016, arXiv:1512.05287); the others are divided by 1 - dropout.
    recurrent_dropout : float
        Probability of dropping a feature of h before the multiplication by U, in the same way.
    init : Initializer, default=Glorot()
        Initial values of W, for each gate. b starts at 0, except for the forget gate, at 1 (Gers et al. 2000).
    recurrent_init : Initializer, default=Orthogonal()
        Initial values of U, for each gate.

    Notes
    -----
    ======== ================= ================== =======================
    here     Keras             PyTorch            ONNX
    ======== ================= ================== =======================
    W        kernel            weight_ih.T        W[0].T
    U        recurrent_kernel  weight_hh.T        R[0].T
    b        bias              bias_ih + bias_hh  B[0, :4h] + B[0, 4h:]
    i o f g  i f g o           i f g o            i o f c
    ======== ================= ================== =======================

    With h units, ``i, f, g, o = np.split(kernel, 4, axis=1)`` and ``W = np.concatenate([i, o, f, g], axis=1)``, and
    likewise for U and b. For the other direction, start with ``i, o, f, g = np.split(W, 4, axis=1)``. PyTorch and ONNX
    add two biases; set one of them to b and the other to 0.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import LSTM
    >>> LSTM(64, return_sequences=True).plan((28, 3))[0]
    (28, 64)
    """

    n_gates = 4
    blocks = ((1, 1), (0, 0), (2, 2), (3, 3))  # o, i, f, g: in the gradient o goes with h, the others with c
    n_logistic = 3

    def biases(self) -> Initializer:
        return GateBiases((0.0, 0.0, 1.0, 0.0))

    def run(self, matrix: Array, steps: Unrolled) -> tuple[Array, Through]:
        views, arena = steps.packing.views, steps.arena
        gates, (h, c, tanh_c) = steps.empty(4), steps.empty(3)
        o, i, f, g = gates
        small = arena.empty((steps.packing.n_rows, self.units))
        of_step = zip(*map(views, (gates, gates[:3], o, i, f, g, h, c, tanh_c)), steps.before(c), strict=True)
        for product, (all_t, s_t, o_t, i_t, f_t, g_t, h_t, c_t, tanh_t, c_before) in zip(
            steps.forwards(matrix, h), of_step, strict=True
        ):
            np.tanh(product, out=all_t)
            s_t *= 0.5
            s_t += 0.5
            np.multiply(f_t, c_before, out=c_t)
            c_t += np.multiply(i_t, g_t, out=small[: len(c_t)])
            np.tanh(c_t, out=tanh_t)
            np.multiply(o_t, tanh_t, out=h_t)

        def through(dh: Array, U: Array) -> Array:
            # The derivatives of the products are slopes times dh (o) or dc (i, f, g).
            slopes, (dc,) = steps.empty(4), steps.empty(1)
            # o: o (1 - o) tanh(c);  i: i (1 - i) g;  f: f (1 - f) c[t-1]
            np.subtract(1, gates[:3], out=slopes[:3])
            slopes[:3] *= gates[:3]
            slopes[0] *= tanh_c
            slopes[1] *= g
            slopes[2] *= steps.packing.shifted(c, arena)
            # g: (1 - g^2) i
            np.multiply(g, g, out=slopes[3])
            np.subtract(1, slopes[3], out=slopes[3])
            slopes[3] *= i
            # dc = o (1 - tanh(c)^2) dh + f[t+1] dc[t+1]; so far without dh and what comes from the next step
            np.multiply(tanh_c, tanh_c, out=dc)
            np.subtract(1, dc, out=dc)
            dc *= o
            d = arena.empty((len(h), 4 * self.units))
            slope_o, slope_c, f_views, dh_views, dc_views = map(views, (slopes[0], slopes[1:], f, dh, dc))
            carry = small[:0]  # from the step after this one
            for t, d_t in steps.backwards(U, dh, d):
                dh_t, dc_t = dh_views[t], dc_views[t]
                dc_t *= dh_t
                dc_t[: len(carry)] += carry
                np.multiply(slope_o[t], dh_t, out=d_t[0])
                np.multiply(slope_c[t], dc_t, out=d_t[1:])
                carry = np.multiply(dc_t, f_views[t], out=small[: len(dc_t)])
            return d

        return h, through


@dataclass(frozen=True, repr=False)
class GRU(RecurrentLayer):
    """Gated recurrent unit (Cho et al. 2014, arXiv:1406.1078), with the reset gate after the product.

    With s the logistic function, * elementwise and h[-1] = 0::

        z = s(x[t] W_z + h[t-1] U_z + b_z)        update gate
        r = s(x[t] W_r + h[t-1] U_r + b_r)        reset gate
        n = tanh(x[t] W_n + b_n + r * (h[t-1] U_n + c))
        h[t] = z * h[t-1] + (1 - z) * n

    Cho et al. use (r * h[t-1]) U_n without c. The form here, with one product per step, is that of cuDNN, PyTorch,
    Keras (``reset_after=True``) and ONNX (``linear_before_reset=1``). The columns of W (n_in, 3 units), U (units, 3
    units) and b (3 units) are in the order z, r, n, as in ONNX and Keras.

    Parameters
    ----------
    units : int
        Size of the state h.
    return_sequences, reverse : bool
        As in `LSTM`.
    dropout, recurrent_dropout : float
        As in `LSTM`.
    init, recurrent_init : Initializer
        As in `LSTM`. b_z starts at 1, like the bias of the forget gate of an LSTM: at 0, half of the state would be
        lost at each step. The other biases start at 0.

    Notes
    -----
    ======== ============================== ============================== ==================================
    here     Keras, ``reset_after=True``    PyTorch                        ONNX
    ======== ============================== ============================== ==================================
    W        kernel                         weight_ih.T                    W[0].T
    U        recurrent_kernel               weight_hh.T                    R[0].T
    b        bias[0] + (bias[1] but for n)  bias_ih + (bias_hh but for n)  B[0, :3h] + (B[0, 3h:] but for n)
    c        bias[1, 2h:]                   bias_hh[2h:]                   B[0, 5h:]
    z r n    z r n                          r z n                          z r h
    ======== ============================== ============================== ==================================

    With h units, ``r, z, n = np.split(weight_ih.T, 3, axis=1)`` and ``W = np.concatenate([z, r, n], axis=1)``, and
    likewise for U and b. For the other direction, start with ``z, r, n = np.split(W, 3, axis=1)``; the second bias is c
    for n, and 0 otherwise.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import GRU
    >>> GRU(32).plan((100, 6))[0]
    (32,)
    """

    n_gates = 3
    blocks = ((0, 0), (1, 1), (2, None), (None, 2))  # z, r, and what n has of the input and of the state
    n_logistic = 2

    def biases(self) -> Initializer:
        return GateBiases((1.0, 0.0, 0.0))

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        output_shape, params = super().plan(input_shape)
        return output_shape, {**params, "c": Param((self.units,), Zeros(), decay=False)}

    def run(self, matrix: Array, steps: Unrolled) -> tuple[Array, Through]:
        views, arena = steps.packing.views, steps.arena
        gates, (h, n, of_state) = steps.empty(2), steps.empty(3)
        z, r = gates
        of_step = zip(*map(views, (gates, z, r, h, n, of_state)), steps.before(h), strict=True)
        for product, (s_t, z_t, r_t, h_t, n_t, of_state_t, h_before) in zip(
            steps.forwards(matrix, h), of_step, strict=True
        ):
            np.tanh(product[:2], out=s_t)
            s_t *= 0.5
            s_t += 0.5
            of_state_t[...] = product[3]
            np.multiply(r_t, of_state_t, out=n_t)
            n_t += product[2]
            np.tanh(n_t, out=n_t)
            np.subtract(h_before, n_t, out=h_t)
            h_t *= z_t
            h_t += n_t

        def through(dh: Array, U: Array) -> Array:
            # The derivatives of the products are slopes times dh.
            slopes = steps.empty(4)
            np.subtract(1, gates, out=slopes[:2])  # 1 - z and 1 - r
            # what n has of the input: (1 - n^2) (1 - z)
            np.multiply(n, n, out=slopes[2])
            np.subtract(1, slopes[2], out=slopes[2])
            slopes[2] *= slopes[0]
            # what n has of the state: (1 - n^2) (1 - z) r
            np.multiply(slopes[2], r, out=slopes[3])
            # r: r (1 - r) (h[t-1] U_n + c) (1 - n^2) (1 - z)
            slopes[:2] *= gates
            slopes[1] *= of_state
            slopes[1] *= slopes[2]
            # z: z (1 - z) (h[t-1] - n)
            before = steps.packing.shifted(h, arena)
            before -= n
            slopes[0] *= before
            d = arena.empty((len(h), 4 * self.units))
            slope_views, z_views, dh_views = map(views, (slopes, z, dh))
            small = arena.empty((steps.packing.n_rows, self.units))
            carry = small[:0]  # from the step after this one
            for t, d_t in steps.backwards(U, dh, d):
                dh_t = dh_views[t]
                dh_t[: len(carry)] += carry
                np.multiply(slope_views[t], dh_t, out=d_t)
                carry = np.multiply(dh_t, z_views[t], out=small[: len(dh_t)])
            return d

        return h, through


@dataclass(frozen=True)
class Bidirectional(Layer):
    """Two recurrent layers of the same kind, one of which reads sequences backwards (Schuster and Paliwal 1997).

    y has the states of both layers at each step, concatenated; if the layer returns only its last state, y has the last
    state of both, at the last step and at step 0.

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

    layer: RecurrentLayer

    def __post_init__(self) -> None:
        if not isinstance(self.layer, RecurrentLayer):
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

    def ways(self, p: Views) -> tuple[tuple[RecurrentLayer, Views], tuple[RecurrentLayer, Views]]:
        """Return the layer that reads forwards and the one that reads in reverse.

        Parameters
        ----------
        p : Views
            The arrays of both.

        Returns
        -------
        ahead, back : pair of layer and Views
            Each with its own arrays.
        """
        p_ahead, p_back = _of_both(p)
        return (self.layer, p_ahead), (replace(self.layer, reverse=not self.layer.reverse), p_back)

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        units = self.layer.units
        (ahead, p_ahead), (back, p_back) = self.ways(p)
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
