"""The gradient with respect to the input, against differences of what the estimators predict, and its pictures."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from sknn_scratch import NetworkClassifier
from sknn_scratch.inspection import SaliencyDisplay, input_gradient
from sknn_scratch.nn.layers import Dense, Step
from tests.differences import assert_gradient
from tests.inspection.models import DIGITS, IRIS_FRAME, MODELS, fitted

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
pytest.importorskip("matplotlib")

SCORES = {  # name: targets, and what is derived, as a function of rows and target
    "mlp images": ([0, 7], lambda model, X, k: model.decision_function(X)[:, k]),
    "mlp two classes": ([False, True], lambda model, X, k: (2 * k - 1) * model.decision_function(X)),
    "mlp labels": ([0, 1], lambda model, X, k: model.decision_function(X)[:, k]),
    "mlp numbers": ([0, 1], lambda model, X, k: model.predict(X)[:, k]),
    "mlp quantiles": ([0, 1, 2], lambda model, X, k: model.predict(X)[:, k]),
    "mlp counts": ([None], lambda model, X, k: model.predict(X)),
    "network": ([3], lambda model, X, k: model.decision_function(X)[:, k]),
    "network numbers": ([None, 0], lambda model, X, k: model.predict(X)),
    "convnet colours": ([2], lambda model, X, k: model.decision_function(X)[:, k]),
    "convnet numbers": ([None], lambda model, X, k: model.predict(X)),
}
CASES = [(name, target) for name, (targets, _) in SCORES.items() for target in targets]


@pytest.mark.parametrize(("name", "target"), CASES)
def test_gradient_is_that_of_the_score(name, target):
    model, X = fitted(name)
    score = SCORES[name][1]
    X = np.asarray(X)[[10, 20, 30]] + 1e-3  # off the grid of the data, where pooled pixels are equal
    gradient = input_gradient(model, X, target=target)
    assert_gradient(lambda rows: score(model, rows, target).sum(), X, gradient, np.random.default_rng(0))


@pytest.mark.parametrize("name", ["mlp images", "mlp two classes", "mlp labels"])
def test_by_default_the_predicted_class_is_derived(name):
    model, X = fitted(name)
    X = X[::40]
    scores = model.decision_function(X)
    chosen = scores > 0 if scores.ndim == 1 else model.classes_[scores.argmax(axis=1)]
    each = [input_gradient(model, X[i : i + 1], target=k)[0] for i, k in enumerate(chosen)]
    assert_allclose(input_gradient(model, X), each)
    assert SaliencyDisplay.from_estimator(model, X).labels == [str(k) for k in chosen]


def test_forms_of_rows():
    model, X = fitted("convnet")
    flat = input_gradient(model, X[:2])
    assert_array_equal(input_gradient(model, X[:2].reshape(2, 8, 8)), flat.reshape(2, 8, 8))
    assert_array_equal(input_gradient(model, sparse.csr_array(X[:2])), flat)
    assert_array_equal(input_gradient(fitted("mlp")[0], IRIS_FRAME[:2]).shape, (2, 4))


def test_says_what_can_be_derived():
    for name, choices in (("mlp two classes", r"\[False, True\]"), ("mlp numbers", r"\[0, 1\]")):
        model, X = fitted(name)
        with pytest.raises(ValueError, match=f"target must be one of {choices}, got 5"):
            input_gradient(model, X, target=5)
    gate = NetworkClassifier([Dense(1), Step()]).set_weights([np.ones((2, 1)), np.ones((1, 1))], [[0], [0]])
    with pytest.raises(ValueError, match="Step has no gradient"):
        input_gradient(gate, [[0, 1]])


def test_images_and_gradients():
    model, X = fitted("convnet")
    display = SaliencyDisplay.from_estimator(model, X[:3], target=5)
    assert display.axes_.shape == (2, 1)
    assert [text.get_text() for text in display.texts_] == ["5"] * 3
    above, below = (np.ma.getdata(image.get_array()) for image in display.images_)
    assert above.shape == below.shape == (8, 3 * 8 + 2 * 2)
    gradient = input_gradient(model, X[:3], target=5)
    assert_array_equal(above[:, 10:18], X[1].reshape(8, 8))
    assert_array_equal(below[:, 10:18], gradient[1].reshape(8, 8))
    assert_allclose(display.images_[1].get_clim(), np.abs(gradient).max() * np.array([-1, 1]))
    assert display.colorbar_.ax.get_ylabel() == "gradient"
    with pytest.raises(ValueError, match=r"A picture of 33 rows would be too small to see. Pass 32 at most."):
        SaliencyDisplay.from_estimator(model, X[:33])


def test_of_colours_the_largest_counts():
    model, X = fitted("convnet colours")
    display = SaliencyDisplay.from_estimator(model, X[:2])
    below = np.ma.getdata(display.images_[1].get_array())
    assert_allclose(below[:, :4], np.abs(input_gradient(model, X[:1])).reshape(4, 4, 3).max(axis=2))


def test_bars():
    model, X = fitted("mlp")
    display = SaliencyDisplay.from_estimator(model, X[:2], target=1)
    gradient = input_gradient(model, X[:2], target=1)
    assert_allclose([[bar.get_width() for bar in bars] for bars in display.bars_], gradient)
    assert [text.get_text() for text in display.axes_[0, 0].get_yticklabels()] == list(IRIS_FRAME.columns)
    assert [axis.get_title() for axis in display.axes_[0]] == ["1", "1"]


@pytest.mark.parametrize("name", MODELS)
def test_every_network_can_be_drawn(name):
    model, X = fitted(name)
    assert SaliencyDisplay.from_estimator(model, X[:2]).gradient.shape == (2, X.shape[1])


def test_image_shape_of_flat_rows():
    model, X = fitted("mlp images")
    assert SaliencyDisplay.from_estimator(model, X[:1], image_shape=(8, 8)).axes_.shape == (2, 1)
    assert len(SaliencyDisplay.from_estimator(model, DIGITS[:1]).bars_) == 1


def test_bars_without_a_gradient_stand_at_zero():
    display = SaliencyDisplay(np.ones((1, 3)), np.zeros((1, 3)), ["a class whose name is long"]).plot()
    low, high = display.axes_[0, 0].get_xlim()
    assert -low == high > 0.1
    assert len(display.axes_[0, 0].get_title()) < 15
