"""NetworkDisplay: a line for each weight of a small network, a block for each layer of any other."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone

from sknn_scratch import MLPClassifier
from sknn_scratch.inspection import NetworkDisplay
from tests.inspection.models import IRIS, IRIS_FRAME, MODELS, SPECIES, fitted
from tests.learned import numbers, summary

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
pytest.importorskip("matplotlib")

draw = NetworkDisplay.from_estimator


def test_weights_are_lines():
    model, _ = fitted("mlp")
    display = draw(model)
    assert [len(units.get_offsets()) for units in display.units_] == [4, 8, 3]
    assert not display.blocks_
    for layer, (edges, W) in enumerate(zip(display.edges_, model.coefs_, strict=True)):
        widths = np.reshape(edges.get_linewidths(), W.shape)
        assert widths.max() == 4
        assert_allclose(widths, np.maximum(4 * np.abs(W) / np.abs(W).max(), 0.2))
        dashed = np.reshape([dashes is not None for _, dashes in edges.get_linestyles()], W.shape)
        assert (dashed == (W < 0)).all()
        start, end = (display.units_[k].get_offsets() for k in (layer, layer + 1))
        assert_allclose(edges.get_segments()[W.shape[1] + 2], [start[1], end[2]])  # from unit 1 to unit 2
    texts = [text.get_text() for text in display.texts_]
    assert texts == ["input\nStandardize", "Dense\nReLU", "Dense", *IRIS_FRAME.columns, "0", "1", "2"]


def test_zeros_are_left_out():
    model = MLPClassifier((2,)).set_weights([[[1.0, 0.0], [-2.0, 0.0]], [[0.0], [1.0]]], [[0.0, 0.0], [0.0]])
    display = draw(model)
    assert [edge[3] for edges in display.edges_ for edge in edges.get_colors()] == [1, 0, 1, 0, 0, 1]
    display.figure_.canvas.draw()  # dashes without length would never end


def test_layers_are_blocks(capsys):
    model, _ = fitted("convnet")
    display = draw(model)
    assert not display.units_ + display.edges_
    shapes = [model.image_shape_, *(shape for _, shape, _ in summary(model, capsys))]
    assert len(display.blocks_) == len(shapes)
    widths = [block.get_width() for block in display.blocks_]
    assert np.argmax(widths) == np.argmax([np.prod(shape) for shape in shapes])
    texts = [text.get_text() for text in display.texts_]
    assert texts[:3] == ["input:  8 × 8 × 1", "Standardize:  8 × 8 × 1", "Conv2D:  8 × 8 × 4,  40 parameters"]


@pytest.mark.parametrize(
    ("changes", "max_units"), [({"hidden_layer_sizes": 21}, 20), ({"activation": "maxout"}, 20), ({}, 7)]
)
def test_what_is_too_large_or_not_plain_is_blocks(changes, max_units):
    model = clone(MODELS["mlp"][0]).set_params(**changes).fit(IRIS, SPECIES)
    assert draw(model, max_units=max_units).blocks_


@pytest.mark.parametrize("name", MODELS)
def test_every_network_can_be_drawn(name):
    display = draw(fitted(name)[0])
    assert bool(display.units_) != bool(display.blocks_)
    assert sum(display.n_parameters) == numbers(fitted(name)[0]).size
