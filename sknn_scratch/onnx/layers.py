"""From layers to ONNX: a function for each kind, found by its class."""

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from ..nn import layers as nn
from ..nn.layers.base import Layer, Shape, Views
from ..nn.layers.conv import Kernels
from ..nn.layers.embedding import LARGEST, Embedding
from ..nn.layers.pool import Pool2D
from ..nn.layers.recurrent import RecurrentLayer
from ..nn.layers.standardize import HUGE, LARGE, LIMIT
from ..nn.network import Network
from ..nn.windows import Windows
from .graph import Graph

Conversion = Callable[[Any, Views, str, Shape, Graph], str]
Function = TypeVar("Function", bound=Conversion)

CONVERSIONS: dict[type[Layer], Conversion] = {}


def converts(*kinds: type[Layer]) -> Callable[[Function], Function]:
    """Register a function as the conversion of layers to ONNX.

    The function is called as ``function(layer, p, x, shape, graph)``: the layer and its arrays, as in its `forward`;
    the name of its input, of n rows; the shape of one of these rows, as in its `plan`; and the graph, to which it adds
    nodes. It returns the name of the layer's output.

    Parameters
    ----------
    *kinds : type
        Classes of layers. Subclasses are not included, since they may compute something else.

    Returns
    -------
    decorator : callable
        Decorator that returns the function unchanged.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import Tanh
    >>> from sknn_scratch.onnx import converts
    >>> class Squashing(Tanh):
    ...     pass
    >>> @converts(Squashing)
    ... def squashing(layer, p, x, shape, graph):
    ...     return graph.add("Tanh", x)
    """

    for kind in kinds:
        if not (isinstance(kind, type) and issubclass(kind, Layer)):
            raise TypeError(f"converts takes classes of layers, as in @converts(Softsign), got {kind!r}.")

    def register(function: Function) -> Function:
        CONVERSIONS.update(dict.fromkeys(kinds, function))
        return function

    return register


