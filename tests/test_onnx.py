"""Export to ONNX: what the model computes in onnxruntime and in ONNX' reference evaluator is what the estimator predicts."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import erf
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    Autoencoder,
    BernoulliRBM,
    ConvNetClassifier,
    ConvNetRegressor,
    HiddenFeatures,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
    PerceptronClassifier,
    RecurrentClassifier,
    RecurrentRegressor,
)
from sknn_scratch.nn.layers import Conv2D, Dense, Flatten, GELU, Logistic, ReLU, Reshape, Step, Tanh
from sknn_scratch.nn.losses import Focal, Loss, PerceptronLoss
from sknn_scratch.nn.network import Network
from tests.nn.tables import AUGMENTATIONS, LAYERS, draw_numbers
from tests.test_estimator_checks import MATRIX

onnx = pytest.importorskip("onnx")

from onnx.reference import ReferenceEvaluator  # noqa: E402
from onnx.reference.op_run import OpRun  # noqa: E402

from sknn_scratch.onnx import Graph, converts, to_onnx  # noqa: E402
from sknn_scratch.onnx.layers import convert_network  # noqa: E402

try:
    import onnxruntime
except ModuleNotFoundError:
    onnxruntime = None

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

TOLERANCE = {"float32": 1e-5, "float64": 1e-10}
QUICK = {"max_iter": 1, "batch_size": 20, "random_state": 0}
N, FEW, MANY = 40, 5, 1000
rng = np.random.default_rng(0)
ROWS = rng.normal(size=(N, 5))
IMAGES = rng.normal(size=(N, 8, 8))
SEQUENCES = rng.normal(size=(N, 6, 2))
ENDED = np.where(np.arange(6)[:, None] < rng.integers(1, 7, size=(N, 1, 1)), SEQUENCES, np.nan)
NUMBERS = np.sin(np.arange(N))
LABELS = np.array(["one", "two", "three"])[np.arange(N) % 3]


class Erf(OpRun):
    """The reference evaluator's own rounds to float32."""

    op_domain = ""

    def _run(self, x):
        return (erf(x),)


def by_reference(model, X):
    """Return whether the reference evaluator can run a model on X: it loops over windows, and ignores lengths."""
    ops = {node.op_type for node in model.graph.node}
    activations = {name for node in model.graph.node for each in node.attribute for name in each.strings}
    slow = {"MaxPool", "AveragePool", "LpPool"} & ops and len(X) > FEW
    return not slow and not np.isnan(X).any() and not {b"Relu", b"Sigmoid"} & activations


def answers(model, X):
    """Yield what each evaluator that can run a model returns, by names."""
    names, X = [output.name for output in model.graph.output], np.ascontiguousarray(X)
    if by_reference(model, X):
        yield dict(zip(names, ReferenceEvaluator(model, new_ops=[Erf]).run(None, {"X": X}), strict=True))
    if onnxruntime is None:
        return
    state = onnxruntime.capi.onnxruntime_pybind11_state
    try:
        values = onnxruntime.InferenceSession(model.SerializeToString(), quiet()).run(None, {"X": X})
    except (state.NotImplemented, state.RuntimeException):
        if X.dtype != np.float64:  # for which it has no convolution, LSTM, ...
            raise
    else:
        yield dict(zip(names, values, strict=True))


def quiet():
    """Return options of a session that prints no errors, which are raised anyway."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return options


def predictions(estimator, X):
    """Return what the package says, by the names of the outputs."""
    if not hasattr(estimator, "predict"):
        codes = {"variable": estimator.transform(X)}
        return codes | ({"reconstruction": estimator.reconstruct(X)} if isinstance(estimator, Autoencoder) else {})
    if not is_classifier(estimator):
        return {"variable": estimator.predict(X)}
    if hasattr(estimator, "predict_proba"):
        return {"label": estimator.predict(X), "probabilities": estimator.predict_proba(X)}
    return {"label": estimator.predict(X), "scores": estimator.decision_function(X)}


def weights(estimator):
    """Return how many numbers an estimator consists of."""
    if hasattr(estimator, "estimator_"):
        return weights(getattr(estimator.estimator_, "estimator", estimator.estimator_))
    if hasattr(estimator, "coef_"):
        return estimator.coef_.size + estimator.intercept_.size
    if hasattr(estimator, "components_"):
        return estimator.components_.size + estimator.intercept_hidden_.size
    return estimator._network.theta.size + estimator._network.kept.size


def round_trip(estimator, X, sizes=(1, FEW, MANY), dtypes=TOLERANCE):
    """Compare the model with the estimator, on some rows, in the dtypes; return how many comparisons there were."""
    n_compared = 0
    for dtype in dtypes:
        model = to_onnx(estimator, dtype=dtype)
        onnx.checker.check_model(model, full_check=True)
        assert len(model.SerializeToString()) <= weights(estimator) * np.dtype(dtype).itemsize + 4096
        for n in sizes:
            rows = np.resize(X, (n, *X.shape[1:])).astype(dtype)
            wanted = predictions(estimator, rows)
            for got in answers(model, rows):
                assert list(got) == list(wanted)
                for name, value in wanted.items():
                    answer = got[name].reshape(value.shape)
                    if value.dtype.kind == "f" and name != "label":
                        assert_allclose(answer, value, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
                    else:
                        assert_array_equal(answer, value)
                n_compared += 1
    return n_compared


# What decides on the layers; all else is of training alone
OF_LAYERS = {
    *("hidden_layer_sizes", "activation", "loss", "quantile", "standardize", "input_noise", "dropout", "drop_connect"),
    *("filters", "kernel_size", "stride", "padding", "pooling", "pool_size", "augment"),
    *("cell", "bidirectional", "dense_layer_sizes"),
}


def architectures():
    """Return one estimator of the matrix of settings for each list of layers."""
    chosen = {}
    for estimator in MATRIX:
        settings = {name: value for name, value in estimator.get_params(deep=False).items() if name in OF_LAYERS}
        chosen.setdefault((type(estimator), repr(sorted(settings.items()))), estimator)
    return [clone(estimator).set_params(**QUICK) for estimator in chosen.values()]


@pytest.mark.parametrize("estimator", architectures(), ids=lambda estimator: " ".join(str(estimator).split()))
def test_matrix(estimator):
    y = LABELS if is_classifier(estimator) else NUMBERS
    if isinstance(estimator, RecurrentClassifier | RecurrentRegressor):
        assert round_trip(estimator.fit(SEQUENCES, y), SEQUENCES)
        assert round_trip(estimator.fit(ENDED, y), ENDED, dtypes=["float32"]) or onnxruntime is None
    else:
        X = IMAGES if isinstance(estimator, ConvNetClassifier | ConvNetRegressor) else ROWS
        assert round_trip(estimator.fit(X, y), X)
