"""Export to ONNX: onnxruntime and ONNX' reference evaluator compute what the estimator predicts."""

import sys
from importlib import import_module

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.special import erf, expit
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

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
from sknn_scratch.nn.layers import GELU, Conv2D, Dense, Flatten, ReLU, Reshape, Step, Tanh
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
UNITS = expit(ROWS)  # between 0 and 1
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
    scores = estimator.decision_function(X)
    return {"label": estimator.predict(X), "scores": scores if scores.ndim == 2 else np.c_[-scores, scores]}


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
    *("cell", "bidirectional", "dense_layer_sizes", "visible", "output", "tied", "n_members", "member_weights"),
}


def architectures():
    """Return one estimator of the matrix of settings for each list of layers."""
    chosen = {}
    for estimator in MATRIX:
        settings = {name: value for name, value in estimator.get_params(deep=False).items() if name in OF_LAYERS}
        chosen.setdefault((type(estimator), repr(sorted(settings.items()))), estimator)
    return [quick(estimator) for estimator in chosen.values()]


def quick(estimator):
    """Return a copy that fits in one epoch."""
    settings = estimator.get_params(deep=False)
    return clone(estimator).set_params(**{name: value for name, value in QUICK.items() if name in settings})


@pytest.mark.parametrize("estimator", architectures(), ids=lambda estimator: " ".join(str(estimator).split()))
def test_matrix(estimator):
    y = LABELS if is_classifier(estimator) else NUMBERS
    if isinstance(estimator, RecurrentClassifier | RecurrentRegressor):
        assert round_trip(estimator.fit(SEQUENCES, y), SEQUENCES)
        assert round_trip(estimator.fit(ENDED, y), ENDED, dtypes=["float32"]) or onnxruntime is None
    else:
        of_units = isinstance(estimator, Autoencoder | BernoulliRBM)
        X = UNITS if of_units else IMAGES if isinstance(estimator, ConvNetClassifier | ConvNetRegressor) else ROWS
        assert round_trip(estimator.fit(X, y), X)


@pytest.mark.parametrize(
    "layer", [layer for layer, _ in LAYERS if type(layer).__module__ != "tests.nn.adding"], ids=repr
)
def test_layer(layer):
    shape = next(shape for other, shape in LAYERS if other is layer)
    network = Network([layer], shape, np.float64)
    draw_numbers(network, rng)
    X = rng.normal(size=(FEW, *shape))
    if type(layer).__name__ == "Masking":
        X[1, 2:], X[2, 1:] = np.nan, np.nan
    compared = 0
    for dtype, tolerance in TOLERANCE.items():
        graph = Graph(dtype)
        y = convert_network(network, graph.input("X", dtype, shape), graph)
        graph.output("y", y, dtype, network.output_shapes[-1])
        model = graph.model("layer")
        onnx.checker.check_model(model, full_check=True)
        wanted = network.astype(dtype).predict(X.astype(dtype))
        for got in answers(model, X.astype(dtype)):
            assert_allclose(got["y"], wanted, rtol=tolerance, atol=tolerance)
            compared += 1
    assert compared or onnxruntime is None


@pytest.mark.parametrize("augmentation", AUGMENTATIONS, ids=repr)
def test_augmentation_is_of_training_alone(augmentation):
    graph = Graph(np.float32)
    network = Network([augmentation], (4, 5, 3), np.float32)
    x = convert_network(network, graph.input("X", np.float32, (4, 5, 3)), graph)
    graph.output("y", x, np.float32, (4, 5, 3))
    X = rng.normal(size=(FEW, 4, 5, 3)).astype(np.float32)
    for got in answers(graph.model("augmentation"), X):
        assert_array_equal(got["y"], X)


