"""From estimators to ONNX: what each of them predicts, as outputs of the graph."""

import math
from functools import singledispatch
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.linalg
from sklearn.base import BaseEstimator

from ..data.steps import Steps
from ..data.targets import Labels, Quantities
from ..estimators.autoencoder import Autoencoder
from ..estimators.base import NetworkEstimator
from ..estimators.classification import NetworkClassification
from ..estimators.fitted import check_network, up_to
from ..estimators.hidden_features import HiddenFeatures
from ..estimators.perceptron import PerceptronClassifier
from ..estimators.rbm import BernoulliRBM
from ..estimators.regression import NetworkRegression
from ..nn.layers.standardize import LARGE
from ..nn.losses import Loss
from .graph import Graph
from .layers import convert_network

Axes = tuple[int | str, ...]


class Output(NamedTuple):
    """An output of the graph.

    Parameters
    ----------
    value : str
        The tensor.
    dtype : dtype
        Its dtype.
    shape : tuple of int or str
        Shape of one row; names stand for lengths that may differ.
    """

    value: str
    dtype: npt.DTypeLike
    shape: Axes


Outputs = dict[str, Output]


@singledispatch
def rows(estimator: BaseEstimator) -> tuple[Axes, npt.DTypeLike]:
    """Return what X was in `fit`: the shape of a row, and the dtype."""
    raise TypeError(
        f"to_onnx exports estimators of sknn_scratch, got an instance of {type(estimator).__name__}. For a pipeline or "
        "search with one of them in it, import sknn_scratch.onnx, then call skl2onnx.to_onnx(pipeline, X[:1])."
    )


@rows.register
def _(estimator: NetworkEstimator) -> tuple[Axes, npt.DTypeLike]:
    shape = estimator._seen_shape
    if shape is None:
        return (estimator.n_features_in_,), estimator._seen_dtype
    return ("steps", *shape[1:]) if estimator._row_shape().any_length else shape, estimator._seen_dtype


@rows.register
def _(estimator: HiddenFeatures) -> tuple[Axes, npt.DTypeLike]:
    return rows(check_network(estimator.estimator_))


@rows.register
def _(estimator: PerceptronClassifier) -> tuple[Axes, npt.DTypeLike]:
    return (estimator.n_features_in_,), estimator.coef_.dtype


@rows.register
def _(estimator: BernoulliRBM) -> tuple[Axes, npt.DTypeLike]:
    return (estimator.n_features_in_,), estimator._seen_dtype


@singledispatch
def outputs(estimator: BaseEstimator, x: str, graph: Graph) -> Outputs:
    """Add what an estimator predicts for the rows x to the graph, and return it by name."""
    raise NotImplementedError


# Links


def predicted(loss: Loss, raw: str, n_outputs: int, graph: Graph) -> str:
    """Add the link of a loss: what `loss.predict` computes."""
    if type(loss).predict is not Loss.predict:
        raise TypeError(f"{type(loss).__name__} has a `predict` of its own, for which no conversion to ONNX is known.")
    match loss.link:
        case "softmax":
            return graph.add("Softmax", raw, axis=-1)
        case "logistic":
            return graph.add("Sigmoid", raw)
        case "exp":
            return graph.add("Exp", graph.add("Min", raw, 0.5 * np.log(np.finfo(graph.dtype).max)))
        case "sorted":
            return graph.add("TopK", raw, [n_outputs], n_outputs=2, largest=0)
    return raw


def decoded(target: Quantities, raw: str, graph: Graph) -> tuple[str, npt.DTypeLike]:
    """Add the way back to the units of y, in float64 as in `target.decode`; return it and its dtype."""
    y = graph.cast(predicted(target.loss, raw, target.n_outputs, graph), np.float64)
    y = graph.add("Mul", y, graph.constant(target.scale, np.float64))
    y = graph.add("Add", y, graph.constant(target.mean, np.float64))
    too_large = max(np.abs(target.mean).max(), target.scale.max()) >= LARGE  # for float32
    return (y, np.dtype(np.float64)) if too_large else (graph.cast(y, graph.dtype), graph.dtype)


def label_of(classes: npt.NDArray[np.generic], scores: str, graph: Graph) -> Output:
    """Add the label with the largest score, of equal ones the first."""
    codes = graph.add("ArgMax", scores, axis=-1, keepdims=0)
    classes = classes.astype(np.int64 if classes.dtype.kind in "biuf" else str)
    return Output(graph.add("Gather", graph.constant(classes), codes, axis=0), classes.dtype, ())


def both(scores: str, graph: Graph) -> str:
    """Add -f and f, the scores of two classes, for one score f that is positive for the second one."""
    return graph.add("MatMul", scores, [[-1.0, 1.0]])


# Networks


