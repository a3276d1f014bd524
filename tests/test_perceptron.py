"""The perceptron: the lecture's numbers, the sequential rule, the laws of weighted rows and of learning in parts."""

import os
import pickle
from functools import partial
from unittest import SkipTest

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from sknn_scratch._compat import InvalidParameterError
from sknn_scratch.datasets import load_emails, load_gate
from sknn_scratch.estimators.perceptron import PerceptronClassifier
from sknn_scratch.nn.losses import PerceptronLoss

INPUTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
# The gates of two inputs that a line separates, with the smallest (w, b) for which y f(x) >= 1 on all four rows.
GATES = {
    (0, 0, 0, 1): (2, 2, -3),
    (1, 1, 1, 0): (-2, -2, 3),
    (0, 1, 1, 1): (2, 2, -1),
    (1, 0, 0, 0): (-2, -2, 1),
    (0, 0, 1, 0): (2, -2, -1),
    (1, 1, 0, 1): (-2, 2, 1),
    (0, 1, 0, 0): (-2, 2, -1),
    (1, 0, 1, 1): (2, -2, 1),
    (0, 0, 1, 1): (2, 0, -1),
    (1, 1, 0, 0): (-2, 0, 1),
    (0, 1, 0, 1): (0, 2, -1),
    (1, 0, 1, 0): (0, -2, 1),
    (0, 0, 0, 0): (0, 0, 1),
    (1, 1, 1, 1): (0, 0, 1),
}
AFTER_EACH_EMAIL = np.array(
    [
        [1 / 2, 1 / 2, 0, 1 / 2, 1 / 2],
        [1 / 2, 1 / 2, -1 / 2, 0, 1 / 2],
        [1 / 2, 1, 0, 0, 1 / 2],
        [0, 1, 0, -1 / 2, 1 / 2],
        [0, 1, 0, -1 / 2, 1 / 2],
        [0, 1, 0, -1 / 2, 1 / 2],
    ]
)
email_perceptron = partial(PerceptronClassifier, eta0=0.5, fit_intercept=False, shuffle=False, max_iter=1)
in_order = partial(PerceptronClassifier, shuffle=False)

rng = np.random.default_rng(0)
# Integers, so that sums have no rounding; more rows than a block; several of them equal.
X = rng.integers(-2, 3, size=(200, 3)).astype(float)
LABELS = {2: rng.integers(2, size=200), 4: rng.integers(4, size=200)}
WEIGHT = rng.integers(0, 4, size=200)


def numbers(model):
    return np.column_stack([model.coef_, model.intercept_])


def assert_same(a, b):
    assert_array_equal(numbers(a), numbers(b))
    assert a.mistakes_ == b.mistakes_


# The lecture


def test_emails_one_by_one():
    X, y = load_emails()
    model = email_perceptron()
    for x, label, w in zip(X, y, AFTER_EACH_EMAIL, strict=True):
        model.partial_fit([x], [label], classes=[-1, 1])
        assert_array_equal(model.coef_, [w])
    assert model.mistakes_ == [1, 1, 1, 1, 0, 0]
    assert_array_equal(model.intercept_, [0])


@pytest.mark.parametrize("n_emails", range(2, 7))
def test_emails_in_one_pass(n_emails):
    X, y = load_emails()
    model = email_perceptron().fit(X[:n_emails], y[:n_emails])
    assert_array_equal(model.coef_, AFTER_EACH_EMAIL[[n_emails - 1]])
    assert model.mistakes_ == [min(n_emails, 4)]


def test_emails_averaged():
    X, y = load_emails()
    model = email_perceptron(averaged=True).fit(X, y)
    assert_allclose(model.coef_, AFTER_EACH_EMAIL.mean(axis=0, keepdims=True), rtol=1e-15)


@pytest.mark.parametrize(("gate", "v"), GATES.items())
def test_every_gate_within_the_bound_of_the_convergence_theorem(gate, v):
    for seed in range(50):
        model = PerceptronClassifier(random_state=seed).fit(INPUTS, gate)
        assert_array_equal(model.predict(INPUTS), gate)
        assert model.mistakes_.index(0) == model.n_iter_ - 1
        assert sum(model.mistakes_) <= 3 * np.square(v).sum()  # the largest |x|^2 + 1 is 3


