"""The environment every test runs in, set before numpy and scipy are imported."""

import os
import sys
from importlib.util import find_spec

import pytest

collect_ignore = ["docs/conf.py", "docs/gallery"]  # the site's, which has an environment of its own
if find_spec("onnx") is None:
    collect_ignore += ["sknn_scratch/onnx"]
if find_spec("skl2onnx") is None:
    collect_ignore += ["docs/guide/onnx.md", "sknn_scratch/onnx/pipelines.py"]

os.environ["SCIPY_ARRAY_API"] = "1"  # without it scikit-learn skips one of its estimator checks
os.environ["MPLBACKEND"] = "agg"  # draws without a screen
if "PYTEST_XDIST_WORKER" in os.environ:  # the workers fill the cores: more threads would only fight over them
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
