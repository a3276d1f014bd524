"""ActivationMaximizationDisplay: its inputs are maxima, by hand where the unit is linear, else by differences."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import is_classifier

from sknn_scratch import ConvNetClassifier, MLPClassifier, MLPRegressor
from sknn_scratch.inspection import ActivationMaximizationDisplay
from tests.differences import slope
from tests.inspection.models import CONV, DIGITS, IRIS_FRAME, LABELS, MODELS, fitted
from tests.learned import layer_output

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
pytest.importorskip("matplotlib")

maximize = ActivationMaximizationDisplay.from_estimator


def test_linear_unit_by_hand():
    """Of all x of length 5 the product with w = (3, 4) is largest at w itself, where it is 25."""
    model = MLPRegressor(()).set_weights([[[3.0], [4.0]]], [[0.5]])
    display = maximize(model, norm=5)
    assert_allclose(display.inputs, [[3, 4]])
    assert_allclose(display.activations, [25.5])
    assert_allclose(display.deviations, display.inputs)  # nothing was standardised
    assert np.linalg.norm(maximize(model).inputs) == pytest.approx(np.sqrt(2))


def test_relu_that_is_off_at_the_start():
    """relu(x - 1) has no gradient at 0; x - 1 has."""
    model = MLPClassifier((1,)).set_weights([[[1.0]], [[1.0]]], [[-1.0], [0.0]])
    assert_allclose(maximize(model, layer=-1, norm=3).inputs, [[3]])


@pytest.mark.parametrize(("name", "layer"), [("mlp two classes", None), ("mlp numbers", -1), ("network numbers", None)])
def test_gradient_at_the_maximum_points_outwards(name, layer):
    """On the ball |z| <= norm no step along the sphere helps: the gradient is a positive multiple of z."""
    model, X, y = *fitted(name), MODELS[name][2]
    display = maximize(model, layer=layer, n_steps=3000)
    scale, rng = 1 / np.std(X, axis=0), np.random.default_rng(0)
    for unit, (row, z, activation) in enumerate(
        zip(display.inputs, display.deviations, display.activations, strict=True)
    ):

        def unit_at(x, unit=unit):
            if layer is not None:
                return float(layer_output(model, layer - 1, x[None])[0, unit])  # without the activation
            if is_classifier(model):
                return float(model.decision_function(x[None])[0])
            return float((model.predict(x[None])[0] - y.mean()) / y.std())

        assert unit_at(row) == pytest.approx(activation)
        assert np.linalg.norm(z) == pytest.approx(np.sqrt(X.shape[1]), rel=1e-3)
        outwards = slope(unit_at, row, z / np.linalg.norm(z) / scale)
        assert outwards > 0
        for _ in range(3):
            along = rng.normal(size=z.shape)
            along -= z * (along @ z) / (z @ z)
            along /= np.linalg.norm(along)
            assert abs(slope(unit_at, row, along / scale)) < 0.05 * outwards


def test_no_row_excites_a_class_more():
    model, X = ConvNetClassifier(**CONV | {"max_iter": 20}).fit(DIGITS, LABELS), DIGITS
    best = model.decision_function(maximize(model).inputs).diagonal()
    assert (best > model.decision_function(X).max(axis=0)).all()


def test_unit_of_a_feature_map_is_its_centre():
    model, _ = fitted("convnet")
    display = maximize(model, layer=1, units=[2])
    z = display.deviations.reshape(8, 8)
    kernel = model.coefs_[0][:, :, 0, 2]
    assert_array_equal(np.argwhere(z).min(axis=0), [3, 3])
    assert_array_equal(np.argwhere(z).max(axis=0), [5, 5])
    seen = z[3:6, 3:6] / np.linalg.norm(z)
    assert (seen * kernel).sum() / np.linalg.norm(kernel) > 0.8  # bent by the tanh of the standardisation


def test_pictures():
    model, _ = fitted("convnet")
    display = maximize(model)
    assert [text.get_text() for text in display.texts_] == [str(k) for k in range(10)]
    whole = np.ma.getdata(display.image_.get_array())
    assert whole.shape == (2 * 8 + 2, 5 * 8 + 4 * 2)
    assert_allclose(whole[10:, :8], display.inputs[5].reshape(8, 8))
    model, _ = fitted("mlp")
    display = maximize(model)
    assert_allclose(np.ma.getdata(display.image_.get_array()), display.deviations.T)
    assert [text.get_text() for text in display.ax_.get_yticklabels()] == list(IRIS_FRAME.columns)
    assert [text.get_text() for text in display.ax_.get_xticklabels()] == ["0", "1", "2"]
    low, high = display.image_.get_clim()
    assert low == -high


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("layer", [None, -1])
def test_every_network_can_be_drawn(name, layer):
    model, X = fitted(name)
    display = maximize(model, layer=layer, n_steps=2)
    assert display.inputs.shape == (len(display.labels), X.shape[1])
    if layer is None:
        assert len(display.labels) == model.n_outputs_


@pytest.mark.parametrize("layer", [3, -4, 0.5])
def test_says_which_layers_there_are(layer):
    with pytest.raises(ValueError, match=r"before the output layer, from 0 \(or -3\) to 2 \(or -1\), got"):
        maximize(fitted("mlp")[0], layer=layer)


@pytest.mark.parametrize(
    ("wrong", "error"), [({"n_steps": -1}, ValueError), ({"n_steps": 1.5}, TypeError), ({"norm": -1.0}, ValueError),
                         ({"norm": "a"}, TypeError), ({"layer": True}, ValueError)]
)  # fmt: skip
def test_wrong_numbers_are_refused(wrong, error):
    with pytest.raises(error, match=next(iter(wrong))):
        maximize(fitted("mlp")[0], **wrong)
