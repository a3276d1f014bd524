"""Convolutional networks: what they take for an image, what they refuse, and that threads change nothing."""

import os
import re
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_digits
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_validate,
    learning_curve,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier
from threadpoolctl import threadpool_info, threadpool_limits

from sknn_scratch import ConvNetClassifier, ConvNetRegressor, NetworkClassifier
from sknn_scratch.datasets import load_mnist
from sknn_scratch.nn.layers import (
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    LocallyConnected2D,
    Maxout,
    MaxPool2D,
    RandomRotation,
    RandomShift,
    ReLU,
    Reshape,
)
from tests.learned import numbers

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

MNIST = Path(os.environ.get("SKNN_SCRATCH_MNIST", Path(__file__).parents[2] / "shared" / "data" / "mnist"))
X, Y = load_digits(return_X_y=True)
X = X.astype(np.float32)
SMALL = {"filters": (4,), "hidden_layer_sizes": (8,), "max_iter": 2, "random_state": 0}


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 1), (4, 16), (4, 8, 2)])
def test_flat_rows_and_arrays_of_images_give_the_same_model(shape):
    flat = ConvNetClassifier(image_shape=shape, **SMALL).fit(X[:200], Y[:200])
    images = X.reshape(-1, *shape)
    model = ConvNetClassifier(**SMALL).fit(images[:200], Y[:200])
    assert model.image_shape_ == flat.image_shape_ == (*shape, 1)[:3]
    assert model.n_features_in_ == 64
    assert_array_equal(numbers(model), numbers(flat))
    assert_array_equal(model.predict_proba(images[200:]), flat.predict_proba(X[200:]))
    assert_array_equal(model.predict_proba(X[200:]), flat.predict_proba(images[200:]))


@pytest.mark.parametrize(("width", "shape"), [(1, (1, 1, 1)), (2, (1, 2, 1)), (9, (3, 3, 1)), (30, (1, 30, 1))])
def test_without_a_shape_a_square_number_of_pixels_is_a_square_and_any_other_a_line(width, shape):
    model = ConvNetClassifier(kernel_size=5, padding="valid", **SMALL).fit(X[:100, 20 : 20 + width], Y[:100])
    assert model.image_shape_ == shape


def test_sparse_rows_give_the_model_of_dense_ones():
    dense = ConvNetClassifier(**SMALL).fit(X[:200], Y[:200])
    model = ConvNetClassifier(**SMALL).fit(sparse.csr_array(X[:200]), Y[:200])
    assert_allclose(model.predict_proba(X), dense.predict_proba(X), rtol=1e-5)


@pytest.mark.parametrize(
    ("settings", "rows", "words"),
    [
        ({"image_shape": (8, 8)}, X[:, :30], ["image_shape=(8, 8)", "64 features", "30"]),
        ({"image_shape": (8, 8)}, X.reshape(-1, 4, 16), ["(8, 8)", "(4, 16, 1)"]),
        ({"image_shape": (4, 8, 2)}, X.reshape(-1, 2, 4, 8), ["(4, 8, 2)", "(2, 4, 8)", "np.moveaxis(X, 1, -1)"]),
        ({"image_shape": (1, 32, 2)}, X.reshape(-1, 32, 2), ["(1, 32, 2)", "X.reshape((-1, 1, 32, 2))"]),
        ({"image_shape": (8, 8), "kernel_size": 9, "padding": "valid"}, X, ["9 x 9", "8 x 8"]),
        ({"image_shape": (8, 8), "filters": (2, 2, 2, 2, 2)}, X, ["2 x 2", "1 x 1", "poolings"]),
        ({"kernel_size": (3, 5)}, X, ["kernel_size", "1 filters", "2"]),
        ({"activation": ["relu", "tanh", "relu"]}, X, ["activation", "3", "2"]),
        ({}, X.reshape(-1, 4, 4, 2, 2), ["5 dimensions", "channels"]),
        ({"pooling": "median"}, X, ["pooling", "median", "max"]),
    ],
)
def test_errors_name_the_numbers(settings, rows, words):
    with pytest.raises(ValueError, match=re.escape(words[0])) as error:
        ConvNetClassifier(**SMALL | settings).fit(rows[:100], Y[:100])
    for word in words[1:]:
        assert word in str(error.value)


