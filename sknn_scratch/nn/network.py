"""A network: a chain of layers and one vector with all their arrays."""

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from .arena import Arena, Array
from .layers.base import Backward, Layer, Mode, Param, Shape, Views
from .workers import workers

VALUES_AT_ONCE = 2**19  # of the widest layer while predicting: 2 MB in float32, the size of a cache
PREDICTION_WORTH_SHARING = 2**22  # multiplications in the largest layer
SHARD_SIZE = 64  # images: half of them take a quarter longer each, twice as many leave a thread without work
NO_RNG = np.random.default_rng(0)  # prediction draws nothing


class Network:
    """Layers and all their parameters, in one contiguous vector ``theta = [decayed | not decayed]``.

    The layers see views into `theta` and write into views into `gradient`, so a solver is one formula over one array,
    a snapshot is ``theta.copy()`` and a pickle holds one array. What is measured and not trained, such as means and
    scales of inputs, is in a second vector, in float64 for every network.

    There are three ways to get another network: ``network[a:b]``, adjacent layers with a copy of their numbers, so that
    ``network[:]`` is a copy of all; ``network.twin()``, over the same numbers with a gradient of its own; and
    ``network.astype(dtype)``, for predictions in another dtype.

    Parameters
    ----------
    layers : sequence of Layer
        The chain, first layer first.
    input_shape : tuple of int
        Shape of one row of the input.
    dtype : dtype
        float32 or float64.

    Attributes
    ----------
    theta : ndarray of shape (n_trained,)
        What a solver moves, of which the penalty counts ``theta[:n_decayed]``.
    kept : ndarray of float64
        What is measured.
    start : int
        The first layer that is applied: the input is what comes out of the layers before it.
    output_shapes : list of tuple
        Shape of one row after each layer.
    """

    def __init__(self, layers: Sequence[Layer], input_shape: Shape, dtype: npt.DTypeLike) -> None:
        self.layers = tuple(layers)
        self.input_shape = tuple(input_shape)
        self.start = 0
        self._plan()
        self._bind(np.zeros(self.n_trained, dtype), np.zeros(self._n_kept))

    def _plan(self) -> None:
        """Compute the output shapes and the offset of each array in theta."""
        self.output_shapes: list[Shape] = []
        self._plans: list[dict[str, Param]] = []
        shape = self.input_shape
        for layer in self.layers:
            shape, params = layer.plan(shape)
            self.output_shapes.append(shape)
            self._plans.append(params)
        self._offsets: dict[tuple[int, str], int] = {}
        self.n_decayed = self._lay_out(0, lambda param: param.trained and param.decay)
        self.n_trained = self._lay_out(self.n_decayed, lambda param: param.trained and not param.decay)
        self._n_kept = self._lay_out(0, lambda param: not param.trained)
        self.shard_size = SHARD_SIZE if any(layer.in_shards for layer in self.layers) else 0
        trained = (i for i, params in enumerate(self._plans) if any(param.trained for param in params.values()))
        self._lowest = min(trained, default=0)  # below it no gradient is needed

    def _lay_out(self, position: int, chosen: Callable[[Param], bool]) -> int:
        """Give the chosen arrays their places in a vector, from this position on; return where they end."""
        for i, params in enumerate(self._plans):
            for name, param in params.items():
                if chosen(param):
                    self._offsets[i, name] = position
                    position += math.prod(param.shape)
        return position

    def _bind(self, theta: Array, kept: Array) -> None:
        self.theta, self.kept = theta, kept
        self._other: Network | None = None  # in the other dtype
        self.gradient = np.zeros(self.n_trained, theta.dtype)
        self.params = self._views(theta, kept)
        self.grads = self._views(self.gradient, None)

    def _views(self, trained: Array, kept: Array | None) -> list[Views]:
        """Return for each layer its windows into these vectors; without `kept`, into the first alone."""

        def windows(i: int, params: dict[str, Param]) -> Iterator[tuple[str, Array]]:
            for name, param in params.items():
                vector = trained if param.trained else kept
                if vector is not None:
                    start = self._offsets[i, name]
                    yield name, vector[start : start + math.prod(param.shape)].reshape(param.shape)

        return [Views(dict(windows(i, params))) for i, params in enumerate(self._plans)]

    def __getstate__(self) -> dict[str, Any]:
        # Views do not survive pickling, and the gradient is scratch.
        return {name: getattr(self, name) for name in ("layers", "input_shape", "start", "theta", "kept")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.layers, self.input_shape, self.start = state["layers"], state["input_shape"], state["start"]
        self._plan()
        self._bind(state["theta"], state["kept"])

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw the initial values of all layers, first layer first."""
        for params, views in zip(self._plans, self.params, strict=True):
            for name, param in params.items():
                setattr(views, name, param.init(rng, param.shape, param.fan))

    def twin(self, **changes: Any) -> "Network":
        """Return a network over the same numbers with a gradient of its own.

        Parameters
        ----------
        **changes : dict
            What is different: `start`, `input_shape` (sequences of another length), or `theta` itself.
        """
        network = object.__new__(type(self))
        network.__setstate__(self.__getstate__() | changes)
        return network

    def astype(self, dtype: npt.DTypeLike) -> "Network":
        """Return the network in this dtype: itself, or one over a copy of its numbers, the same one each time."""
        if self.theta.dtype == dtype:
            return self
        if self._other is None:
            self._other = self.twin(theta=self.theta.astype(dtype))
        else:  # 3 microseconds for 10,000 parameters, where a new network takes 100
            self._other.theta[:] = self.theta
        return self._other

    @property
    def n_constant(self) -> int:
        """How many layers stand before the first one that is trained or not constant."""
        changing = (i for i, layer in enumerate(self.layers) if not layer.constant or i == self._lowest)
        return next(changing)

    @property
    def n_positions(self) -> int:
        """How many time steps or pixels a row has at most, each of which is multiplied by the same weights."""
        return max(math.prod(shape[:-1]) for shape in [self.input_shape, *self.output_shapes])

    def __getitem__(self, part: slice) -> "Network":
        """Return a network of adjacent layers, with a copy of their part of theta."""
        start, stop, step = part.indices(len(self.layers))
        if step != 1:
            raise ValueError(f"Only neighbouring layers are a network, got a step of {step}.")
        input_shape = self.output_shapes[start - 1] if start else self.input_shape
        network = Network(self.layers[start:stop], input_shape, self.theta.dtype)
        network.start = max(0, self.start - start)
        for views, copies in zip(self.params[start:stop], network.params, strict=True):
            for name, array in vars(views).items():
                setattr(copies, name, array)
        return network

    def weights(self) -> list[Array]:
        """Return the weights of all layers, first layer first: views."""
        return [array for param, array in self._arrays() if param.is_weight]

    def biases(self) -> list[Array]:
        """Return the biases of all layers, first layer first: views."""
        return [array for param, array in self._arrays() if param.is_bias]

    def _arrays(self) -> Iterator[tuple[Param, Array]]:
        for params, views in zip(self._plans, self.params, strict=True):
            yield from ((param, getattr(views, name)) for name, param in params.items())

    def limit_norms(self, largest: float) -> None:
        """Clip the norm of the weights into each unit (Srebro and Shraibman 2005; used by Hinton et al. 2012)."""
        for weights in self.weights():
            if weights.ndim < 2:  # no weights into a unit, such as the gains of a normalisation
                continue
            W = weights.reshape(-1, weights.shape[-1])
            W *= np.minimum(1, largest / np.maximum(np.linalg.norm(W, axis=0), np.finfo(W.dtype).tiny))

    def forward(self, x: Any, mode: Mode) -> tuple[Array, Callable[[Array], None]]:
        """Return the raw output for the rows `x` and a function for backpropagation.

        Parameters
        ----------
        x : array of shape (n, *input_shape) or (n, prod(input_shape)), or CSR array
            Rows; sparse ones are made dense before the first layer that needs it.
        mode : Mode
            Training or prediction; the raw output is in its arena.

        Returns
        -------
        raw : ndarray of shape (n, *output_shape)
        backward : callable
            ``backward(d_raw)`` fills `gradient`; it may overwrite d_raw.
        """
        outputs, backwards = self.trace(x, mode)
        return outputs[-1], lambda d_raw: self.backpropagate(backwards, d_raw)

    def backpropagate(self, backwards: Sequence[Backward], d: Any, at: int = -1, d_at: Any = None) -> None:
        """Fill `gradient`, from the derivative `d` by the raw output and another one, `d_at`, by the output of `at`."""
        for i in range(len(backwards) - 1, self._lowest - 1, -1):
            if i == at:
                d = d + d_at
            if d.dtype != self.theta.dtype:  # from a layer of one's own
                d = d.astype(self.theta.dtype)
            d = backwards[i](d, self.grads[i], i > self._lowest)

    def trace(self, x: Any, mode: Mode) -> tuple[list[Any], list[Backward]]:
        """Return the output and the backward function of each layer."""
        outputs: list[Any] = [None] * len(self.layers)
        backwards: list[Any] = [None] * len(self.layers)  # without `append`, which is a call a layer
        shape = self.output_shapes[self.start - 1] if self.start else self.input_shape
        if isinstance(x, np.ndarray) and x.ndim != 1 + len(shape):
            x = x.reshape(len(x), -1, *shape[1:])  # sequences may have fewer steps than planned, or more
        for i in range(self.start, len(self.layers)):
            layer = self.layers[i]
            if not isinstance(x, np.ndarray) and not (layer.accepts_sparse and len(shape) == 1):
                x = x.toarray().reshape(x.shape[0], *shape)
            if x.dtype != mode.arena.dtype and not layer.accepts_any_dtype:
                x = x.astype(mode.arena.dtype)
            outputs[i], backwards[i] = layer.forward(self.params[i], x, mode)
            x = outputs[i]
        if x.dtype != mode.arena.dtype:  # from a layer of one's own
            outputs[-1] = x.astype(mode.arena.dtype)
        return outputs, backwards

    def sizes(self) -> list[int]:
        """Return the number of trained parameters of each layer."""
        return [sum(math.prod(param.shape) for param in params.values() if param.trained) for params in self._plans]

    def fan_in(self) -> list[int]:
        """Return the fan-in of each layer's weights, the largest one; 0 without weights between units."""
        fans = ([p.fan for p in params.values() if p.trained and p.fan != (1, 1)] for params in self._plans)
        return [max((n_in for n_in, _ in of_layer), default=0) for of_layer in fans]

    @cached_property
    def largest_product(self) -> int:
        """Multiplications for a row in the layer that has most: a weight counts at each of its positions."""
        each = zip(self.layers, self.sizes(), self.output_shapes, strict=True)
        return max(size * (1 if layer.own_weights else math.prod(shape[:-1])) for layer, size, shape in each)

    @cached_property
    def _largest_width(self) -> int:
        """How many numbers of a row are in memory at the same time, in the layer that has most."""
        shapes = [self.input_shape, *self.output_shapes[:-1]]
        widths = (layer.width(shape) for layer, shape in zip(self.layers, shapes, strict=True))
        return max(math.prod(self.input_shape), *widths)

    def predict(self, X: Any) -> Array:
        """Return the raw output for any number of rows, with bounded temporary memory.

        Parameters
        ----------
        X : array of shape (n, prod(input_shape)) or CSR array
            Rows.

        Returns
        -------
        raw : ndarray of shape (n, *output_shape)
            Where a mini-batch of short sequences has fewer steps than planned, the others are 0.
        """
        steps, rest = divmod(math.prod(X.shape[1:]), math.prod(self.input_shape[1:]))
        if self.start == 0 and steps != self.input_shape[0] and not rest:
            return self.twin(input_shape=(steps, *self.input_shape[1:])).predict(X)
        raw = np.zeros((X.shape[0], *self.output_shapes[-1]), self.theta.dtype)
        n_rows = max(1, VALUES_AT_ONCE // self._largest_width)
        of_thread = threading.local()

        def one_part(start: int) -> None:
            arena = of_thread.__dict__.setdefault("arena", Arena(self.theta.dtype))
            arena.reset()
            part = slice(start, start + n_rows)
            mode = Mode(training=False, rng=NO_RNG, batch_rng=NO_RNG, arena=arena)
            y, _ = self.forward(X[part], mode)
            y = y if isinstance(y, np.ndarray) else y.toarray()  # of the first layers of a network
            raw[part, *map(slice, y.shape[1:])] = y

        product = X.shape[0] * self.largest_product
        with workers() if product >= PREDICTION_WORTH_SHARING else nullcontext(map) as run:
            list(run(one_part, range(0, X.shape[0], n_rows)))
        return raw