OTHERS = {
    "two classes": (MLPClassifier((4,)), ROWS, LABELS == "one"),
    "two classes, objects": (MLPClassifier((4,)), ROWS, np.where(LABELS == "one", "yes", "no").astype(object)),
    "integers": (MLPClassifier((4,)), ROWS, np.arange(N) % 3 * 10 - 10),
    "floats": (MLPClassifier((4,)), ROWS, np.arange(N) % 3 + 0.0),
    "one class": (MLPClassifier((4,)), ROWS, np.full(N, "only")),
    "several labels": (MLPClassifier((4,)), ROWS, rng.integers(2, size=(N, 3))),
    "two of softmax": (MLPClassifier((4,), loss=PerceptronLoss()), ROWS, LABELS == "one"),
    "no probabilities": (MLPClassifier((4,), loss=PerceptronLoss()), ROWS, LABELS),
    "several outputs": (MLPRegressor((4,)), ROWS, ROWS[:, :2]),
    "quantiles": (MLPRegressor((4,), loss="quantile", quantile=(0.1, 0.5, 0.9)), ROWS, NUMBERS),
    "counts": (MLPRegressor((4,), loss="poisson"), ROWS, NUMBERS**2),
    "members, two classes": (MLPClassifier((4, 3), n_members=3), ROWS, LABELS == "one"),
    "members, quantiles": (MLPRegressor((4,), n_members=3, loss="quantile", quantile=(0.1, 0.9)), ROWS, NUMBERS),
    "members, counts": (MLPRegressor((), n_members=2, loss="poisson", member_weights="shared"), ROWS, NUMBERS**2),
    "images, flat": (ConvNetClassifier((2,), image_shape=(8, 8)), IMAGES.reshape(N, -1), LABELS),
    "images in a dense network": (MLPClassifier((4,)), IMAGES, LABELS),
    "own layers": (
        NetworkClassifier([Reshape((8, 8, 1)), Conv2D(2), Tanh(), Flatten(), Dense(3), GELU()]),
        IMAGES,
        LABELS,
    ),
    "no standardisation": (NetworkRegressor([Dense(3), ReLU()], standardize=False), ROWS, NUMBERS),
    "perceptron": (PerceptronClassifier(), ROWS, LABELS),
    "perceptron, two classes": (PerceptronClassifier(), ROWS, LABELS == "one"),
    "autoencoder": (Autoencoder((4, 2), tied=True), ROWS, None),
    "autoencoder, logistic": (Autoencoder((2,)), UNITS, None),
    "autoencoder of images": (
        Autoencoder(encoder=[Reshape((8, 8, 1)), Conv2D(2), ReLU()], decoder=[Flatten(), Dense(4)]),
        IMAGES.reshape(N, -1),
        None,
    ),
    "machine": (BernoulliRBM(3), UNITS, None),
    "machine, Gaussian": (BernoulliRBM(3, visible="gaussian"), 5 + 2 * ROWS, None),
    "hidden features": (HiddenFeatures(MLPClassifier((4, 3), **QUICK), layer=2), ROWS, LABELS),
    "sequences, flat": (RecurrentClassifier((4,), sequence_shape=(6, 2)), SEQUENCES.reshape(N, -1), LABELS),
    "one answer a step": (RecurrentRegressor((4,), targets="step"), SEQUENCES, SEQUENCES.sum(axis=2)),
    "labels of steps": (
        RecurrentClassifier((4,), targets="step"),
        SEQUENCES,
        np.where(SEQUENCES[:, :, 0] > 0, "a", "b"),
    ),
}


@pytest.mark.parametrize(("estimator", "X", "y"), OTHERS.values(), ids=OTHERS)
def test_other(estimator, X, y):
    assert round_trip(quick(estimator).fit(X, y), X)


@pytest.mark.parametrize(
    ("estimator", "X"), [(MLPClassifier((4,)), ROWS), (ConvNetClassifier((2,)), IMAGES)], ids=["rows", "images"]
)
def test_no_rows(estimator, X):
    for got in answers(to_onnx(quick(estimator).fit(X, LABELS), dtype=np.float32), X[:0].astype(np.float32)):
        assert got["label"].shape == (0,)
        assert got["probabilities"].shape == (0, 3)


def test_sequences_of_other_lengths():
    reg = RecurrentRegressor((4,), pooling=["last", "mean", "max"], **QUICK).fit(ENDED, NUMBERS)
    for X in (SEQUENCES[:, :3], np.concatenate([SEQUENCES, SEQUENCES], axis=1)):
        assert round_trip(reg, X, sizes=[FEW])


def test_steps_that_are_not_there():
    pytest.importorskip("onnxruntime")
    clf = RecurrentClassifier((4,), targets="step", **QUICK).fit(ENDED, np.where(ENDED[:, :, 0] > 0, "a", "b"))
    X = ENDED.astype(np.float32)
    (got,) = answers(to_onnx(clf, dtype=np.float32), X)
    assert_allclose(got["probabilities"], clf.predict_proba(X), rtol=1e-5, atol=1e-5)  # with NaN
    there = ~np.isnan(X[:, :, 0])
    assert_array_equal(got["label"][there], clf.predict(X)[there])


