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
    """Return a fitted estimator as an ONNX model, and save it.

    Parameters
    ----------
    estimator : estimator of this package
        Fitted. A pipeline or search with one in it is exported by ``skl2onnx.to_onnx``, once `sknn_scratch.onnx` is
        imported.
    path : str or path, default=None
        Where to save the model, such as "model.onnx"; None to save nothing.
    dtype : {"float32", "float64"} or dtype, default=None
        What the model takes, computes in and returns; None for the dtype that X had in `fit`. onnxruntime has no
        float64 convolution, average or L2 pooling, recurrent layer or "gelu": take "float32" for these.

    Returns
    -------
    model : onnx.ModelProto
        Its input is "X", dense, of any number of rows of the shape that they had in `fit`. Outputs of classifiers are
        "label", of integers or text, and "probabilities" (decision values "scores", where the loss has no link to
        probabilities), both with an entry for each class, of regressors "variable", of shape (n_samples, n_outputs), of
        transformers "variable"; an `Autoencoder` has "variable", the codes, and "reconstruction".

    Raises
    ------
    NotFittedError
        Before `fit`.
    TypeError
        If it is another estimator, or has layers or a loss of one's own without a conversion: see `converts`.
    ValueError
        If `dtype` is neither float32 nor float64.

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
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise ValueError(f"dtype must be float32 or float64, got {dtype!r}.")
    graph = Graph(dtype, raw_scores)
    x = graph.input("X", input_dtype or dtype, rows(estimator)[0])
    if input_dtype is not None:
        x = graph.cast(x, dtype)
    for name, output in outputs(estimator, x, graph).items():
        graph.output(name, *output)
    return graph.model(type(estimator).__name__)