def test_images_of_another_shape_are_refused_when_predicting():
    model = ConvNetClassifier(**SMALL).fit(X[:100].reshape(-1, 8, 8), Y[:100])
    with pytest.raises(ValueError, match=r"\(4, 16, 1\).*expecting rows of shape \(8, 8, 1\)"):
        model.predict(X.reshape(-1, 4, 16))
    with pytest.raises(ValueError, match="30 features, but ConvNetClassifier is expecting 64 features"):
        model.predict(X[:, :30])


@pytest.mark.parametrize("n_threads", [1, 2])
def test_memory_does_not_grow_with_the_number_of_images(n_threads):
    model = ConvNetClassifier(**SMALL).fit(X[:100], Y[:100])
    peaks = []
    for n in (2_000, 20_000):  # one part, which is one thread's; ten of them, whose memory is that of the threads
        images = np.resize(X, (n, 64))
        with threadpool_limits(n_threads, user_api="blas"):
            tracemalloc.start()
            model.predict_proba(images)
            peaks.append(tracemalloc.get_traced_memory()[1] - 10 * 8 * n * 3)  # the result, at most three times at once
            tracemalloc.stop()
    assert peaks[1] < 1.2 * n_threads * peaks[0] + 2**20


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"dropout": 0.5},
        {"drop_connect": 0.3},
        {"solver": "lbfgs"},
        {"pooling": "l2", "input_noise": 0.1},
        {"augment": [RandomShift(1), RandomRotation(10)]},
    ],
)
def test_the_number_of_threads_changes_no_bit(settings):
    results = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads, user_api="blas"):
            model = ConvNetClassifier(**SMALL | settings).fit(X[:300], Y[:300])
            results.append((numbers(model), model.predict_proba(X)))
            assert {lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"} == {n_threads}
    assert_array_equal(results[0][0], results[1][0])
    assert_array_equal(results[0][1], results[1][1])


def test_regressor_learns_how_bright_images_are():
    rng = np.random.default_rng(0)
    images = rng.random((400, 6, 6, 3))
    y = images[..., 0].mean(axis=(1, 2))
    model = ConvNetRegressor(filters=(8,), pooling="average", max_iter=60, random_state=0).fit(images[:300], y[:300])
    assert model.score(images[300:], y[300:]) > 0.8


def test_summary_counts_the_numbers(capsys):
    model = ConvNetClassifier(filters=(4,), hidden_layer_sizes=(8,), max_iter=1).fit(X[:100], Y[:100])
    model.summary()
    lines = capsys.readouterr().out.splitlines()
    assert "(8, 8, 4)" in lines[3]
    assert lines[3].endswith(" 40")  # 3 * 3 * 1 * 4 + 4
    assert lines[-1].endswith(f"{40 + 4 * 4 * 4 * 8 + 8 + 8 * 10 + 10:,}")


def test_alexnet_shaped_recipes_learn_small_colour_images():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 240)
    images = 0.3 * rng.random((240, 16, 16, 3), dtype=np.float32)
    images[np.arange(240), 3:9, 4:12, y] += 0.5  # a bright block in the channel of the class
    layers = [Reshape((16, 16, 3)), Conv2D(8, 5, padding="same"), ReLU(), MaxPool2D(3, stride=2)]
    layers += [Conv2D(12, 3, padding="same"), ReLU(), MaxPool2D(3, stride=2)]
    for filters in (16, 16, 12):
        layers += [Conv2D(filters, 3, padding="same"), ReLU()]
    layers += [MaxPool2D(3, stride=2), Flatten(), Dense(32), ReLU(), Dropout(0.5), Dense(32), ReLU(), Dropout(0.5)]
    model = NetworkClassifier(layers, max_iter=15, random_state=0)
    model.fit(images[:180].reshape(180, -1), y[:180])
    assert model.score(images[180:].reshape(60, -1), y[180:]) > 0.9


@pytest.mark.parametrize(
    "layers",
    [
        [Reshape((8, 8, 1)), LocallyConnected2D(8), ReLU(), MaxPool2D(2), Flatten(), Dense(50), ReLU()],
        [Dense(200), Maxout(4), Dense(100), Maxout(2)],
    ],
    ids=["locally connected", "maxout"],
)
def test_locally_connected_and_maxout_networks_reach_96_percent_on_digits(layers):
    order = np.random.default_rng(0).permutation(len(X))
    train, test = order[:1400], order[1400:]
    model = NetworkClassifier(layers, max_iter=30, random_state=0).fit(X[train], Y[train])
    assert model.score(X[test], Y[test]) >= 0.96