@pytest.mark.parametrize("gate", ["xor", "xnor"])
def test_no_line_separates_xor(gate):
    X, y = load_gate(gate)
    model = PerceptronClassifier(random_state=0).fit(X, y)
    assert model.n_iter_ == len(model.mistakes_) == 100
    assert min(model.mistakes_) > 0
    assert model.score(X, y) < 1
    assert np.isfinite(numbers(model)).all()


@pytest.mark.parametrize(("gate", "w", "b"), [("and", 0.5, -0.7), ("nand", -0.5, 0.7), ("or", 0.5, -0.2)])
def test_gates_by_hand(gate, w, b):
    X, y = load_gate(gate)
    model = PerceptronClassifier().fit(X, y)
    model.coef_, model.intercept_ = np.array([[w, w]]), np.array([b])
    assert_array_equal(model.predict(X), y)
    assert model.partial_fit(X, y).mistakes_[-1] == 0  # and learning goes on from there
    assert_array_equal(numbers(model), [[w, w, b]])


# The rule


def sequential(X, y, n_classes, n_epochs, eta0=1.0, weight=None, bias=1):
    """The rule as it is written, row by row: (w, b) in the end, their averages, and the mistakes of each epoch."""
    X = np.column_stack([X, np.full(len(X), bias)])
    signs = [y] if n_classes == 2 else [y == k for k in range(n_classes)]
    weight = np.ones(len(X)) if weight is None else weight / weight.mean()
    w, total, mistakes = np.zeros((len(signs), X.shape[1])), 0, np.zeros(n_epochs, int)
    for epoch in range(n_epochs):
        for i, x in enumerate(X):
            for k, sign in enumerate(signs):
                if (1 if sign[i] else -1) * (w[k] @ x) <= 0:
                    w[k] += (1 if sign[i] else -1) * eta0 * weight[i] * x
                    mistakes[epoch] += 1
            total = total + weight[i] * w
    return w, total / (n_epochs * weight.sum()), list(mistakes)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array, sparse.csr_matrix])
