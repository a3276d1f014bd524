"""The ONNX graph of a model, while it is built: nodes and constants."""

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from .._version import __version__

OPSET, IR_VERSION = 18, 8  # onnxruntime reads them from version 1.14 of February 2023 on
PREFIX = "sknn"  # of constants: skl2onnx lets the names of constants and of other tensors collide
SMALL = 16  # numbers: of larger constants, such as weights, no two are the same


class Graph:
    """An ONNX graph under construction; nodes and constants are referred to by the names of their tensors.

    Parameters
    ----------
    dtype : dtype
        The dtype of all computations, float32 or float64.
    raw_scores : bool, default=False
        Whether classifiers return decision values instead of probabilities.

    Attributes
    ----------
    dtype : dtype
        The same.
    lengths : str or None
        Tensor of shape (n,), int32: the number of steps of each sequence; None if all sequences have the same.
    there : str or None
        Tensor of shape (n, steps), bool: which steps belong to the sequences; None if all of them do.
    """

    def __init__(self, dtype: npt.DTypeLike, raw_scores: bool = False) -> None:
        self.dtype, self.raw_scores = np.dtype(dtype), raw_scores
        self.lengths: str | None = None
        self.there: str | None = None
        self._known: dict[bytes, str] = {}  # nodes and small constants -> their names
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def add(self, op: str, *inputs: Any, n_outputs: int = 1, output: int = 0, **attributes: Any) -> str:
        """Add a node, unless the graph has the same one already.

        Parameters
        ----------
        op : str
            An operator of https://onnx.ai/onnx/operators, version 18 of the operator set.
        *inputs : str or array-like
            Names of tensors, or constants: see `constant`.
        n_outputs : int, default=1
            Number of outputs of the node.
        output : int, default=0
            Index of the output to return.
        **attributes : Any
            Attributes of the operator.

        Returns
        -------
        name : str
            The output.
        """
        names = [each if isinstance(each, str) else self.constant(each) for each in inputs]
        node = helper.make_node(op, names, [], **attributes)
        key = node.SerializeToString(deterministic=True)
        if key not in self._known:
            self._known[key] = f"t{len(self._nodes)}"
            node.output.extend(f"{self._known[key]}{'_' * i}" for i in range(n_outputs))
            self._nodes.append(node)
        return self._known[key] + "_" * output

    def constant(self, value: npt.ArrayLike, dtype: npt.DTypeLike | None = None) -> str:
        """Add a constant.

        Parameters
        ----------
        value : array-like
            Numbers or strings.
        dtype : dtype, default=None
            None: floating-point numbers become `dtype` of the graph, and others are kept.

        Returns
        -------
        name : str
            The constant.
        """
        array = np.asarray(value)
        if dtype is not None or array.dtype.kind == "f":
            array = array.astype(self.dtype if dtype is None else dtype, copy=False)
        array = array.astype(object) if array.dtype.kind == "U" else array
        tensor = numpy_helper.from_array(array)
        key = tensor.SerializeToString(deterministic=True) if array.size < SMALL else str(len(self._constants)).encode()
        if key not in self._known:
            self._known[key] = tensor.name = f"{PREFIX}{len(self._constants)}"
            self._constants.append(tensor)
        return self._known[key]

    def cast(self, x: str, dtype: npt.DTypeLike) -> str:
        """Add a cast of a tensor.

        Parameters
        ----------
        x : str
            The tensor.
        dtype : dtype
            The new dtype.

        Returns
        -------
        name : str
            The tensor of this dtype.
        """
        return self.add("Cast", x, to=element_type(dtype))

    def input(self, name: str, dtype: npt.DTypeLike, shape: tuple[int | str, ...]) -> str:
        """Declare an input of n rows of this shape, with names for lengths that may differ; return its name."""
        self._inputs.append(helper.make_tensor_value_info(name, element_type(dtype), ("n", *shape)))
        return name

    def output(self, name: str, value: str, dtype: npt.DTypeLike, shape: tuple[int | str, ...]) -> None:
        """Declare an output of n rows of this shape: a tensor, under another name."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, element_type(dtype), ("n", *shape)))

    def model(self, name: str) -> onnx.ModelProto:
        """Return the model, with the name of what it was made from."""
        graph = helper.make_graph(self._nodes, name, self._inputs, self._outputs, self._constants)
        return helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="sknn_scratch",
            producer_version=__version__,
        )


def element_type(dtype: npt.DTypeLike) -> int:
    """Return ONNX' number of a dtype; every kind of text is its string."""
    dtype = np.dtype(dtype)
    if dtype.kind in "OU":
        return onnx.TensorProto.STRING
    return int(helper.np_dtype_to_tensor_dtype(dtype))