@pytest.mark.skipif(not MNIST.is_dir(), reason="MNIST is not here")
def test_lenet_reaches_98_5_percent_of_mnist_in_two_epochs():
    X_train, y_train, X_test, y_test = load_mnist(MNIST)
    lenet = ConvNetClassifier(
        filters=(8, 16), kernel_size=5, padding="valid", learning_rate_init=3e-3, max_iter=2, random_state=0
    )
    assert lenet.fit(X_train, y_train).score(X_test, y_test) >= 0.985


# Which parts of scikit-learn take arrays of images; all take flat rows. The table of docs/images.md.

NET = ConvNetClassifier(**SMALL)
TAKES_IMAGES = {
    "cross_validate": lambda X, y: cross_validate(NET, X, y, cv=2, error_score="raise"),
    "cross_val_predict": lambda X, y: cross_val_predict(NET, X, y, cv=2),
    "GridSearchCV": lambda X, y: GridSearchCV(NET, {"dropout": [0.0, 0.5]}, cv=2, error_score="raise").fit(X, y),
    "HalvingGridSearchCV": lambda X, y: HalvingGridSearchCV(
        NET, {"dropout": [0.0, 0.5]}, resource="max_iter", max_resources=4, cv=2, error_score="raise"
    ).fit(X, y),
    "learning_curve": lambda X, y: learning_curve(NET, X, y, cv=2, train_sizes=[0.5, 1.0], error_score="raise"),
    "Pipeline(FunctionTransformer())": lambda X, y: make_pipeline(FunctionTransformer(), NET).fit(X, y).predict(X),
    "VotingClassifier": lambda X, y: VotingClassifier([("a", NET), ("b", NET)], voting="soft").fit(X, y).predict(X),
    "StackingClassifier": lambda X, y: StackingClassifier([("a", NET)], cv=2).fit(X, y).predict(X),
    "CalibratedClassifierCV": lambda X, y: CalibratedClassifierCV(NET, cv=2).fit(X, y).predict(X),
    "FrozenEstimator": lambda X, y: CalibratedClassifierCV(FrozenEstimator(NET.fit(X, y))).fit(X, y).predict(X),
    "TunedThresholdClassifierCV": lambda X, y: TunedThresholdClassifierCV(NET, cv=2).fit(X, y).predict(X),
    "FixedThresholdClassifier": lambda X, y: FixedThresholdClassifier(NET).fit(X, y).predict(X),
    "OneVsRestClassifier": lambda X, y: OneVsRestClassifier(NET).fit(X, y).predict(X),
    "OutputCodeClassifier": lambda X, y: OutputCodeClassifier(NET, random_state=0).fit(X, Y[:60]).predict(X),
    # Its base has to be better than chance, hence the epochs.
    "AdaBoostClassifier": lambda X, y: (
        AdaBoostClassifier(clone(NET).set_params(max_iter=40), n_estimators=2).fit(X, y).predict(X)
    ),
    "MultiOutputClassifier": lambda X, y: MultiOutputClassifier(NET).fit(X, np.c_[y, y]).predict(X),
}
REFUSES_IMAGES = {
    "StandardScaler": lambda X, y: make_pipeline(StandardScaler(), NET).fit(X, y),
    "StackingClassifier(passthrough=True)": lambda X, y: StackingClassifier(
        [("a", NET)], LogisticRegression(), cv=2, passthrough=True
    ).fit(X, y),
    "OneVsOneClassifier": lambda X, y: OneVsOneClassifier(NET).fit(X, y),
    "ClassifierChain": lambda X, y: ClassifierChain(NET).fit(X, np.c_[y, 1 - y]),
    "BaggingClassifier": lambda X, y: BaggingClassifier(NET, 2).fit(X, y),
    "permutation_importance": lambda X, y: permutation_importance(NET.fit(X, y), X, y, n_repeats=1),
    "SelfTrainingClassifier": lambda X, y: SelfTrainingClassifier(NET).fit(X, y),
}
IMAGES, TWO_CLASSES = X[:60].reshape(-1, 8, 8, 1), (Y[:60] > 4).astype(int)


