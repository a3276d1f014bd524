"""DeconvolutionDisplay: which images it chooses, and what it takes back."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknn_scratch import ConvNetRegressor
from sknn_scratch.inspection import DeconvolutionDisplay
from tests.inspection.models import fitted
from tests.learned import layer_output

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
pytest.importorskip("matplotlib")

deconvolve = DeconvolutionDisplay.from_estimator


def peaks(model, layer, X, n_maps):
    """Return the largest number that a layer's maps have for each row."""
    return layer_output(model, layer, X).reshape(len(X), -1, n_maps).max(axis=1)


def one_kernel():
    """One kernel of 2 x 2 on images of 3 x 3, then a pooling of all positions and a ReLU."""
    model = ConvNetRegressor(image_shape=(3, 3), filters=1, kernel_size=2, padding="valid", hidden_layer_sizes=())
    kernel = np.array([[1.0, 2.0], [-1.0, 0.0]]).reshape(2, 2, 1, 1)
    return model.set_weights([kernel, [[1.0]]], [[0.0], [0.0]])


def test_by_hand():
    """The largest sum, 2 at the top right, goes back to where it came from, through the kernel."""
    image = [[0, 0, 1], [0, 0, 0], [0, 0, 0]]
    display = deconvolve(one_kernel(), [np.ravel(image), np.zeros(9), np.ravel(image) / 2], n_images=2)
    assert_array_equal(display.projections[0, 0, :, :, 0], [[0, 2, 4], [0, -2, 0], [0, 0, 0]])
    assert_array_equal(display.images[0, 0, :, :, 0], image)
    assert_array_equal(display.images[0, 1, :, :, 0], np.divide(image, 2))


def test_the_strongest_images_are_chosen():
    model, X = fitted("convnet")
    display = deconvolve(model, X, n_images=3, layer=3, units=[1, 2])
    for line, unit in enumerate([1, 2]):
        rows = display.images[line].reshape(3, -1)
        strongest = np.sort(peaks(model, 3, X, 4)[:, unit])[-3:][::-1]
        assert_allclose(peaks(model, 3, rows, 4)[:, unit], strongest)
    assert display.projections.shape == display.images.shape == (2, 3, 8, 8, 1)


def test_the_last_maps_are_taken_and_dark_ones_left_out():
    model, X = fitted("convnet")
    display = deconvolve(model, X)
    lit = np.flatnonzero(peaks(model, 6, X, 6).max(axis=0) > 0)
    assert display.labels == [str(k) for k in lit]


def test_pictures():
    model, X = fitted("convnet")
    display = deconvolve(model, X, n_images=2, layer=3)
    projected, images = (np.ma.getdata(image.get_array()) for image in display.images_)
    assert projected.shape == images.shape == (len(display.labels) * 10 - 2, 18)
    assert_allclose(projected[:8, :8], display.projections[0, 0, :, :, 0] / np.abs(display.projections[0, 0]).max())
    assert_array_equal(images[:8, 10:], display.images[0, 1, :, :, 0])
    assert display.images_[0].get_clim() == (-1, 1)
    assert [text.get_text() for text in display.texts_] == display.labels


def test_colours_and_flat_rows():
    model, X = fitted("convnet colours")
    assert np.ma.getdata(deconvolve(model, X).images_[0].get_array()).shape[2] == 3
    model, X = fitted("mlp images")
    assert deconvolve(model, X, image_shape=(8, 8), units=[0], n_images=2).projections.shape == (1, 2, 8, 8, 1)


def test_says_where_it_does_not_apply():
    for name in ("mlp", "mlp numbers"):
        with pytest.raises(ValueError, match=r"A deconvolution needs images. Pass image_shape"):
            deconvolve(*fitted(name))
    with pytest.raises(ValueError, match=r"knows no reverse of Tanh\(\). Use SaliencyDisplay"):
        deconvolve(*fitted("network"))