def test_huge_inputs():
    X = ROWS * 1e38
    X[:, 0] = 1e36 * (1 + ROWS[:, 0] / 1e6)
    assert round_trip(MLPRegressor((4,), **QUICK).fit(X, NUMBERS), X / 10, sizes=[FEW])


def test_units_too_large_for_float32():
    X = ROWS.astype(np.float32)
    reg = MLPRegressor((4,), **QUICK).fit(X, 1e39 * NUMBERS)
    for got in answers(to_onnx(reg), X):
        assert_allclose(got["variable"][:, 0], reg.predict(X), rtol=1e-5, atol=1e33)


def test_sparse_rows():
    X = sparse.random_array((N, 20), rng=rng).tocsr()
    clf = MLPClassifier((4,), **QUICK).fit(X, LABELS)
    for got in answers(to_onnx(clf), X.toarray()):
        assert_allclose(got["probabilities"], clf.predict_proba(X), rtol=1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_dtype_is_that_of_fit(dtype):
    expected = np.float32 if dtype == np.float32 else np.float64
    X = (10 * ROWS).astype(dtype)
    for estimator in (MLPRegressor((3,), **QUICK), PerceptronClassifier(), BernoulliRBM(2, visible="gaussian")):
        model = to_onnx(estimator.fit(X, LABELS if is_classifier(estimator) else NUMBERS))
        for got in answers(model, X.astype(expected)):
            assert list(got.values())[-1].dtype == expected


def test_weights_by_hand():
    net = NetworkClassifier([Dense(2), Step()]).set_weights(
        [[[1.0, 1.0], [1.0, 1.0]], [[1.0], [-2.0]]], [[-0.5, -1.5], [-0.5]], classes=["off", "on"]
    )
    for got in answers(to_onnx(net), np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])):
        assert_array_equal(got["label"], ["off", "on", "on", "off"])


def test_labels_too_large():
    clf = PerceptronClassifier().fit(ROWS, np.array([1, 2**63], np.uint64)[np.arange(N) % 2])
    with pytest.raises(ValueError, match="labels of int64 or text, and 9223372036854775808 is too large"):
        to_onnx(clf)


def test_file_and_frozen_estimator(tmp_path):
    clf = MLPClassifier((3,), **QUICK).fit(ROWS, LABELS)
    model = to_onnx(FrozenEstimator(clf), tmp_path / "model.onnx")
    assert onnx.load(tmp_path / "model.onnx") == model
    assert model.producer_name == "sknn_scratch"
    assert [(each.domain, each.version) for each in model.opset_import] == [("", 18)]


# What cannot be exported


class Squared(Tanh):
    """Inherits from a layer that has a conversion."""


class Doubled(Loss):
    def rows(self, target, raw):
        return ((raw - target) ** 2).sum(axis=1), 2 * (raw - target)

    def predict(self, raw):
        return 2 * raw


def test_layer_of_ones_own():
    reg = NetworkRegressor([Dense(3), Squared()], **QUICK).fit(ROWS, NUMBERS)
    with pytest.raises(
        TypeError, match=r"No conversion of Squared to ONNX is known. Register one, .*converts\(Squared\)"
    ):
        to_onnx(reg)

    @converts(Squared)
    def nameless(layer, p, x, shape, graph):
        graph.add("Tanh", x)

    with pytest.raises(TypeError, match="conversion of Squared should return the name of its output, got None"):
        to_onnx(reg)

    @converts(Squared)
    def squared(layer, p, x, shape, graph):
        return graph.add("Tanh", x)

    assert round_trip(reg, ROWS, sizes=[FEW])


def test_loss_with_predictions_of_its_own():
    reg = MLPRegressor((3,), loss=Doubled(), **QUICK).fit(ROWS, NUMBERS)
    with pytest.raises(TypeError, match="Doubled has a `predict` of its own"):
        to_onnx(reg)


def test_wrong_arguments():
    clf = MLPClassifier((3,), **QUICK)
    with pytest.raises(NotFittedError):
        to_onnx(clf)
    clf.fit(ROWS, LABELS)
    for dtype in ("float16", "auto"):
        with pytest.raises(ValueError, match=f"dtype must be float32 or float64, got '{dtype}'"):
            to_onnx(clf, dtype=dtype)
    with pytest.raises(TypeError, match=r"got an instance of Pipeline of sklearn\..*skl2onnx\.to_onnx"):
        to_onnx(make_pipeline(StandardScaler(), clf).fit(ROWS, LABELS))


