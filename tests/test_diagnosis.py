"""Networks made ill on purpose, each with the sentence it should get, and healthy ones, which should get none."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, make_classification
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from sknn_scratch import (
    Autoencoder,
    ConvNetClassifier,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    PerceptronClassifier,
    RecurrentClassifier,
    RecurrentRegressor,
    diagnose,
)
from sknn_scratch.nn.layers import Dense, Dropout, ReLU
from sknn_scratch.studies.diagnosis import Examination
from tests.learned import numbers

IRIS, DIGITS, DIABETES, CANCER = (
    load(return_X_y=True) for load in (load_iris, load_digits, load_diabetes, load_breast_cancer)
)
DIGITS = DIGITS[0][:600], DIGITS[1][:600]
RARE = make_classification(600, 5, weights=[0.95], flip_y=0, class_sep=0.3, n_informative=3, random_state=0)
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=(300, 5)), RNG.normal(size=300)
QUICK = {"max_iter": 30, "random_state": 0}

ILL = {
    "The inputs are not scaled": [
        (MLPRegressor((16,), standardize=False, **QUICK), (1000 * DIABETES[0], DIABETES[1])),  # rms 48
        (MLPClassifier((16,), activation="tanh", standardize=False, **QUICK), CANCER),
        (MLPRegressor((16,), standardize=False, embedding=None, **QUICK), DIABETES),  # rms 0.05
    ],
    "The learning rate is too high": [
        (MLPClassifier((16,), solver="sgd", learning_rate_init=3.0, **QUICK), DIGITS),
        (MLPClassifier((16,), learning_rate_init=1.0, **QUICK), DIGITS),
        (MLPRegressor((16,), learning_rate_init=0.5, **QUICK), DIABETES),
    ],
    "The learning rate is too low": [
        (MLPClassifier((16,), learning_rate_init=1e-5, **QUICK), DIGITS),
        (MLPRegressor((16,), solver="sgd", learning_rate_init=1e-4, learning_rate="constant", **QUICK), DIABETES),
    ],
    "The gradient explodes": [
        (MLPClassifier((32,) * 5, init="normal", init_std=1.0, **QUICK), DIGITS),
    ],
    "is dead": [
        (MLPClassifier((16,), alpha=100.0, **QUICK), DIGITS),
        (ConvNetClassifier(filters=(4,), learning_rate_init=1.0, **QUICK), DIGITS),
    ],
    "is saturated": [
        (MLPClassifier((32,), activation="tanh", init="normal", init_std=5.0, **QUICK), DIGITS),
        (MLPClassifier((32,), activation="logistic", init="normal", init_std=9.0, **QUICK), DIGITS),
    ],
    "The network underfits": [
        (MLPClassifier((1,), random_state=0), DIGITS),
        (MLPClassifier((16,), alpha=1.0, random_state=0), DIGITS),
        (MLPRegressor((16,), activation="tanh", alpha=10.0, random_state=0), DIABETES),
    ],
    "The class 1 is neglected": [(MLPClassifier((1,), alpha=0.1, **QUICK), RARE)],
}

HEALTHY = [
    (MLPClassifier(random_state=0), IRIS),
    (MLPClassifier(random_state=0), DIGITS),
    (MLPRegressor(random_state=0), DIABETES),
    (MLPRegressor(random_state=0), NOISE),  # there is nothing to learn, and nothing wrong with the network
    (ConvNetClassifier(filters=(8,), max_iter=15, random_state=0), DIGITS),
    (MLPClassifier((32, 32), activation="tanh", solver="momentum", random_state=0), DIGITS),
    (MLPClassifier((32,), activation="logistic", solver="lbfgs", random_state=0), CANCER),
    (MLPRegressor(loss="quantile", quantile=0.9, random_state=0), DIABETES),
    (NetworkClassifier([Dense(64), ReLU(), Dropout(0.3)], max_iter=40, random_state=0), DIGITS),
    (MLPClassifier((8,), class_weight="balanced", early_stopping=True, random_state=0), CANCER),
]


def _fit(estimator, X, y, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(X, y, **more)


@pytest.mark.parametrize(
    ("estimator", "data", "beginning"),
    [(estimator, data, beginning) for beginning, cases in ILL.items() for estimator, data in cases],
)
def test_the_ill_get_their_sentence(estimator, data, beginning, capsys):
    sentences = diagnose(_fit(estimator, *data), *data)
    assert [sentence for sentence in sentences if beginning in sentence]
    assert all("Try " in sentence for sentence in sentences)
    assert capsys.readouterr().out.splitlines() == sentences


@pytest.mark.parametrize(("estimator", "data"), HEALTHY)
def test_the_healthy_get_none(estimator, data, capsys):
    assert diagnose(_fit(estimator, *data), *data) == []
    assert capsys.readouterr().out == "No problem was found.\n"


@pytest.mark.parametrize(
    ("estimator", "X", "beginning"),
    [
        (Autoencoder((8,), "identity", **QUICK), IRIS[0], "The autoencoder copies"),
        (Autoencoder((100,), "identity", **QUICK), DIGITS[0], "The autoencoder copies"),
        (Autoencoder((8,), "identity", corruption=0.3, **QUICK), IRIS[0], None),
        (Autoencoder((100,), "logistic", sparsity=0.1, **QUICK), DIGITS[0] / 16, None),
        (Autoencoder((32, 8), ["relu", "identity"], **QUICK), DIGITS[0] / 16, None),
        (Autoencoder((60,), activity_l1=3.0, **QUICK), DIGITS[0] / 16, "The code has dead units"),
    ],
)
def test_codes_that_say_nothing(estimator, X, beginning):
    sentences = diagnose(_fit(estimator, X, None), X)
    assert [sentence[: len(beginning or "")] for sentence in sentences] == ([beginning] if beginning else [])


def test_overfitting_is_seen_on_validation_rows():
    X, y = NOISE
    shown = {"X_val": X[200:], "y_val": y[200:]}
    model = _fit(MLPRegressor(alpha=0.0, random_state=0), X[:200], y[:200], **shown)
    (sentence,) = diagnose(model, X[:200], y[:200])
    assert sentence.startswith("The network overfits")
    assert f"in epoch {np.argmin(model.history_['validation_loss']) + 1} " in sentence
    early = _fit(MLPRegressor(alpha=0.0, early_stopping=True, random_state=0), X[:200], y[:200], **shown)
    assert diagnose(early, X[:200], y[:200]) == []
    digits = _fit(
        MLPClassifier(random_state=0), DIGITS[0][:400], DIGITS[1][:400], X_val=DIGITS[0][400:], y_val=DIGITS[1][400:]
    )
    assert diagnose(digits, DIGITS[0][:400], DIGITS[1][:400]) == []


SERIES = RNG.normal(size=(300, 40))  # the answer is in the first step, or in each
SIMPLE = {"cell": "simple", "pooling": "last", "max_iter": 5, "random_state": 0}


def test_gradients_vanish_and_explode_through_time():
    """h(t) = u h(t-1) + x(t): the gradient at the first of 40 steps is u^39 of that at the last."""
    for u, what in ((0.5, "vanishes"), (1.5, "explodes")):
        model = RecurrentRegressor((1,), activation="relu", **SIMPLE, sequence_shape=(40, 1), alpha=0.0)
        model.set_weights([[[1.0]], [[u]], [[1.0]]], [[1.0], [0.0]])
        X = np.abs(SERIES)
        examined = Examination(model, X, X[:, 0])
        np.testing.assert_allclose(examined.through_time, u**39, rtol=1e-6)
        (sentence,) = [sentence for sentence in diagnose(model, X, X[:, 0]) if "through time" in sentence]
        assert sentence.startswith(f"The gradient {what} through time: at the first step of a sequence it has ")
        assert f"{u**39:.0e}" in sentence


def test_a_network_that_has_learned_may_forget():
    last = RecurrentRegressor((8,), **SIMPLE | {"max_iter": 60}).fit(SERIES, SERIES[:, -1])
    examined = Examination(last, SERIES, SERIES[:, -1])
    assert examined.through_time < 1e-3
    assert last.score(SERIES, SERIES[:, -1]) > 0.9
    assert not [sentence for sentence in diagnose(last, SERIES, SERIES[:, -1]) if "through time" in sentence]


@pytest.mark.parametrize("estimator", [RecurrentClassifier, RecurrentRegressor])
@pytest.mark.parametrize("targets", ["sequence", "step"])
def test_forms_of_sequences_get_the_same_sentences(estimator, targets):
    lists = [row[:n] for row, n in zip(SERIES, np.random.default_rng(0).integers(4, 9, 300), strict=True)]
    padded = np.full((300, 9), np.nan)
    for row, x in zip(padded, lists, strict=True):
        row[: len(x)] = x
    y = [x > 0 for x in lists] if targets == "step" else [x[0] > 0 for x in lists]
    if estimator is RecurrentRegressor:
        y = [np.asarray(part, dtype=float) for part in y] if targets == "step" else np.array(y, dtype=float)
    sentences = []
    for X in (lists, padded[:, :, None]):
        model = _fit(estimator((2,), alpha=1e3, targets=targets, max_iter=20, random_state=0), X, y)
        sentences.append(diagnose(model, X, y))
    assert sentences[0] == sentences[1] != []


def test_no_rate_is_both_too_high_and_too_low():
    model = _fit(MLPClassifier((16,), learning_rate_init=1.0, **QUICK), *DIGITS)
    assert not [sentence for sentence in diagnose(model, *DIGITS) if "too low" in sentence]


def test_estimator_is_left_alone():
    model = _fit(MLPClassifier((8,), random_state=np.random.RandomState(0), max_iter=10), *IRIS)
    before, learned = dict(vars(model)), numbers(model)
    state = model.random_state.get_state()[1].copy()
    diagnose(model, *IRIS)
    assert vars(model) == before
    np.testing.assert_array_equal(numbers(model), learned)
    np.testing.assert_array_equal(model.random_state.get_state()[1], state)


def test_frames_lists_and_weights_by_hand():
    frame = load_iris(as_frame=True)
    model = _fit(MLPClassifier((8,), random_state=0), frame.data, frame.target)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert diagnose(model, frame.data, frame.target) == []
    by_hand = MLPClassifier((2,), random_state=0).set_weights(
        [np.eye(2), np.ones((2, 1))], [[0, 0], [-1]], classes=[0, 1]
    )
    assert diagnose(by_hand, [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]) == []


def test_what_cannot_be_diagnosed_is_refused():
    with pytest.raises(NotFittedError):
        diagnose(MLPClassifier(), *IRIS)
    with pytest.raises(TypeError, match="Only networks"):
        diagnose(PerceptronClassifier().fit(*IRIS), *IRIS)
    with pytest.raises(ValueError, match="features"):
        diagnose(MLPClassifier((2,), max_iter=20).fit(*IRIS), IRIS[0][:, :2], IRIS[1])