@pytest.mark.parametrize("bias", [0, 1])
@pytest.mark.parametrize("n_classes", LABELS)
def test_blocks_are_the_sequential_rule(n_classes, bias, container):
    w, average, mistakes = sequential(X, LABELS[n_classes], n_classes, 3, bias=bias)
    model = in_order(max_iter=3, fit_intercept=bool(bias)).fit(container(X), LABELS[n_classes])
    assert_array_equal(numbers(model), w)
    assert model.mistakes_ == mistakes
    model = in_order(max_iter=3, fit_intercept=bool(bias), averaged=True).fit(container(X), LABELS[n_classes])
    assert_allclose(numbers(model), average, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("n_classes", LABELS)
def test_sequential_rule_with_weights(n_classes):
    weight = rng.permutation(np.repeat([1, 3], 100))  # the mean is 2: no rounding
    w, average, mistakes = sequential(X, LABELS[n_classes], n_classes, 3, weight=weight)
    model = in_order(max_iter=3).fit(X, LABELS[n_classes], weight)
    assert_array_equal(numbers(model), w)
    assert model.mistakes_ == mistakes
    model = in_order(max_iter=3, averaged=True).fit(X, LABELS[n_classes], weight)
    assert_allclose(numbers(model), average, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_sequential_rule_with_rounding(dtype):
    X = rng.normal(size=(300, 10)).astype(dtype)
    y = rng.integers(5, size=300)
    weight = rng.uniform(0.1, 2, size=300)
    w, average, mistakes = sequential(X, y, 5, 4, eta0=0.3, weight=weight)
    tolerance = 1e3 * np.finfo(dtype).eps
    for averaged, expected in ((False, w), (True, average)):
        model = in_order(max_iter=4, eta0=0.3, averaged=averaged).fit(X, y, weight)
        assert model.mistakes_ == mistakes
        assert_allclose(numbers(model), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("n_classes", LABELS)
def test_rule_is_gradient_descent_on_the_perceptron_loss(n_classes):
    y = LABELS[n_classes]
    target = y[:, None] if n_classes == 2 else np.eye(n_classes)[y]
    w, b = np.zeros((X.shape[1], target.shape[1])), np.zeros(target.shape[1])
    for x, t in zip(X, target, strict=True):
        _, slope = PerceptronLoss().rows(t[None], (x @ w + b)[None])
        w -= 0.5 * np.outer(x, slope)
        b -= 0.5 * slope[0]
    model = in_order(eta0=0.5, max_iter=1).fit(X, y)
    assert_array_equal(numbers(model), np.vstack([w, b]).T)


def test_separable_classes_are_learned():
    X, y = make_blobs(300, centers=[[0, 0], [9, 0], [0, 9]], random_state=0)
    model = PerceptronClassifier(random_state=0).fit(X, y)
    assert model.mistakes_[-1] == 0
    assert model.score(X, y) == 1


def test_tolerance_ends_what_gets_no_better():
    patient, impatient = (PerceptronClassifier(random_state=0, tol=tol).fit(X, LABELS[4]) for tol in (None, 1.0))
    assert patient.n_iter_ == 100
    assert impatient.n_iter_ == 6  # the first epoch, and 5 that have not made all mistakes vanish
    assert_array_equal(impatient.mistakes_, patient.mistakes_[:6])


def test_tolerance_weighs_the_mistakes():
    # The heavy rows are right after the first epoch; the light ones never are, for they contradict each other.
    X, y = [[1], [-1], [0], [0]], [1, 0, 0, 1]
    model = in_order(fit_intercept=False, tol=0.3).fit(X, y, [1, 1, 1e-6, 1e-6])
    # From 1/2 to almost 0, then 5 epochs of waiting; not weighted, from 3/4 to 2/4, it would wait at once.
    assert model.mistakes_ == [3, 2, 2, 2, 2, 2, 2]


# Weighted rows


def test_each_epoch_has_its_own_order():
    # Of two rows that contradict each other the first moves w to 1 or -1, the second back to 0.
    model = PerceptronClassifier(fit_intercept=False, averaged=True, random_state=0)
    sums = [0.0]
    for epoch in range(1, 21):
        sums.append(model.partial_fit([[1], [1]], [0, 1], classes=[0, 1]).coef_.item() * 2 * epoch)
    assert set(np.diff(sums).round(9)) == {-1, 1}


def test_weights_do_matter():
    y = np.arange(200) % 2  # says nothing about X
    heavy = in_order(averaged=True, max_iter=20).fit(np.ones_like(X), y, np.where(y == 1, 100.0, 1.0))
    assert_array_equal(heavy.predict(np.ones_like(X)), np.ones(200))


def test_balanced_counts_weights():
    X, y = rng.normal(size=(200, 3)), LABELS[2]  # no ties that rounding could decide
    model = PerceptronClassifier(random_state=0, max_iter=5)
    by_hand = clone(model).fit(X, y, WEIGHT / np.bincount(y, WEIGHT)[y])
    balanced = clone(model).set_params(class_weight="balanced").fit(X, y, WEIGHT)
    assert_allclose(numbers(balanced), numbers(by_hand), rtol=1e-10)


@pytest.mark.parametrize("shuffle", [True, False])
def test_weight_zero_is_no_row(shuffle):
    for model, weights in (
        (PerceptronClassifier(), np.where(LABELS[4] == 3, 0, 1)),
        (PerceptronClassifier(class_weight={3: 0}), None),
    ):
        model.set_params(random_state=0, shuffle=shuffle, max_iter=5).fit(X, LABELS[4], weights)
        without = PerceptronClassifier(random_state=0, shuffle=shuffle, max_iter=5)
        without.partial_fit(X[LABELS[4] < 3], LABELS[4][LABELS[4] < 3], classes=range(4))
        for _ in range(4):
            without.partial_fit(X[LABELS[4] < 3], LABELS[4][LABELS[4] < 3])
        assert_same(model, without)


# Learning in parts


@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("averaged", [False, True])
@pytest.mark.parametrize("shuffle", [False, True])
def test_parts_are_the_whole(shuffle, averaged, container, weight):
    data, y = container(X), LABELS[4]
    model = PerceptronClassifier(random_state=3, shuffle=shuffle, averaged=averaged, max_iter=6)
    whole = clone(model).fit(data, y, weight)
    assert whole.n_iter_ == 6

    streamed = clone(model)
    for _ in range(6):
        streamed.partial_fit(data, y, classes=range(4), sample_weight=weight)
        streamed = pickle.loads(pickle.dumps(streamed))
    assert_same(whole, streamed)

    warm = clone(model).set_params(warm_start=True, max_iter=2)
    for _ in range(3):
        warm = pickle.loads(pickle.dumps(warm.fit(data, y, weight)))
    assert_same(whole, warm)

    if not averaged:
        assert_same(clone(model).set_params(max_iter=5).fit(data, y, weight).partial_fit(data, y, None, weight), whole)


def test_weights_keep_the_unit_of_the_first_part():
    x, y = np.eye(2), [0, 1]
    model = in_order(fit_intercept=False).partial_fit(x[:1], y[:1], classes=y, sample_weight=[4.0])
    assert_array_equal(model.coef_, [[-1, 0]])
    assert_array_equal(model.partial_fit(x[1:], y[1:], sample_weight=[2.0]).coef_, [[-1, 0.5]])


def test_fit_starts_afresh():
    model = PerceptronClassifier(random_state=0, max_iter=5, averaged=True)
    once = clone(model).fit(X, LABELS[4])
    again = clone(model).fit(X[:, :2], LABELS[2]).fit(X, LABELS[4])
    assert_same(once, again)


def test_averaging_after_fit_begins_anew_at_the_averages():
    model = in_order(max_iter=3, averaged=True).fit(X, LABELS[2])
    by_hand = in_order().fit(X, LABELS[2])
    by_hand.coef_, by_hand.intercept_ = model.coef_, model.intercept_
    by_hand.set_params(averaged=True).partial_fit(X, LABELS[2])
    assert_array_equal(numbers(model.partial_fit(X, LABELS[2])), numbers(by_hand))


@pytest.mark.parametrize("averaged", [False, True])
def test_pickle_is_no_larger_than_the_model(averaged):
    wide = np.tile(X, 2000)
    model = PerceptronClassifier(max_iter=2, averaged=averaged).fit(wide, LABELS[4])
    assert len(pickle.dumps(model)) < 1.1 * model.coef_.nbytes


# Manners


@pytest.mark.parametrize("averaged", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
def test_dtype_is_kept(container, dtype, averaged):
    data = container(X.astype(dtype))
    model = PerceptronClassifier(max_iter=2, averaged=averaged).fit(data, LABELS[4], WEIGHT)
    model.partial_fit(container(X), LABELS[4])
    arrays = (
        model.coef_,
        model.intercept_,
        *(getattr(model, f"predict_{kind}")(data) for kind in ("proba", "log_proba")),
    )
    assert {a.dtype for a in (*arrays, model.decision_function(data))} == {np.dtype(dtype)}


@pytest.mark.parametrize("shuffle", [False, True])
def test_nothing_of_the_users_is_written_to(tmp_path, shuffle):
    weight = WEIGHT.astype(float)
    given = joblib.load(joblib.dump((X, LABELS[4], weight), tmp_path / "data")[0], mmap_mode="r")
    settings = {"random_state": 0, "shuffle": shuffle, "max_iter": 3, "averaged": True, "warm_start": True}
    model = PerceptronClassifier(**settings).fit(*given)
    assert_same(model, PerceptronClassifier(**settings).fit(X, LABELS[4], weight))

    mapped = joblib.load(joblib.dump(model, tmp_path / "model")[0], mmap_mode="r")
    before = numbers(mapped)
    assert_array_equal(mapped.predict(given[0]), model.predict(X))
    mapped.partial_fit(*given[:2])
    assert (numbers(mapped) != before).any()
    assert_array_equal(numbers(model), before)


def test_global_random_state_is_untouched():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    PerceptronClassifier(random_state=0).fit(X, LABELS[4])
    assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_seed_decides():
    first, same, other = (PerceptronClassifier(max_iter=2, random_state=s).fit(X, LABELS[4]) for s in (0, 0, 1))
    assert_same(first, same)
    assert (first.coef_ != other.coef_).any()


@pytest.mark.parametrize("labels", [["b", "a"], [True, False], [7, -3], [2.0, 1.0]])
def test_labels_of_any_kind(labels):
    y = np.array(labels)[LABELS[2]]
    model = PerceptronClassifier(max_iter=3).fit(X, y)
    assert_array_equal(model.classes_, sorted(labels))
    assert_array_equal(model.predict(X) == model.classes_[1], model.decision_function(X) > 0)
    assert model.predict(X).dtype == y.dtype


def test_one_class_is_predicted_always():
    model = PerceptronClassifier().fit(X, ["only"] * len(X))
    assert set(model.predict(-X)) == {"only"}
    assert_array_equal(model.predict_proba(X), np.ones((len(X), 1)))


@pytest.mark.parametrize("n_classes", LABELS)
def test_probabilities_follow_the_scores(n_classes):
    model = PerceptronClassifier(random_state=0).fit(X, LABELS[n_classes])
    proba = model.predict_proba(X)
    assert_allclose(proba.sum(axis=1), 1)
    scores = model.decision_function(X)
    if n_classes == 2:
        assert_array_equal(np.argsort(scores, kind="stable"), np.argsort(proba[:, 1], kind="stable"))
    else:
        assert_array_equal(scores.argsort(axis=1), proba.argsort(axis=1))
    assert_allclose(np.exp(model.predict_log_proba(X)), proba)
    rescaled = PerceptronClassifier(random_state=0, eta0=8).fit(X, LABELS[n_classes])
    assert_array_equal(rescaled.predict_proba(X), proba)


def test_probability_by_hand():
    model = PerceptronClassifier().fit([[0, 0], [1, 1]], [0, 1])
    model.coef_, model.intercept_ = np.array([[3.0, 4.0]]), np.array([-5.0])
    # The distances of these points from 3 x1 + 4 x2 = 5 are 0, 1, -1 and 3.
    assert_allclose(model.predict_proba([[-1, 2], [2, 1], [0, 0], [4, 2]])[:, 1], [1 / 2, 3 / 4, 1 / 4, 7 / 8])
    model.coef_, model.intercept_ = model.coef_ * 1e200, model.intercept_ * 1e200
    assert_allclose(model.predict_proba([[-1, 2], [2, 1], [0, 0], [4, 2]])[:, 1], [1 / 2, 3 / 4, 1 / 4, 7 / 8])


@pytest.mark.parametrize(("w", "b"), [(1e100, 0), (1e-300, 1e10), (1e-300, -1e10), (0, 0)])
def test_log_probabilities_are_finite(w, b):
    model = PerceptronClassifier().fit([[0, 0], [1, 1]], [0, 1])
    model.coef_, model.intercept_ = np.array([[w, 0.0]]), np.array([b])
    assert np.isfinite(model.predict_log_proba([[1e200, 0], [-1e200, 0], [0, 0]])).all()


HUGE = np.array([[1e300, 1], [2e300, -3], [-1e300, 2], [5e299, 0]])


@pytest.mark.parametrize("y", [[0, 1, 1, 0], [0, 1, 2, 0], [1, 1, 1, 1]])
@pytest.mark.parametrize("averaged", [False, True])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
def test_large_inputs_give_a_finite_model(container, averaged, y):
    large = container(HUGE * 1e-150)
    model = PerceptronClassifier(averaged=averaged, random_state=0).fit(large, y)
    assert np.isfinite(numbers(model)).all()
    assert np.isfinite(model.predict_log_proba(large)).all()


@pytest.mark.parametrize("y", [[0, 1, 1, 0], [0, 1, 2, 0]])
@pytest.mark.parametrize("averaged", [False, True])
@pytest.mark.parametrize(
    "huge",
    [HUGE, sparse.csr_array(HUGE), HUGE[:, :1], HUGE * 1e-145, np.float32([[3e38], [1e38], [-3e38], [0]])],
    ids=["dense", "sparse", "one column", "squares overflow", "float32"],
)
def test_huge_inputs_are_refused_with_advice(huge, averaged, y):
    with pytest.raises(ValueError, match=rf"overflow {huge.dtype}: .* Scale them"):
        PerceptronClassifier(averaged=averaged, random_state=0).fit(huge, y)


@pytest.mark.parametrize(
    ("settings", "X", "y"),
    [
        ({}, [[1e200], [-1e200]], [1, 0]),  # the weights are finite and right, but not the scores
        ({"max_iter": 1}, [[1e200], [-1e200], [1e200]], [1, 1, 1]),  # inf - inf is the score of the last row
        ({"max_iter": 1, "eta0": 1e308}, [[10]], [1]),  # the weights are not finite
    ],
)
def test_every_overflow_is_found(settings, X, y):
    with pytest.raises(ValueError, match="overflow float64"):
        in_order(**settings).fit(X, y)


def test_overflow_of_a_finished_model():
    model = PerceptronClassifier().fit(HUGE / 1e300, [0, 1, 1, 0])
    model.coef_ = np.full((1, 2), 1e200)
    with pytest.raises(ValueError, match="Scale them"):
        model.predict(HUGE)
    with pytest.raises(ValueError, match="infinity or a value too large for dtype"):
        PerceptronClassifier().fit(np.float32(X), LABELS[2]).partial_fit(np.full_like(X, 1e300), LABELS[2])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"eta0": 0}, "'eta0' parameter.*Got 0"),
        ({"max_iter": 0}, "'max_iter' parameter.*Got 0"),
        ({"max_iter": 2.5}, "'max_iter' parameter.*Got 2.5"),
        ({"tol": -1e-3}, "'tol' parameter.*Got -0.001"),
        ({"shuffle": "yes"}, "'shuffle' parameter.*Got 'yes'"),
        ({"class_weight": "even"}, "'class_weight' parameter.*Got 'even'"),
        ({"random_state": "x"}, "'random_state' parameter.*Got 'x'"),
    ],
)
def test_wrong_parameters(settings, message):
    with pytest.raises(InvalidParameterError, match=message):
        PerceptronClassifier(**settings).fit(X, LABELS[2])