@pytest.mark.parametrize("part", TAKES_IMAGES)
def test_parts_that_take_arrays_of_images(part):
    TAKES_IMAGES[part](IMAGES, TWO_CLASSES)


@pytest.mark.parametrize("part", REFUSES_IMAGES)
def test_parts_that_take_flat_rows_only(part):
    REFUSES_IMAGES[part](X[:60], TWO_CLASSES)
    with pytest.raises(ValueError, match=r"dim 4|<= 2|2D array|array with shape|too many|dimension"):
        REFUSES_IMAGES[part](IMAGES, TWO_CLASSES)


def test_weights_by_hand_need_the_shape_of_the_images():
    coefs = [np.zeros((3, 3, 1, 4)), np.zeros((4 * 4 * 4, 8)), np.zeros((8, 3))]
    intercepts = [np.zeros(4), np.zeros(8), np.array([0.0, 2.0, 1.0])]
    net = ConvNetClassifier(image_shape=(8, 8), filters=4, hidden_layer_sizes=(8,))
    assert_array_equal(net.set_weights(coefs, intercepts).predict(X[:3]), [1, 1, 1])
    with pytest.raises(ValueError, match="need image_shape"):
        ConvNetClassifier(filters=4, hidden_layer_sizes=(8,)).set_weights(coefs, intercepts)


def test_warm_start_refuses_images_of_another_shape():
    net = ConvNetClassifier(image_shape=(8, 8), warm_start=True, **SMALL).fit(X[:100], Y[:100])
    with pytest.raises(ValueError, match=r"\(4, 16, 1\)"):
        net.set_params(image_shape=(4, 16)).fit(X[:100], Y[:100])
    assert net.image_shape_ == (8, 8, 1)


# Signals: images of one line


@pytest.mark.parametrize("shape", [(1, 60), (60, 1), (1, 20, 3), (1, 1)])
@pytest.mark.parametrize("settings", [{}, {"filters": (4, 4)}, {"padding": 1}, {"kernel_size": 5, "padding": "valid"},
                                      {"stride": 2, "pooling": None}])  # fmt: skip
def test_windows_have_length_1_along_an_axis_of_length_1(shape, settings):
    rows = X[:100, : np.prod(shape)]
    if np.prod(shape) == 1:
        rows = X[:100, 20:21]
    model = ConvNetClassifier(image_shape=shape, **SMALL | settings).fit(rows, Y[:100])
    flat = [axis for axis, length in enumerate(shape[:2]) if length == 1]
    for layer, out in zip(model._network.layers, model._network.output_shapes, strict=True):
        sizes = getattr(layer, "kernel_size", getattr(layer, "size", None))
        if sizes is not None:
            assert [sizes[axis] for axis in flat] == [1] * len(flat)
            assert [out[axis] for axis in flat] == [1] * len(flat)
    assert model.predict(rows).shape == (100,)


def test_signal_is_the_same_down_and_across():
    across, down = (
        ConvNetClassifier(image_shape=shape, **SMALL).fit(X[:100, :60], Y[:100]) for shape in ((1, 60), (60, 1))
    )
    assert across.coefs_[0].shape == (1, 3, 1, 4)
    assert_allclose(across.predict_proba(X[:, :60]), down.predict_proba(X[:, :60]), rtol=1e-4)


def test_two_numbers_are_one_for_each_block_and_pairs_are_height_and_width():
    settings = SMALL | {"filters": (2, 3), "image_shape": (8, 8)}
    each = ConvNetClassifier(kernel_size=[1, 5], **settings).fit(X[:50], Y[:50])
    pairs = ConvNetClassifier(kernel_size=((1, 5), (1, 5)), **settings).fit(X[:50], Y[:50])
    assert [W.shape[:2] for W in each.coefs_[:2]] == [(1, 1), (5, 5)]
    assert [W.shape[:2] for W in pairs.coefs_[:2]] == [(1, 5), (1, 5)]
    for filters in (4, (2, 3)):
        with pytest.raises(ValueError, match=r"kernel_size=\[\(height, width\)\] \* \d, two numbers for two blocks"):
            ConvNetClassifier(**SMALL | {"filters": filters, "kernel_size": (1, 5)}).fit(X[:50], Y[:50])


