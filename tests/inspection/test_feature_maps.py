"""FeatureMapsDisplay: what comes out of each layer, drawn once, under its name."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknn_scratch import NetworkClassifier
from sknn_scratch.inspection import FeatureMapsDisplay
from sknn_scratch.nn.layers import Conv2D, Dropout, Flatten, MaxPool2D, Reshape
from tests.inspection.models import DIGITS, LABELS, fitted

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
pytest.importorskip("matplotlib")


def drawn(image):
    return np.ma.getdata(image.get_array())


def test_maps_of_a_convnet():
    model, X = fitted("convnet")
    display = FeatureMapsDisplay.from_estimator(model, X[:1], max_maps=3)
    assert display.names == [
        "input", "0: Standardize, 8 × 8 × 1", "1: Conv2D, 8 × 8 × 4", "2: MaxPool2D, 4 × 4 × 4", "3: ReLU, 4 × 4 × 4",
        "4: Conv2D, 4 × 4 × 6", "5: MaxPool2D, 2 × 2 × 6", "6: ReLU, 2 × 2 × 6", "8: Dense, 10", "9: ReLU, 10",
        "10: Dense, 10",
    ]  # fmt: skip
    assert display.axes_.shape == (11, 1)
    assert display.axes_[2, 0].get_title(loc="left") == "1: Conv2D, 8 × 8 × 4 (first 3)"
    assert_array_equal(drawn(display.images_[0]), DIGITS[0].reshape(8, 8))
    conv = drawn(display.images_[2])
    assert conv.shape == (8, 3 * 8 + 2 * 2)
    assert_array_equal(conv[:, 10:18], display.maps[2][:, :, 1])
    assert_array_equal(conv[:, 8:10], np.nan)
    assert_allclose(display.maps[-1], model.decision_function(X[:1])[0])
    low, high = display.images_[2].get_clim()
    assert low == -high  # a convolution has a sign, what comes out of a ReLU starts at zero
    assert display.images_[4].get_clim()[0] == 0
    assert len(display.colorbars_) == 11


def test_layers_that_change_no_number_are_left_out():
    model, X = fitted("network")
    display = FeatureMapsDisplay.from_estimator(model, X[:1])
    assert [name.split(",")[0] for name in display.names] == [
        "input",
        "0: Standardize",
        "2: Conv2D",
        "3: Tanh",
        "6: Dense",
    ]


def test_a_pooling_that_only_leaves_pixels_out_is_shown():
    X, y = DIGITS, LABELS
    layers = [Reshape((8, 8, 1)), Conv2D(2), MaxPool2D(1, 2), Dropout(), Flatten()]
    model = NetworkClassifier(layers, standardize=False, max_iter=1).fit(X[:100], y[:100])
    names = FeatureMapsDisplay.from_estimator(model, X[:1]).names
    assert [name.split(",")[0] for name in names] == ["input", "1: Conv2D", "2: MaxPool2D", "5: Dense"]


@pytest.mark.parametrize(("name", "shape"), [("mlp images", (8, 8)), ("mlp numbers", None), ("network numbers", None)])
def test_units_are_drawn_as_lines(name, shape):
    model, X = fitted(name)
    display = FeatureMapsDisplay.from_estimator(model, X[:1], image_shape=shape)
    assert drawn(display.images_[0]).shape == (shape or (1, X.shape[1]))
    for image, y in zip(display.images_[1:], display.maps[1:], strict=True):
        assert_array_equal(drawn(image), y[None])


def test_colour_images():
    model, X = fitted("convnet colours")
    picture = drawn(FeatureMapsDisplay.from_estimator(model, X[:1].reshape(1, 4, 4, 3)).images_[0])
    assert picture.shape == (4, 4, 3)
    assert (picture.min(), picture.max()) == (0, 1)


def test_one_row_alone():
    model, X = fitted("convnet")
    with pytest.raises(ValueError, match=r"those of one row, got 2 rows. Pass X\[i : i \+ 1\]"):
        FeatureMapsDisplay.from_estimator(model, X[:2])