def test_constraints_are_complete():
    assert set(PerceptronClassifier._parameter_constraints) == set(PerceptronClassifier().get_params())


def test_wrong_data():
    model = PerceptronClassifier()
    with pytest.raises(NotFittedError):
        model.predict(X)
    with pytest.raises(ValueError, match="classes must be passed on the first call to partial_fit"):
        model.partial_fit(X, LABELS[2])
    with pytest.raises(ValueError, match="zero"):
        model.fit(X, LABELS[2], np.zeros(200))
    with pytest.raises(ValueError, match="Negative values"):
        model.fit(X, LABELS[2], np.full(200, -1.0))
    with pytest.raises(ValueError, match=r"class_weight must hold finite numbers >= 0.*-1"):
        PerceptronClassifier(class_weight={0: -1}).fit(X, LABELS[2])
    with pytest.raises(ValueError, match=r"class_weight must leave.*not all 0"):
        PerceptronClassifier(class_weight={0: 0, 1: 0}).fit(X, LABELS[2])
    model.fit(X, LABELS[2])
    with pytest.raises(ValueError, match="X has 2 features, but PerceptronClassifier is expecting 3"):
        model.predict(X[:, :2])
    with pytest.raises(ValueError, match=r"labels \[2 3\], but the classifier began with \[0 1\]"):
        model.partial_fit(X, LABELS[4])
    with pytest.raises(ValueError, match="not the same as on last call"):
        model.partial_fit(X, LABELS[2], classes=[0, 1, 2])


