"""Estimators of this package inside pipelines, which skl2onnx converts."""

from typing import Any

import onnx
from skl2onnx import update_registered_converter
from skl2onnx.common import data_types
from skl2onnx.helpers import add_onnx_graph
from sklearn.base import ClassifierMixin

import sknn_scratch

from .export import model_of
from .graph import OPSET

TYPES = {
    onnx.TensorProto.FLOAT: data_types.FloatTensorType,
    onnx.TensorProto.DOUBLE: data_types.DoubleTensorType,
    onnx.TensorProto.INT64: data_types.Int64TensorType,
    onnx.TensorProto.STRING: data_types.StringTensorType,
}
OF_CLASSIFIERS = {
    "zipmap": [True, False, "columns"],
    "output_class_labels": [False, True],
    "raw_scores": [False, True],  # decision values in place of probabilities
    "nocl": [False],  # which the others need
}


def _model(operator: Any) -> onnx.ModelProto:
    """Return the model of an estimator for the inputs that it has in the pipeline."""
    given = operator.inputs[0].type
    dtype, input_dtype = map(data_types.guess_numpy_type, (data_types.guess_tensor_type(given), given))
    options = operator.scope_inst.get_options(operator.raw_operator, {"raw_scores": False}, fail=False)
    return model_of(operator.raw_operator, dtype, None if input_dtype == dtype else input_dtype, options["raw_scores"])


def _set_types(operator: Any) -> None:
    """Set dtypes and shapes of the outputs."""
    for variable, output in zip(operator.outputs, _model(operator).graph.output, strict=False):
        tensor = output.type.tensor_type
        variable.set_type(TYPES[tensor.elem_type]([None, *(dim.dim_value or None for dim in tensor.shape.dim[1:])]))


def _convert(scope: Any, operator: Any, container: Any) -> None:
    """Add the model to that of the pipeline."""
    if container.target_opset_onnx < OPSET:
        raise ValueError(f"sknn_scratch needs target_opset >= {OPSET}, got {container.target_opset_onnx}.")
    model = _model(operator)
    for node in model.graph.node:
        node.name = node.output[0]  # without a name skl2onnx does not take it
    add_onnx_graph(scope, operator, container, model)


for name in sknn_scratch.__all__:
    kind = getattr(sknn_scratch, name)
    if isinstance(kind, type):
        options = OF_CLASSIFIERS if issubclass(kind, ClassifierMixin) else None
        update_registered_converter(kind, f"SknnScratch{name}", _set_types, _convert, options=options)
