"""Displays of recurrent networks: states, saliency and feature maps of sequences, in each form of X."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.frozen import FrozenEstimator

from sknn_scratch import HiddenFeatures, MLPClassifier, NetworkClassifier, RecurrentClassifier, RecurrentRegressor
from sknn_scratch.inspection import (
    ActivationMaximizationDisplay,
    DeconvolutionDisplay,
    FeatureMapsDisplay,
    NetworkDisplay,
    SaliencyDisplay,
    StatesDisplay,
    TrainingHistoryDisplay,
    WeightsDisplay,
    input_gradient,
)
from sknn_scratch.nn.layers import GRU

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
pytest.importorskip("matplotlib")

RNG = np.random.default_rng(0)
LISTS = [RNG.normal(size=(n, 2)) for n in RNG.integers(3, 9, 60)]
LONGEST = max(map(len, LISTS))
PADDED = np.full((60, LONGEST + 2, 2), np.nan)
for row, x in zip(PADDED, LISTS, strict=True):
    row[: len(x)] = x
OBJECTS = np.empty(60, dtype=object)
OBJECTS[:] = LISTS
FLAT = PADDED[:, :LONGEST].reshape(60, -1)
FORMS = {"list": LISTS, "objects": OBJECTS, "padded": PADDED, "flat": FLAT}
CLASSES = np.array([x.sum() > 0 for x in LISTS])
OF_STEPS = [(x.cumsum(axis=0).sum(axis=1) > 0).astype(int) for x in LISTS]
SHORT = {"max_iter": 3, "random_state": 0}


def fitted(form, estimator=RecurrentClassifier, **settings):
    shape = {"sequence_shape": (LONGEST, 2)} if form == "flat" else {}
    answers = OF_STEPS if settings.get("targets") == "step" else CLASSES
    if estimator is RecurrentRegressor:
        answers = [1e3 * y for y in OF_STEPS] if settings.get("targets") == "step" else 1e3 * CLASSES
    return estimator((4,), **SHORT, **shape, **settings).fit(FORMS[form], answers)


def as_lists(values, form):
    """The steps that are there, of what has the form of X."""
    if form in ("list", "objects"):
        return list(values)
    steps = np.asarray(values).reshape(len(values), -1, 2)
    assert all(np.isnan(row[len(x) :]).all() for row, x in zip(steps, LISTS, strict=False))
    return [row[: len(x)] for row, x in zip(steps, LISTS, strict=False)]


@pytest.mark.parametrize("targets", ["sequence", "step"])
@pytest.mark.parametrize("form", FORMS)
def test_every_display_draws_every_form(form, targets):
    model, X = fitted(form, targets=targets), FORMS[form]
    assert StatesDisplay.from_estimator(model, X[:3]).states.shape[0] == 3
    assert len(SaliencyDisplay.from_estimator(model, X[:3]).images_) == 6
    maps = FeatureMapsDisplay.from_estimator(model, X[:1]).maps
    assert maps[2].shape == (len(LISTS[0]), 4)
    n_outputs = LONGEST if targets == "step" else 1
    assert len(ActivationMaximizationDisplay.from_estimator(model).labels) == n_outputs
    assert WeightsDisplay.from_estimator(model).weights.shape == (2, 16)
    assert "LSTM" in NetworkDisplay.from_estimator(model).names
    assert TrainingHistoryDisplay.from_estimator(model).figure_
    with pytest.raises(ValueError, match="A deconvolution needs images"):
        DeconvolutionDisplay.from_estimator(model, X[:3])


@pytest.mark.parametrize("targets", ["sequence", "step"])
@pytest.mark.parametrize("form", FORMS)
def test_gradient_has_the_form_of_X(form, targets):
    model = fitted(form, targets=targets)
    gradient = input_gradient(model, FORMS[form])
    if form not in ("list", "objects"):
        assert gradient.shape == FORMS[form].shape
    expected = input_gradient(fitted("list", targets=targets), LISTS)
    for got, wanted in zip(as_lists(gradient, form), expected, strict=True):
        assert_array_equal(got, wanted)


@pytest.mark.parametrize("settings", [{"cell": "gru"}, {"cell": "simple", "pooling": "last"}, {"bidirectional": True}])
def test_gradient_is_that_of_the_score(settings):
    model = fitted("list", **settings)
    x = LISTS[0]
    gradient = input_gradient(model, [x], target=True)[0]
    for step, feature in ((0, 1), (len(x) - 1, 0)):
        d = np.zeros_like(x)
        d[step, feature] = 1e-6
        difference = (model.decision_function([x + d]) - model.decision_function([x - d]))[0] / 2e-6
        assert_allclose(gradient[step, feature], difference, rtol=1e-6, atol=1e-9)


def test_gradient_of_the_answer_at_a_step():
    model = fitted("list", RecurrentRegressor, targets="step")
    x = LISTS[0]
    for step in (1, -2, None):
        at = -1 if step is None else step
        gradient = input_gradient(model, LISTS[:2], step=step)[0]
        d = np.zeros_like(x)
        d[0, 0] = 1e-6
        difference = (model.predict([x + d])[0][at] - model.predict([x - d])[0][at]) / 2e-6
        assert_allclose(gradient[0, 0], difference, rtol=1e-5)
        after = range(len(x))[at] + 1
        assert (gradient[after:] == 0).all()  # what comes later changes nothing
    shortest = min(len(x) for x in LISTS[:2])
    with pytest.raises(ValueError, match=f"step == {shortest}, must be <= {shortest - 1}"):
        input_gradient(model, LISTS[:2], step=shortest)
    with pytest.raises(ValueError, match="step is for networks with an answer for each step"):
        input_gradient(fitted("list"), LISTS[:2], step=1)


def test_saliency_is_drawn_step_by_step():
    display = SaliencyDisplay.from_estimator(fitted("list"), LISTS[:3], target=True)
    assert display.axes_.shape == (3, 2)
    drawn = [np.ma.filled(image.get_array(), np.nan) for image in display.images_]
    gradient = input_gradient(fitted("list"), LISTS[:3], target=True)
    for i, x in enumerate(LISTS[:3]):
        assert_array_equal(drawn[2 * i][:, : len(x)], x.T)
        assert_array_equal(drawn[2 * i + 1][:, : len(x)], gradient[i].T)
        assert np.isnan(drawn[2 * i][:, len(x) :]).all()
    assert "True" in display.axes_[0, 0].get_title()


@pytest.mark.parametrize("pooling", ["last", "mean"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_states_are_those_of_the_layer(pooling, bidirectional):
    model = fitted("list", pooling=pooling, bidirectional=bidirectional)
    states = StatesDisplay.from_estimator(model, LISTS[:5]).states
    lengths = [len(x) for x in LISTS[:5]]
    assert states.shape == (5, max(lengths), 8 if bidirectional else 4)
    for row, length in zip(states, lengths, strict=True):
        assert np.isfinite(row[:length]).all()
        assert np.isnan(row[length:]).all()
    # The forward states at the end, by the network's own hands: with pooling="last" they are the layer's output.
    last = HiddenFeatures(FrozenEstimator(model)).fit(LISTS).transform(LISTS[:5])
    pooled = {"last": lambda row: row[-1], "mean": lambda row: row.mean(axis=0)}[pooling]
    ahead = np.array([pooled(row[:length, :4]) for row, length in zip(states, lengths, strict=True)])
    assert_allclose(last[:, :4], ahead, atol=1e-12)
    if bidirectional and pooling == "last":
        assert_allclose(last[:, 4:], states[:, 0, 4:], atol=1e-12)


def test_states_of_some_units_of_a_layer():
    model = RecurrentClassifier((4, 3), **SHORT).fit(LISTS, CLASSES)
    display = StatesDisplay.from_estimator(model, LISTS[:2], layer=2, units=[3, 1], labels=["a", "b"])
    assert_array_equal(display.states, StatesDisplay.from_estimator(model, LISTS[:2], layer=2).states[..., [3, 1]])
    assert [axis.get_title(loc="left") for axis in display.axes_[:, 0]] == ["a", "b"]
    assert [text.get_text() for text in display.axes_[0, 0].get_yticklabels()] == ["3", "1"]
    own = NetworkClassifier([GRU(3)], **SHORT).fit(PADDED[:, :3], CLASSES)
    assert StatesDisplay.from_estimator(own, PADDED[:2, :3]).states.shape == (2, 3, 3)


def test_what_has_no_states_is_refused():
    model = fitted("list")
    with pytest.raises(ValueError, match="such as LSTM, got layer 3, StepPoolings"):
        StatesDisplay.from_estimator(model, LISTS[:2], layer=3)
    with pytest.raises(ValueError, match=r"A picture of 17 sequences would be too small to see. Pass 16 at most."):
        StatesDisplay.from_estimator(model, LISTS[:17])
    with pytest.raises(ValueError, match="There are 2 sequences, and 1 labels"):
        StatesDisplay.from_estimator(model, LISTS[:2], labels=["a"])
    mlp = MLPClassifier((4,), **SHORT).fit(FLAT[:, :6], CLASSES)
    with pytest.raises(ValueError, match="States are those of a recurrent layer"):
        StatesDisplay.from_estimator(mlp, FLAT[:2, :6])


def test_hidden_features_have_the_width_of_fit():
    features = HiddenFeatures(FrozenEstimator(fitted("list")), layer=2).fit(LISTS)
    width = len(features.get_feature_names_out())
    assert width == 4 * LONGEST
    few = features.transform(LISTS[:1])
    assert few.shape == (1, width)
    assert_allclose(few, features.transform(LISTS)[:1], atol=1e-12)
    with pytest.raises(ValueError, match="more steps than the"):
        features.transform([np.ones((LONGEST + 1, 2))])


@pytest.mark.parametrize("estimator", [RecurrentClassifier, RecurrentRegressor])
def test_answers_of_steps_are_as_wide_as_X(estimator):
    model = fitted("padded", estimator, targets="step")
    assert model.predict(PADDED).shape == PADDED.shape[:2]
    assert model.predict(PADDED[:5]).shape == PADDED[:5].shape[:2]
    of_lists = model.predict(LISTS)
    for row, values in zip(model.predict(PADDED), of_lists, strict=True):
        assert_array_equal(row[: len(values)], values)
        assert all(value is None or math.isnan(value) for value in row[len(values) :])