def test_balanced_has_no_partial_fit():
    model = PerceptronClassifier(class_weight="balanced").fit(X, LABELS[2])
    assert not hasattr(model, "partial_fit")
    with pytest.raises(AttributeError) as caught:
        model.partial_fit(X, LABELS[2])
    assert "Pass a dict" in str(caught.value.__cause__)


# scikit-learn's checks


def run(check, *args):
    """A skipped check is a failure too: whatever it needs (pandas, SCIPY_ARRAY_API) belongs to the tests."""
    try:
        check(*args)
    except SkipTest as skip:
        pytest.fail(f"skipped: {skip}")


@parametrize_with_checks([PerceptronClassifier()])
def test_check(estimator, check):
    assert os.environ.get("SCIPY_ARRAY_API") == "1"
    run(check, estimator)


# What the suite makes impossible: it compares a second fit with the first; it shuffles rows where their order counts;
# it wants 87 of 100 points, scattered around the origin, on one side of a plane through the origin.
IMPOSSIBLE = {
    "warm_start": {"check_supervised_y_2d"},
    "shuffle": {
        "check_sample_weight_equivalence_on_dense_data",
        "check_sample_weight_equivalence_on_sparse_data",
        "check_class_weight_classifiers",
    },
    "fit_intercept": {"check_class_weight_classifiers"},
}


@pytest.mark.matrix
@pytest.mark.parametrize(
    "settings",
    [
        {"averaged": True, "eta0": 0.1},
        {"class_weight": "balanced", "tol": 1e-3},
        {"warm_start": True},
        {"shuffle": False},
        {"fit_intercept": False},
    ],
    ids=str,
)
def test_matrix(settings):
    results = check_estimator(PerceptronClassifier(**{"max_iter": 20} | settings), on_skip=None, on_fail=None)
    bad = {r["check_name"]: (r["status"], r["exception"]) for r in results if r["status"] != "passed"}
    for setting in settings:
        for check in IMPOSSIBLE.get(setting, ()):
            bad.pop(check, None)
    assert not bad
