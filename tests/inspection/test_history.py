"""TrainingHistoryDisplay and LearningRateDisplay: curves, their labels, and what is left out."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sknn_scratch import MLPClassifier
from sknn_scratch.inspection import LearningRateDisplay, TrainingHistoryDisplay
from tests.inspection.models import IRIS, SPECIES, fitted

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
pytest.importorskip("matplotlib")

HISTORY = {
    "loss": [3, 2, 1],
    "validation_loss": [3, 2.5, 2],
    "score": [0.1, 0.5, 0.6],
    "validation_score": [0.1, 0.4, 0.5],
    "learning_rate": [0.1, 0.1, 0.05],
    "gradient_norm": [10, 1, 0.1],
    "seconds": [1, 1, 1],
}


def labels(display):
    return [axis.get_ylabel() for axis in display.axes_[:, 0]]


def test_everything_is_drawn_where_it_belongs():
    display = TrainingHistoryDisplay(HISTORY).plot()
    assert labels(display) == ["loss", "score", "learning rate", "gradient norm"]
    assert [len(axis.lines) for axis in display.axes_[:, 0]] == [2, 2, 1, 1]
    for key, line in display.lines_.items():
        assert_array_equal(line.get_xydata(), np.c_[[1, 2, 3], HISTORY[key]])
    training, validation = (display.lines_[key] for key in ("loss", "validation_loss"))
    assert training.get_linestyle() != validation.get_linestyle()
    texts = [text.get_text() for text in display.axes_[0, 0].get_legend().get_texts()]
    assert texts == ["training", "validation"]
    assert [axis.get_legend() is None for axis in display.axes_[:, 0]] == [False, False, True, True]
    assert display.axes_[-1, 0].get_xlabel() == "epoch"
    assert [axis.get_yscale() for axis in display.axes_[:, 0]] == ["linear", "linear", "linear", "log"]


def test_history_of_an_estimator():
    model = MLPClassifier((4,), early_stopping=True, max_iter=4, random_state=0).fit(IRIS, SPECIES)
    display = TrainingHistoryDisplay.from_estimator(model)
    assert {"loss", "validation_loss", "validation_score", "learning_rate"} <= set(display.lines_)
    for key, line in display.lines_.items():
        assert_array_equal(line.get_ydata(), model.history_[key])


@pytest.mark.parametrize("name", ["convnet numbers", "network"])
def test_other_networks(name):
    assert labels(TrainingHistoryDisplay.from_estimator(fitted(name)[0]))[0] == "loss"


def test_lbfgs_has_no_learning_rate_to_draw():
    model = MLPClassifier((4,), solver="lbfgs", max_iter=4).fit(IRIS, SPECIES)
    assert "learning rate" not in labels(TrainingHistoryDisplay.from_estimator(model))


def test_weights_by_hand_have_no_history():
    model = MLPClassifier(()).set_weights([np.zeros((2, 1))], [np.zeros(1)])
    with pytest.raises(ValueError, match="no history to draw: the network was given its weights by hand"):
        TrainingHistoryDisplay.from_estimator(model)


def test_learning_rates():
    rates, losses = [1e-3, 1e-2, 0.1, 1, 10], [2.0, 1.5, 1.0, 30, np.nan]
    display = LearningRateDisplay(rates, losses, 0.05).plot()
    assert_array_equal(display.line_.get_xydata(), np.c_[rates, losses])
    assert display.ax_.get_xscale() == "log"
    assert set(display.suggestion_.get_xdata()) == {0.05}
    assert display.suggestion_.get_label() == "suggested: 0.05"
    low, high = display.ax_.get_ylim()
    assert low < 1
    assert 2 < high < 3
    assert LearningRateDisplay(rates, losses).plot().suggestion_ is None


def test_values_of_single_epochs_are_points():
    history = {"loss": [3, 2, 1.5, 1.2, 1], "validation_loss": [np.nan, 2.1, np.nan, 1.4, 1.3]}
    line = TrainingHistoryDisplay(history).plot().lines_["validation_loss"]
    assert line.get_marker() == "."
    assert_array_equal(line.get_markevery(), [1])
