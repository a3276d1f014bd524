"""What all displays have in common: where they draw, in which colours, and whom they refuse."""

import copy
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import ConvNetClassifier, PerceptronClassifier, inspection
from sknn_scratch.inspection.drawing import SEQUENTIAL, SIGNED, columns_for, mosaic, zero_centred
from tests.inspection.models import DIGITS, IRIS, LABELS, SPECIES, fitted
from tests.learned import numbers

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
pyplot = pytest.importorskip("matplotlib.pyplot")

FROM_ESTIMATOR = [  # display, what its from_estimator takes beside the estimator
    (inspection.TrainingHistoryDisplay, ()),
    (inspection.WeightsDisplay, ()),
    (inspection.NetworkDisplay, ()),
    (inspection.FeatureMapsDisplay, (DIGITS[:1],)),
    (inspection.SaliencyDisplay, (DIGITS[:2],)),
    (inspection.ActivationMaximizationDisplay, ()),
    (inspection.DeconvolutionDisplay, (DIGITS[:20],)),
]
each = pytest.mark.parametrize(("display", "args"), FROM_ESTIMATOR, ids=[row[0].__name__ for row in FROM_ESTIMATOR])


@each
def test_refuses_what_is_not_fitted(display, args):
    with pytest.raises(NotFittedError, match="This ConvNetClassifier instance is not fitted yet"):
        display.from_estimator(ConvNetClassifier(), *args)


@each
@pytest.mark.parametrize("model", [PerceptronClassifier(), make_pipeline(StandardScaler(), PerceptronClassifier())])
def test_refuses_what_is_no_network(display, args, model):
    with pytest.raises(TypeError, match=r"Only networks have layers.*an instance of PerceptronClassifier"):
        display.from_estimator(model.fit(IRIS, SPECIES), *args)


@each
@pytest.mark.parametrize("wrapped", [FrozenEstimator, make_pipeline, lambda model: make_pipeline("passthrough", model)])
def test_takes_what_has_a_network(display, args, wrapped):
    model, _ = fitted("convnet")
    assert display.from_estimator(wrapped(model), *args).figure_ is not None


@each
def test_says_that_matplotlib_is_missing(display, args, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=rf"{display.__name__}\.\w+ requires matplotlib. You can install"):
        display.from_estimator(fitted("convnet")[0], *args)


@each
def test_draws_where_it_is_told(display, args):
    model, _ = fitted("convnet")
    figure, (left, right) = pyplot.subplots(1, 2)
    shown = display.from_estimator(model, *args, ax=right)
    assert shown.figure_ is figure
    assert not left.images + left.lines + left.collections + left.texts
    axes = getattr(shown, "axes_", None)
    if axes is None:
        assert shown.ax_ is right
        return
    assert all(axis.figure is figure for axis in axes.flat)
    _, given = pyplot.subplots(axes.size, squeeze=False)
    assert_array_equal(display.from_estimator(model, *args, ax=given[:, 0]).axes_.ravel(), given[:, 0])
    if axes.size > 1:
        with pytest.raises(ValueError, match=f"has {axes.size} panels, got {axes.size + 1} axes"):
            display.from_estimator(model, *args, ax=[*given[:, 0], left])
        with pytest.raises(ValueError, match=r"or one made by plt.subplots"):
            display.from_estimator(model, *args, ax=figure.add_axes([0, 0, 1, 1]))


@each
def test_leaves_the_estimator_as_it_is(display, args):
    model = ConvNetClassifier(filters=(2,), max_iter=1, random_state=0).fit(DIGITS, LABELS)
    before, attributes, same = numbers(model), dict(vars(model)), copy.deepcopy(model)
    display.from_estimator(model, *args)
    assert vars(model) == attributes
    assert_array_equal(numbers(model), before)
    assert_array_equal(numbers(model.partial_fit(DIGITS, LABELS)), numbers(same.partial_fit(DIGITS, LABELS)))


def test_signs_and_sizes_survive_grey_printing():
    for name in (SIGNED, SEQUENTIAL):
        red, green, blue = pyplot.get_cmap(name)(np.linspace(0, 1, 101))[:, :3].T
        lightness = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        assert (np.diff(lightness) > 0).all()
    low, middle, high = pyplot.get_cmap(SIGNED)([0.0, 0.5, 1.0])[:, :3]
    assert np.ptp(middle) < 0.05  # grey
    assert low[2] - low[0] > 0.3  # blue
    assert high[0] - high[2] > 0.3  # yellow


def test_zero_is_in_the_middle():
    colours = zero_centred([-1.0, np.nan, 3.0])
    assert (colours["vmin"], colours["vmax"]) == (-3, 3)
    assert zero_centred([0.0])["vmax"] > 0


def test_mosaic_by_hand():
    """Three images of 4 x 8 pixels in lines of two: gaps of a quarter, 1 and 2 pixels."""
    whole = mosaic(np.stack([np.full((4, 8), k) for k in range(3)]), 2)
    assert whole.shape == (9, 18)
    lines = [whole[y, [0, 7, 8, 9, 10, 17]] for y in (0, 4, 5)]
    nan = np.nan
    assert_array_equal(lines, [[0, 0, nan, nan, 1, 1], [nan] * 6, [2, 2, nan, nan, nan, nan]])
    assert (mosaic(np.zeros((2, 4, 4, 3)), 2)[:, 4] == 1).all()


@pytest.mark.parametrize(("n_images", "n_columns"), [(1, 1), (2, 2), (3, 3), (6, 3), (10, 5), (16, 4), (32, 8)])
def test_few_places_stay_empty(n_images, n_columns):
    assert columns_for(n_images) == n_columns