def _steps(estimator: NetworkEstimator, raw: str, graph: Graph) -> tuple[str, Axes]:
    """Return the raw output, and the axes before the outputs: that of steps where there is an answer for each."""
    if not isinstance(estimator._target, Steps):
        return raw, ()
    return graph.add("Reshape", raw, [0, -1, estimator._target.n_outputs]), ("steps",)


def _nan_at_the_end(values: str, axes: Axes, graph: Graph, dtype: npt.DTypeLike | None = None) -> str:
    """Return answers, with NaN for steps that are not there."""
    if not axes or graph.there is None:
        return values
    return graph.add("Where", graph.add("Unsqueeze", graph.there, [2]), values, graph.constant(np.nan, dtype))


@outputs.register
def _(estimator: NetworkClassification, x: str, graph: Graph) -> Outputs:
    labels: Labels = estimator._labels
    raw, axes = _steps(estimator, convert_network(estimator._network, x, graph), graph)
    shape = (*axes, len(labels.classes))
    if labels.multilabel:
        label = Output(graph.cast(graph.add("Greater", raw, 0.0), np.int64), np.int64, shape)
    else:
        raw = both(raw, graph) if labels.binary else raw
        label = label_of(labels.classes, raw, graph)._replace(shape=axes)
    if graph.raw_scores or labels.loss.link == "identity":
        if labels.loss.link == "softmax" and len(labels.classes) == 2:
            raw = graph.add("MatMul", raw, [[1.0, -1.0], [-1.0, 1.0]])
        return {"label": label, "scores": Output(_nan_at_the_end(raw, axes, graph), graph.dtype, shape)}
    p = predicted(labels.loss, raw, labels.n_outputs, graph)
    if labels.multilabel:
        eps = np.finfo(graph.dtype).eps
        p = graph.add("Clip", p, eps, 1 - eps)
    return {"label": label, "probabilities": Output(_nan_at_the_end(p, axes, graph), graph.dtype, shape)}


@outputs.register
def _(estimator: NetworkRegression, x: str, graph: Graph) -> Outputs:
    raw, axes = _steps(estimator, convert_network(estimator._network, x, graph), graph)
    target: Any = estimator._target
    y, dtype = decoded(getattr(target, "step", target), raw, graph)
    return {"variable": Output(_nan_at_the_end(y, axes, graph, dtype), dtype, (*axes, target.n_outputs))}


@outputs.register
def _(estimator: Autoencoder, x: str, graph: Graph) -> Outputs:
    network, code = estimator._network, estimator._code + 1
    codes = graph.add("Flatten", convert_network(network[:code], x, graph))
    decoder = convert_network(network[code:], codes, graph)
    return {
        "variable": Output(codes, graph.dtype, (estimator._n_features_out,)),
        "reconstruction": Output(*decoded(estimator._target, decoder, graph), (estimator.n_features_in_,)),
    }


@outputs.register
def _(estimator: HiddenFeatures, x: str, graph: Graph) -> Outputs:
    network = up_to(check_network(estimator.estimator_), estimator.layer)
    features = graph.add("Flatten", convert_network(network, x, graph))
    return {"variable": Output(features, graph.dtype, (math.prod(network.output_shapes[-1]),))}


# The perceptron and the restricted Boltzmann machine


@outputs.register
def _(estimator: PerceptronClassifier, x: str, graph: Graph) -> Outputs:
    scores = graph.add("Add", graph.add("MatMul", x, estimator.coef_.T), estimator.intercept_)
    n_classes = len(estimator.classes_)
    scores = both(scores, graph) if n_classes == 2 else scores
    label = label_of(estimator.classes_, scores, graph)
    if graph.raw_scores:
        return {"label": label, "scores": Output(scores, graph.dtype, (n_classes,))}
    distance = graph.add("Div", scores, float(scipy.linalg.norm(estimator.coef_.ravel()) or 1))
    tail = graph.add("Div", 0.5, graph.add("Add", graph.add("Abs", distance), 1.0))
    tail = graph.add("Max", tail, np.finfo(graph.dtype).tiny)
    p = graph.add("Where", graph.add("Greater", distance, 0.0), graph.add("Sub", 1.0, tail), tail)
    if n_classes != 2:
        p = graph.add("Div", p, graph.add("ReduceSum", p, [1]))
    return {"label": label, "probabilities": Output(p, graph.dtype, (n_classes,))}


@outputs.register
def _(estimator: BernoulliRBM, x: str, graph: Graph) -> Outputs:
    if estimator.visible == "gaussian":
        x = graph.add("Mul", graph.add("Sub", x, estimator._scaling.mean), estimator._scaling.scale)
    inputs = graph.add("Add", graph.add("MatMul", x, estimator.components_.T), estimator.intercept_hidden_)
    return {"variable": Output(graph.add("Sigmoid", inputs), graph.dtype, (len(estimator.components_),))}