@pytest.mark.parametrize("kind", ["Tanh", Tanh(), MLPClassifier, lambda layer, p, x, shape, graph: x])
def test_what_is_no_class_of_layers(kind):
    with pytest.raises(TypeError, match=r"converts takes classes of layers, as in @converts\(Softsign\), got"):
        converts(kind)


def test_without_onnx(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.delitem(sys.modules, "sknn_scratch.onnx")
    with pytest.raises(ModuleNotFoundError, match=r'pip install "sknn-scratch\[onnx\]"'):
        import_module("sknn_scratch.onnx")


# Pipelines


def columns(X):
    """Return the inputs of a pipeline that takes a DataFrame: an array for each column."""
    return {name: X[[name]].to_numpy() for name in X}


def test_pipeline():
    skl2onnx, pd = pytest.importorskip("skl2onnx"), pytest.importorskip("pandas")
    pytest.importorskip("onnxruntime")
    X = pd.DataFrame({"size": ROWS[:, 0], "age": ROWS[:, 1]}, dtype=np.float32).assign(colour=LABELS)
    encode = make_column_transformer((StandardScaler(), ["size", "age"]), (OneHotEncoder(), ["colour"]))
    y = np.where(ROWS[:, 0] > 0, "yes", "no")
    pipeline = make_pipeline(encode, MLPClassifier((4,), **QUICK)).fit(X, y)
    model = skl2onnx.to_onnx(pipeline, X[:1], options={"zipmap": False})
    session = onnxruntime.InferenceSession(model.SerializeToString())
    for n in (1, N):
        label, probabilities = session.run(["label", "probabilities"], columns(X[:n]))
        assert_array_equal(label, pipeline.predict(X[:n]))
        assert_allclose(probabilities, pipeline.predict_proba(X[:n]), rtol=1e-5, atol=1e-5)


def in_pipelines():
    """Return estimators in all kinds of others."""
    clf, perceptron = MLPClassifier((4,), **QUICK), PerceptronClassifier()
    return [
        make_pipeline(StandardScaler(), clf),
        make_pipeline(MinMaxScaler(clip=True), BernoulliRBM(3), Autoencoder((2,), **QUICK), LogisticRegression()),
        make_pipeline(HiddenFeatures(clf), perceptron),
        GridSearchCV(clf, {"alpha": [0.1]}, cv=2),
        CalibratedClassifierCV(perceptron, cv=2),  # by decision values
        CalibratedClassifierCV(MLPClassifier((4,), loss=Focal(), **QUICK), cv=2),
        make_pipeline(StandardScaler(), MLPRegressor((4,), **QUICK)),
        make_pipeline(StandardScaler(), Autoencoder((2,), **QUICK)),
    ]


@pytest.mark.parametrize("labels", [LABELS, LABELS == "one"], ids=["text", "two"])
@pytest.mark.parametrize("estimator", in_pipelines(), ids=lambda estimator: " ".join(str(estimator).split()))
def test_estimator_within_another(estimator, labels):
    skl2onnx = pytest.importorskip("skl2onnx")
    pytest.importorskip("onnxruntime")
    X = ROWS.astype(np.float32)
    estimator.fit(X, labels if is_classifier(estimator) else NUMBERS)
    options = {"zipmap": False} if is_classifier(estimator) else None
    model = skl2onnx.to_onnx(estimator, X[:1], options=options)
    for got in answers(model, X):
        wanted = predictions(estimator, X)
        assert_array_equal(got["label"], wanted.pop("label")) if "label" in wanted else None
        for name, value in wanted.items():
            assert_allclose(got[name].reshape(value.shape), value, rtol=1e-5, atol=1e-5)


def test_integers_and_old_operators_within_a_pipeline():
    skl2onnx = pytest.importorskip("skl2onnx")
    X = (10 * ROWS).astype(np.int64)
    reg = MLPRegressor((4,), **QUICK).fit(X, NUMBERS)
    for got in answers(skl2onnx.to_onnx(reg, X[:1]), X):
        assert_allclose(got["variable"][:, 0], reg.predict(X), rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match="needs target_opset >= 18, got 15"):
        skl2onnx.to_onnx(reg, X[:1], target_opset=15)
