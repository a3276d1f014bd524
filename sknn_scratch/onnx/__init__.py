"""Export to ONNX, for onnxruntime and other software that reads ONNX models.

If skl2onnx is installed, importing this module registers all estimators with it: ``skl2onnx.to_onnx`` then converts
pipelines and ensembles that contain them.
"""

from contextlib import suppress

try:
    import onnx  # noqa: F401
except ModuleNotFoundError:
    raise ModuleNotFoundError('Export to ONNX needs onnx. Install it: pip install "sknn-scratch[onnx]"') from None

from .export import to_onnx
from .graph import Graph
from .layers import converts

with suppress(ImportError):
    from . import pipelines  # noqa: F401

__all__ = ["Graph", "converts", "to_onnx"]
