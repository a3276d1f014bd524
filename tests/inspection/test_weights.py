"""WeightsDisplay: each weight is drawn once, in its place, with zero in the middle of the colours."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknn_scratch import NetworkClassifier
from sknn_scratch.inspection import WeightsDisplay
from sknn_scratch.nn.layers import Tanh
from tests.inspection.models import IRIS, IRIS_FRAME, SPECIES, fitted
from tests.nn.adding import WeightNorm

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
pytest.importorskip("matplotlib")


class GainFirst(WeightNorm):
    """The same layer with its gains before its weights."""

    def plan(self, input_shape):
        shape, params = super().plan(input_shape)
        return shape, {name: params[name] for name in ("gain", "W", "shift")}


def drawn(display):
    return np.ma.getdata(display.image_.get_array())


def test_kernels():
    model, _ = fitted("convnet")
    display = WeightsDisplay.from_estimator(model)
    kernels = model.coefs_[0]  # (3, 3, 1, 4)
    assert_array_equal(display.weights, kernels[:, :, 0].transpose(2, 0, 1))
    whole = drawn(display)
    assert whole.shape == (7, 7)
    assert_array_equal(whole[:3, :3], kernels[:, :, 0, 0])
    assert_array_equal(whole[4:, :3], kernels[:, :, 0, 2])
    largest = np.abs(kernels).max()
    assert_allclose(display.image_.get_clim(), (-largest, largest))
    assert display.colorbar_.ax.get_ylabel() == "weight"


def test_kernels_over_colours_are_drawn_in_colours():
    model, _ = fitted("convnet colours")
    display = WeightsDisplay.from_estimator(model)
    kernels = model.coefs_[0]
    assert display.colorbar_ is None
    assert_allclose(drawn(display)[:3, :3], kernels[..., 0] / (2 * np.abs(kernels).max()) + 0.5, rtol=1e-6)


def test_kernels_over_other_channels_are_drawn_each():
    W = np.arange(2 * 2 * 2 * 3.0).reshape(2, 2, 2, 3)
    model = fitted("convnet")[0].__class__(image_shape=(4, 4, 2), filters=(3,), kernel_size=2, hidden_layer_sizes=())
    model.set_weights([W, np.zeros((12, 3))], [np.zeros(3), np.zeros(3)])
    display = WeightsDisplay.from_estimator(model)
    assert_array_equal(display.weights, [W[:, :, c, k] for k in range(3) for c in range(2)])


def test_kernels_of_their_own_stand_at_their_positions():
    model, _ = fitted("network local")
    display = WeightsDisplay.from_estimator(model)
    W = model.coefs_[0]  # (2, 2, 4, 4, 1, 2)
    assert display.weights.shape == (2, 8, 8)
    assert_array_equal(display.weights[1, 4:, :4], W[1, 0, :, :, 0, 1])


def test_flat_rows_as_images():
    model, _ = fitted("mlp images")
    display = WeightsDisplay.from_estimator(model, image_shape=(8, 8), units=[3, 5])
    assert_array_equal(display.weights, model.coefs_[0].T[[3, 5]].reshape(2, 8, 8))
    with pytest.raises(ValueError, match=r"image_shape=\(5, 5\) does not fit the 64 features"):
        WeightsDisplay.from_estimator(model, image_shape=(5, 5))
    for units in ([12], [-1], [0.5], []):
        with pytest.raises(ValueError, match="units must hold numbers from 0 to 11, got"):
            WeightsDisplay.from_estimator(model, units=units)


def test_gains_are_no_weights_of_features():
    model = NetworkClassifier([GainFirst(5), Tanh()], max_iter=2, random_state=0).fit(IRIS, SPECIES)
    gain, W, _ = model.coefs_
    assert (gain.shape, W.shape) == ((5,), (4, 5))
    assert_array_equal(WeightsDisplay.from_estimator(model).weights, W)


def test_features_by_units():
    model, _ = fitted("mlp")
    display = WeightsDisplay.from_estimator(model)
    assert_array_equal(drawn(display), model.coefs_[0])
    assert [text.get_text() for text in display.ax_.get_yticklabels()] == list(IRIS_FRAME.columns)
    assert display.ax_.get_xlabel() == "unit"
