"""SolverPathsDisplay: paths worked by hand, over the contours of their function."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sknn_scratch.inspection import SolverPathsDisplay
from sknn_scratch.nn.solvers import SGD, Momentum

pytest.importorskip("matplotlib")


def test_paths_by_hand():
    """On x^2 / 20 + y^2 the slopes are x / 10 and 2 y; with momentum 0.5: v <- v / 2 + 0.1 g."""
    solvers = {"plain": (SGD(), 0.1), "heavy": (Momentum(0.5, nesterov=False), 0.1)}
    display = SolverPathsDisplay.from_solvers(solvers, start=(10, 1), n_steps=2)
    assert_allclose(display.lines_["plain"].get_xydata(), [[10, 1], [9.9, 0.8], [9.801, 0.64]])
    assert_allclose(display.lines_["heavy"].get_xydata(), [[10, 1], [9.9, 0.8], [9.751, 0.54]])
    assert len({line.get_marker() for line in display.lines_.values()}) == 2
    assert [text.get_text() for text in display.ax_.get_legend().get_texts()] == ["plain", "heavy"]


def test_all_solvers_come_down_by_default():
    display = SolverPathsDisplay.from_solvers(n_steps=100)
    for path in display.paths.values():
        x, y = path.T
        assert x[-1] ** 2 / 20 + y[-1] ** 2 < 0.01 * (x[0] ** 2 / 20 + y[0] ** 2)


def test_contours_are_those_of_the_function():
    display = SolverPathsDisplay.from_solvers(
        {"plain": (SGD(), 0.1)},
        function=lambda x, y: x + 10 * y,
        gradient=lambda x, y: (1, 10),
        xlim=(0, 1),
        ylim=(0, 2),
    )
    assert_allclose(display.values[[0, -1], [0, -1]], [0, 21])
    assert_allclose(display.values[-1, 0], 20)
    levels = display.contours_.levels
    assert_allclose(levels[1:] / levels[:-1], levels[1] / levels[0])
    assert (display.ax_.get_xlim(), display.ax_.get_ylim()) == ((0, 1), (0, 2))


def test_draws_where_it_is_told():
    from matplotlib import pyplot

    ax = pyplot.subplot()
    display = SolverPathsDisplay({"one": np.zeros((2, 2))}, [0, 1], [0, 1], [[0, 1], [1, 2]]).plot(ax=ax)
    assert display.ax_ is ax
