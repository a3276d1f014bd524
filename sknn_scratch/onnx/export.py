"""Export of a fitted estimator to an ONNX model."""

import os

import numpy as np
import numpy.typing as npt
import onnx
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from .graph import Graph
from .outputs import outputs, rows


def to_onnx(
    estimator: BaseEstimator, path: str | os.PathLike[str] | None = None, dtype: npt.DTypeLike | None = None
) -> onnx.ModelProto:
    """Convert a fitted estimator to an ONNX model, and optionally save it.

    Parameters
    ----------
    estimator : estimator of this package
        A fitted estimator; for a search, pass its `best_estimator_`. To convert a pipeline that contains an estimator
        of this package, import `sknn_scratch.onnx` and use ``skl2onnx.to_onnx``.
    path : str or path, default=None
        File to which the model is saved, such as "model.onnx"; if None, it is not saved.
    dtype : {"float32", "float64"} or dtype, default=None
        The dtype of inputs, computations and outputs; None for the dtype of X in `fit`. onnxruntime does not support
        float64 in convolutions, average and L2 pooling, recurrent layers and "gelu": use "float32" for these.

    Returns
    -------
    model : onnx.ModelProto
        The input is "X", a dense array with any number of rows, each with the shape that it had in `fit`. The outputs
        of classifiers are "label", integers or text, and "probabilities" (or "scores", the decision values, if the loss
        does not define probabilities), with a column for each class. The output of regressors is "variable", of shape
        (n_samples, n_outputs), and of transformers "variable"; an `Autoencoder` has "variable", the codes, and
        "reconstruction".

    Raises
    ------
    NotFittedError
        Before `fit`.
    TypeError
        If the estimator is not one of this package, or has custom layers or a custom loss without a conversion: see
        `converts`.
    ValueError
        If `dtype` is neither float32 nor float64, or a label is too large for int64.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_scratch import MLPClassifier
    >>> from sknn_scratch.onnx import to_onnx
    >>> X, y = load_iris(return_X_y=True)
    >>> model = to_onnx(MLPClassifier((8,), random_state=0).fit(X, y))
    >>> [output.name for output in model.graph.output]
    ['label', 'probabilities']
    """
    if isinstance(estimator, FrozenEstimator):
        estimator = estimator.estimator
    check_is_fitted(estimator)
    model = model_of(estimator, rows(estimator)[1] if dtype is None else dtype)
    if path is not None:
        onnx.save(model, os.fspath(path))
    return model


def model_of(
    estimator: BaseEstimator,
    dtype: npt.DTypeLike,
    input_dtype: npt.DTypeLike | None = None,
    raw_scores: bool = False,
) -> onnx.ModelProto:
    """Return a fitted estimator as a model that computes in this dtype; None for inputs of the same one."""
    if dtype not in (np.dtype(np.float32), np.dtype(np.float64)):  # not np.dtype(dtype), which fails for other text
        raise ValueError(f"dtype must be float32 or float64, got {dtype!r}.")
    graph = Graph(dtype, raw_scores)
    x = graph.input("X", input_dtype or dtype, rows(estimator)[0])
    if input_dtype is not None:
        x = graph.cast(x, dtype)
    for name, output in outputs(estimator, x, graph).items():
        graph.output(name, *output)
    return graph.model(type(estimator).__name__)