# Channels that are not where they are expected


def doubts(caught):
    return [str(each.message) for each in caught if "image_shape=" in str(each.message)]


WITH_DOUBT = {  # shape of an array's rows, words of the warning
    (1, 8, 8): "1 x 8 pixels with 8 channels",
    (3, 24, 20): "3 x 24 pixels with 20 channels",
    (24, 2): "(1, 24, 2)",
    (24, 3): "(1, 24, 3)",
    (8, 1): "(1, 8, 1)",
}
WITHOUT_DOUBT = [(8, 8), (8, 8, 1), (8, 8, 3), (1, 24, 2), (1, 30, 3), (4, 8, 8), (16, 3), (24, 4), (3, 8), (2, 24, 24)]


TRAININGS = {
    "fit": lambda model, X, y: model.fit(X, y, X_val=X, y_val=y),
    "refit": lambda model, X, y: model.set_params(early_stopping=True, refit=True).fit(X, y),
    "partial_fit": lambda model, X, y: model.partial_fit(X, y, classes=[0, 1]).partial_fit(X, y),
    "partial_fit with refit": lambda model, X, y: model.set_params(refit=True).partial_fit(X, y, classes=[0, 1]),
}


@pytest.mark.parametrize("shape", WITH_DOUBT, ids=str)
@pytest.mark.parametrize("training", TRAININGS)
def test_doubtful_shapes_are_warned_of_once(shape, training):
    images, y = np.random.default_rng(0).normal(size=(40, *shape)), np.arange(40) % 2
    model = ConvNetClassifier(**SMALL)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        TRAININGS[training](model, images, y).predict(images)
    (doubt,) = doubts(caught)
    assert WITH_DOUBT[shape] in doubt
    assert f"image_shape={shape}" in doubt
    assert caught[0].filename == __file__
    model.set_params(image_shape=shape, pooling=None)
    with warnings.catch_warnings(record=True) as caught:  # said, it is no guess any more; nor is it of flat rows
        warnings.simplefilter("always")
        model.fit(images, y).fit(images.reshape(40, -1), y)
    assert not doubts(caught)


@pytest.mark.parametrize("shape", WITHOUT_DOUBT, ids=str)
def test_other_shapes_are_not_warned_of(shape):
    images, y = np.random.default_rng(0).normal(size=(40, *shape)), np.arange(40) % 2
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ConvNetClassifier(**SMALL).fit(images, y)
    assert not doubts(caught)


def test_moved_channels_are_those_of_the_error():
    """The advice of the errors and warnings gives the images that were meant."""
    images = np.random.default_rng(0).normal(size=(20, 3, 24, 24))
    with pytest.raises(ValueError, match=r"with 24 channels.*For 3 channels pass image_shape=\(24, 24, 3\)") as error:
        ConvNetClassifier(image_shape=(3, 24, 24), filters=(4, 4)).fit(images.reshape(20, -1), np.arange(20) % 2)
    assert "np.moveaxis(X.reshape((-1, 3, 24, 24)), 1, -1)" in str(error.value)
    moved = np.moveaxis(images.reshape(20, -1).reshape((-1, 3, 24, 24)), 1, -1)
    assert_array_equal(moved[:, :, :, 2], images[:, 2])
    with pytest.raises(ValueError, match="no window of 3 x 3 fits") as error:
        ConvNetClassifier(image_shape=(2, 24, 3), padding="valid").fit(X[:, 0:1].repeat(144, axis=1), Y)
    assert "moveaxis" not in str(error.value)


@pytest.mark.parametrize(
    ("shape", "pool_size", "n_left"),
    [((2, 32), 2, 4), ((32, 3), 2, 4), ((2, 27), 3, 1), ((2, 8, 3), 2, 1), ((2, 8), [(3, 1), 2, (1, 9)], 1)],
)
def test_poolings_are_not_longer_than_the_image(shape, pool_size, n_left):
    X, y = np.random.default_rng(0).normal(size=(8, np.prod(shape))), np.arange(8) % 2
    settings = SMALL | {"filters": (2, 3, 4), "hidden_layer_sizes": (), "pool_size": pool_size}
    net = ConvNetClassifier(image_shape=shape, **settings).fit(X, y)
    assert net.coefs_[-1].shape == (4 * n_left, 1)