def convert(layer: Layer, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    """Add the nodes of a layer to the graph, and return the name of its output."""
    kind = type(layer)
    if kind not in CONVERSIONS:
        raise TypeError(
            f"No conversion of {kind.__name__} to ONNX is known. Register one, a function decorated with "
            f"@sknn_scratch.onnx.converts({kind.__name__}) that adds its nodes to the graph; the page "
            "'Exporting a model to ONNX' has an example."
        )
    y = CONVERSIONS[kind](layer, p, x, shape, graph)
    if not isinstance(y, str):
        raise TypeError(f"The conversion of {kind.__name__} should return the name of its output, got {y!r}.")
    return y


def convert_network(network: Network, x: str, graph: Graph) -> str:
    """Add the nodes of all layers to the graph; x has a row of any shape that the network takes."""
    network = network.astype(graph.dtype)
    shape = network.input_shape
    x = graph.add("Reshape", x, [0, *((-1, shape[1]) if len(shape) == 2 else shape)])  # -1: any number of steps
    shapes = [network.input_shape, *network.output_shapes]
    for layer, p, shape in zip(network.layers, network.params, shapes, strict=False):
        x = convert(layer, p, x, shape, graph)
    return x


@converts(
    nn.Identity,
    nn.Dropout,
    nn.GaussianNoise,
    nn.ElasticDistortion,
    nn.RandomBrightness,
    nn.RandomColor,
    nn.RandomFlip,
    nn.RandomRotation,
    nn.RandomScaling,
    nn.RandomShift,
)
def nothing(layer: Layer, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    """Leave x as it is, as these layers do in prediction."""
    return x


@converts(nn.DropConnect)
def drop_connect(layer: nn.DropConnect, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return convert(layer.layer, p, x, shape, graph)


@converts(nn.Standardize)
def standardize(layer: nn.Standardize, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    dtype = graph.dtype if max(np.abs(p.mean).max(), p.scale.max()) < LARGE else np.dtype(np.float64)
    if dtype != graph.dtype:
        x = graph.cast(x, dtype)
    z = graph.add("Sub", x, graph.constant(p.mean, dtype))
    z = graph.add("Mul", z, graph.constant(p.scale, dtype))
    if dtype != graph.dtype:
        z = graph.cast(z, graph.dtype)
    z = graph.add("Clip", z, -HUGE, HUGE)
    ratio = graph.add("Mul", z, 1 / LIMIT)
    root = graph.add("Sqrt", graph.add("Add", graph.add("Mul", ratio, ratio), 1.0))
    return graph.add("Div", z, root)


@converts(nn.PeriodicEmbedding)
def periodic_embedding(layer: nn.PeriodicEmbedding, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    angles = graph.add("Add", graph.add("Mul", _columns(layer, x, graph), p.f), p.s)
    cosines = graph.add("Sin", graph.add("Add", angles, np.pi / 2))  # onnxruntime has no Cos of float64
    h = graph.add("MatMul", graph.add("Reshape", cosines, [0, 0, 1, layer.n_frequencies]), p.W)
    return graph.add("Concat", x, graph.add("Reshape", h, [0, len(layer.columns) * layer.size]), axis=1)


@converts(nn.PiecewiseEmbedding)
def piecewise_embedding(layer: nn.PiecewiseEmbedding, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    edges, widths = layer.bins(p)
    picked = graph.add("Clip", _columns(layer, x, graph), -LARGEST, LARGEST)
    shares = graph.add("Div", graph.add("Sub", picked, edges), widths)
    h = graph.add("Sub", graph.add("Clip", shares, 0.0, 1.0), 0.5)
    return graph.add("Concat", x, graph.add("Reshape", h, [0, len(layer.columns) * layer.size]), axis=1)


def _columns(layer: Embedding, x: str, graph: Graph) -> str:
    """Return the embedded columns, of shape (n, n_columns, 1)."""
    return graph.add("Unsqueeze", graph.add("Gather", x, np.array(layer.columns), axis=1), np.array([2]))


@converts(nn.Dense)
def dense(layer: nn.Dense, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return graph.add("Add", graph.add("MatMul", x, p.W), p.b)


@converts(nn.MemberScaling)
def member_scaling(layer: nn.MemberScaling, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return graph.add("Mul", graph.add("Unsqueeze", x, [1]), p.s.reshape(layer.n_members, -1))


@converts(nn.MemberDense)
def member_dense(layer: nn.MemberDense, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    members = [layer.n_members, layer.units]
    if len(shape) == 1:
        y = graph.add("Reshape", graph.add("MatMul", x, p.W), [0, *members])
    else:
        W = p.W.reshape(-1, *members).swapaxes(0, 1)
        y = graph.add("Squeeze", graph.add("MatMul", graph.add("Unsqueeze", x, [2]), W), [2])
    return graph.add("Add", y, p.b.reshape(members))


@converts(nn.MemberMean)
def member_mean(layer: nn.MemberMean, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    n_members, n_outputs = shape
    match layer.link:
        case "identity":
            return graph.add("ReduceMean", x, [1], keepdims=0)
        case "sorted":
            in_order = graph.add("TopK", x, [n_outputs], n_outputs=2, largest=0)
            return graph.add("ReduceMean", in_order, [1], keepdims=0)
        case "softmax":
            x = graph.add("LogSoftmax", x, axis=-1)
        case "logistic":
            p_and_q = [graph.add("Neg", _softplus(each, graph)) for each in (graph.add("Neg", x), x)]
            yes, no = (graph.add("ReduceLogSumExp", each, [1], keepdims=0) for each in p_and_q)
            return graph.add("Sub", yes, no)
    return graph.add("Sub", graph.add("ReduceLogSumExp", x, [1], keepdims=0), math.log(n_members))


# Activations: of operators that onnxruntime has for float64 too, where there are such (it has no Erf)


@converts(nn.Logistic)
def logistic(layer: nn.Logistic, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return graph.add("Sigmoid", x)


@converts(nn.Tanh)
def tanh(layer: nn.Tanh, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return graph.add("Tanh", x)


@converts(nn.ReLU)
def relu(layer: nn.ReLU, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return graph.add("Relu", x)


@converts(nn.LeakyReLU)
def leaky_relu(layer: nn.LeakyReLU, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return graph.add("Max", x, graph.add("Mul", x, layer.a))


@converts(nn.ELU)
def elu(layer: nn.ELU, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    below = graph.add("Sub", graph.add("Exp", graph.add("Min", x, 0.0)), 1.0)
    return graph.add("Max", x, below)


@converts(nn.Softplus)
def softplus(layer: nn.Softplus, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return _softplus(x, graph)


def _softplus(x: str, graph: Graph) -> str:
    small = graph.add("Exp", graph.add("Neg", graph.add("Abs", x)))
    return graph.add("Add", graph.add("Relu", x), graph.add("Log", graph.add("Add", small, 1.0)))


@converts(nn.GELU)
def gelu(layer: nn.GELU, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    erf = graph.add("Erf", graph.add("Mul", x, 0.5**0.5))
    return graph.add("Mul", x, graph.add("Mul", graph.add("Add", erf, 1.0), 0.5))


@converts(nn.SiLU)
def silu(layer: nn.SiLU, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return graph.add("Mul", x, graph.add("Sigmoid", x))


@converts(nn.Mish)
def mish(layer: nn.Mish, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    u = graph.add("Exp", graph.add("Min", x, 20.0))
    n = graph.add("Mul", u, graph.add("Add", u, 2.0))
    return graph.add("Mul", x, graph.add("Div", n, graph.add("Add", n, 2.0)))


@converts(nn.Step)
def step(layer: nn.Step, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return graph.cast(graph.add("Greater", x, 0.0), graph.dtype)


@converts(nn.Maxout)
def maxout(layer: nn.Maxout, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    groups = graph.add("Reshape", x, [0] * len(shape) + [shape[-1] // layer.pieces, layer.pieces])
    return graph.add("ReduceMax", groups, [-1], keepdims=0)


# Shapes


@converts(nn.Reshape)
def reshape(layer: nn.Reshape, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return graph.add("Reshape", x, [0, *layer.shape])


@converts(nn.Flatten)
def flatten(layer: nn.Flatten, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return graph.add("Reshape", x, [0, math.prod(shape)])


# Images, in ONNX channels first: onnxruntime takes away the transpositions between two layers


def _window(windows: tuple[Windows, Windows]) -> dict[str, Any]:
    """Return the attributes of a layer with such windows, down and across."""
    return {
        "kernel_shape": [each.kernel for each in windows],
        "strides": [each.stride for each in windows],
        "pads": [each.before for each in windows] + [max(0, each.end - each.before - each.size) for each in windows],
    }


def _images(op: str, layer: Kernels | Pool2D, x: str, shape: Shape, graph: Graph, *more: Any, **attributes: Any) -> str:
    x = graph.add("Transpose", x, perm=[0, 3, 1, 2])
    y = graph.add(op, x, *more, **_window(layer.windows(shape)), **attributes)
    return graph.add("Transpose", y, perm=[0, 2, 3, 1])


@converts(nn.Conv2D)
def conv_2d(layer: nn.Conv2D, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return _images("Conv", layer, x, shape, graph, p.W.transpose(3, 2, 0, 1), p.b)


@converts(nn.MaxPool2D)
def max_pool_2d(layer: nn.MaxPool2D, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return _images("MaxPool", layer, x, shape, graph)


@converts(nn.AveragePool2D)
def average_pool_2d(layer: nn.AveragePool2D, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return _images("AveragePool", layer, x, shape, graph)


@converts(nn.L2Pool2D)
def l2_pool_2d(layer: nn.L2Pool2D, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return _images("LpPool", layer, x, shape, graph, p=2)


@converts(nn.LocallyConnected2D)
def locally_connected_2d(layer: nn.LocallyConnected2D, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    pads = _window(layer.windows(shape))["pads"]
    if any(pads):
        x = graph.add("Pad", x, [0, *pads[:2], 0, 0, *pads[2:], 0])
    for axis, along in zip((1, 3), layer.windows(shape), strict=True):  # lines of each window, then pixels of these
        starts = along.stride * np.arange(along.count, dtype=np.int32)
        cells = graph.add("Add", starts[:, None], np.arange(along.kernel, dtype=np.int32))
        x = graph.add("Gather", x, cells, axis=axis)
    x = graph.add("Transpose", x, perm=[0, 1, 3, 2, 4, 5])  # n, down, across, kernel height, kernel width, channels
    *positions, height, width, channels, filters = p.W.shape
    x = graph.add("Reshape", x, [0, *positions, 1, height * width * channels])
    y = graph.add("MatMul", x, p.W.reshape(*positions, -1, filters))
    return graph.add("Add", graph.add("Squeeze", y, [3]), p.b)


# Sequences


@converts(nn.Masking)
def masking(layer: nn.Masking, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    missing = graph.add("IsNaN", x)
    known = graph.add("ReduceMax", graph.cast(graph.add("Not", missing), np.int32), [2], keepdims=0)
    n_steps = graph.cast(graph.add("Squeeze", graph.add("Shape", x, start=1, end=2)), np.int32)
    one = np.int32(1)
    numbers = graph.add("Range", one, graph.add("Add", n_steps, one), one)  # of the steps, from 1 on
    graph.lengths = graph.add("ReduceMax", graph.add("Mul", known, numbers), [1], keepdims=0)
    graph.there = graph.add("LessOrEqual", numbers, graph.add("Unsqueeze", graph.lengths, [1]))
    return graph.add("Where", missing, 0.0, x)


def _recurrent(op: str, layer: RecurrentLayer, p: Views, x: str, biases: str, graph: Graph, **attributes: Any) -> str:
    lengths = [] if graph.lengths is None else [graph.lengths]
    y = graph.add(
        op,
        graph.add("Transpose", x, perm=[1, 0, 2]),
        p.W.T[None],
        p.U.T[None],
        biases,
        *lengths,
        n_outputs=2,  # all states, and the last one
        output=0 if layer.return_sequences else 1,
        hidden_size=layer.units,
        direction="reverse" if layer.reverse else "forward",
        **attributes,
    )
    if not layer.return_sequences:
        return graph.add("Squeeze", y, [0])
    return graph.add("Transpose", graph.add("Squeeze", y, [1]), perm=[1, 0, 2])


@converts(nn.SimpleRNN)
def simple_rnn(layer: nn.SimpleRNN, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    biases = graph.add("Pad", p.b[None], [0, 0, 0, layer.units])  # ONNX has a second bias: 0
    activation = {"tanh": "Tanh", "relu": "Relu", "logistic": "Sigmoid"}[layer.activation]
    return _recurrent("RNN", layer, p, x, biases, graph, activations=[activation])


@converts(nn.LSTM)
def lstm(layer: nn.LSTM, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    biases = graph.add("Pad", p.b[None], [0, 0, 0, 4 * layer.units])
    return _recurrent("LSTM", layer, p, x, biases, graph)


@converts(nn.GRU)
def gru(layer: nn.GRU, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    of_state = graph.add("Pad", p.c[None], [0, 2 * layer.units, 0, 0])
    biases = graph.add("Concat", p.b[None], of_state, axis=1)
    return _recurrent("GRU", layer, p, x, biases, graph, linear_before_reset=1)


@converts(nn.Bidirectional)
def bidirectional(layer: nn.Bidirectional, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    ways = [convert(each, views, x, shape, graph) for each, views in layer.ways(p)]
    return graph.add("Concat", *ways, axis=-1)


@converts(nn.LastStep)
def last_step(layer: nn.LastStep, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    if graph.lengths is None:
        last = graph.add("Gather", x, -1, axis=1)
    else:
        steps = graph.cast(graph.add("Sub", graph.lengths, np.int32(1)), np.int64)
        last = graph.add("GatherND", x, graph.add("Unsqueeze", steps, [1]), batch_dims=1)
    if not layer.n_reversed:
        return last
    first = graph.add("Gather", x, 0, axis=1)
    end = shape[-1] - layer.n_reversed
    ahead, back = graph.add("Slice", last, [0], [end], [-1]), graph.add("Slice", first, [end], [shape[-1]], [-1])
    return graph.add("Concat", ahead, back, axis=-1)


def _where_there(x: str, otherwise: float, graph: Graph) -> str:
    """Return the steps that are there, and a number in place of the others."""
    if graph.there is None:
        return x
    return graph.add("Where", graph.add("Unsqueeze", graph.there, [2]), x, otherwise)


@converts(nn.MeanSteps)
def mean_steps(layer: nn.MeanSteps, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    if graph.lengths is None:
        return graph.add("ReduceMean", x, [1], keepdims=0)
    total = graph.add("ReduceSum", _where_there(x, 0.0, graph), [1], keepdims=0)
    return graph.add("Div", total, graph.add("Unsqueeze", graph.cast(graph.lengths, graph.dtype), [1]))


@converts(nn.MaxSteps)
def max_steps(layer: nn.MaxSteps, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return graph.add("ReduceMax", _where_there(x, -np.inf, graph), [1], keepdims=0)


@converts(nn.StepPoolings)
def step_poolings(layer: nn.StepPoolings, p: Views, x: str, shape: Shape, graph: Graph) -> str:
    return graph.add("Concat", *(convert(each, p, x, shape, graph) for each in layer.poolings), axis=-1)
