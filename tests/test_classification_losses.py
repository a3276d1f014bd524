"""The loss of a classifier: the cross-entropy, Focal, or one's own, with the link that belongs to it."""

import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score

from sknn_scratch import ConvNetClassifier, MLPClassifier, MLPRegressor, NetworkClassifier
from sknn_scratch.estimators import recipes
from sknn_scratch.nn.layers import Dense, Tanh
from sknn_scratch.nn.losses import Focal, Loss, PerceptronLoss, SoftmaxCrossEntropy
from tests.learned import numbers, without_times

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, SPECIES = load_iris(return_X_y=True)
TARGETS = {
    "two classes": np.where(SPECIES == 1, "yes", "no"),
    "three classes": SPECIES,
    "labels": np.c_[SPECIES == 0, SPECIES > 0, X[:, 1] > 3].astype(int),
    "one class": np.ones(150, int),
}
CLASSIFIERS = [
    MLPClassifier((8,), random_state=0),
    NetworkClassifier([Dense(8), Tanh()], random_state=0),
    ConvNetClassifier(filters=2, hidden_layer_sizes=8, random_state=0),
]
QUICK = {"hidden_layer_sizes": (8,), "max_iter": 10, "random_state": 0}
each_target = pytest.mark.parametrize("target", TARGETS)


def assert_probabilities(model, X):
    """Check what `predict_proba` promises, and that everything else agrees with it."""
    p, log_p = model.predict_proba(X), model.predict_log_proba(X)
    assert p.shape == (len(X), len(model.classes_))
    assert ((p >= 0) & (p <= 1)).all()
    assert_allclose(np.exp(log_p), p, atol=1e-12)
    if model.predict(X).ndim == 2:
        assert_array_equal(model.predict(X), p > 0.5)
    else:
        assert_allclose(p.sum(axis=1), 1)
        assert_array_equal(model.predict(X), model.classes_[p.argmax(axis=1)])


@each_target
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("model", CLASSIFIERS, ids=lambda model: type(model).__name__)
def test_focal_learns(model, smoothing, target):
    y = TARGETS[target]
    model = clone(model).set_params(loss=Focal(), label_smoothing=smoothing, max_iter=60, learning_rate_init=0.03)
    assert model.fit(X, y).score(X, y) > 0.7
    assert model.out_activation_ == ("softmax" if target in ("three classes", "one class") else "logistic")
    assert_probabilities(model, X)
    copy = pickle.loads(pickle.dumps(model))
    assert_array_equal(copy.predict_proba(X), model.predict_proba(X))
    assert clone(model).get_params() == model.get_params()


@each_target
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_focal_without_gamma_is_the_cross_entropy(smoothing, target):
    settings = {"label_smoothing": smoothing, "dtype": "float64", **QUICK}
    a = MLPClassifier(**settings).fit(X, TARGETS[target])
    b = MLPClassifier(loss=Focal(gamma=0), **settings).fit(X, TARGETS[target])
    assert_allclose(numbers(b), numbers(a), rtol=1e-9, atol=1e-11)
    assert_allclose(b.loss_curve_, a.loss_curve_, rtol=1e-9)
    assert_allclose(b.predict_proba(X), a.predict_proba(X), rtol=1e-9)


@each_target
def test_names_are_their_recipes(target):
    for name, recipe in recipes.CLASSIFICATION_LOSSES.items():
        a, b = (MLPClassifier(loss=loss, **QUICK) for loss in (name, recipe(MLPClassifier())))
        if target == "labels" and not a.__sklearn_tags__().classifier_tags.multi_label:
            continue
        assert_array_equal(numbers(a.fit(X, TARGETS[target])), numbers(b.fit(X, TARGETS[target])))


def test_focal_keeps_probabilities_closer_together():
    """As gamma says: rows that are right already weigh little, so nothing drives them to the ends."""
    y = SPECIES == 1
    surest = [
        np.abs(MLPClassifier((8,), loss=Focal(gamma), random_state=0).fit(X, y).predict_proba(X)[:, 1] - 0.5).mean()
        for gamma in (0.0, 2.0, 5.0)
    ]
    assert surest[0] > surest[1] > surest[2]


def test_focal_in_parts_with_weights_and_early_stopping():
    weight = np.random.default_rng(0).integers(0, 3, 150)
    model = MLPClassifier(loss=Focal(), learning_rate="constant", **QUICK)
    whole = clone(model).fit(X, SPECIES, weight)
    parts = clone(model)
    for _ in range(10):
        parts.partial_fit(X, SPECIES, classes=[0, 1, 2], sample_weight=weight)
    assert_array_equal(numbers(parts), numbers(whole))
    assert without_times(parts.history_) == without_times(whole.history_)
    early = clone(model).set_params(early_stopping=True, max_iter=60).fit(X, SPECIES)
    assert early.score(X, SPECIES) > 0.8
    assert clone(model).set_params(solver="lbfgs", max_iter=60).fit(X, SPECIES).score(X, SPECIES) > 0.9


def test_search_over_losses():
    grid = {"loss": ["log_loss", Focal(1.0), Focal(3.0)], "label_smoothing": [0.0, 0.1]}
    search = GridSearchCV(MLPClassifier(**QUICK), grid, cv=2, error_score="raise").fit(X, SPECIES)
    assert len(set(search.cv_results_["mean_test_score"])) > 1


# One's own


@dataclass(frozen=True)
class Brier(Loss):
    """sum_k (p_k - t_k)^2 / 2 of p = softmax(raw): its only link, whatever the target asks for."""

    link = "softmax"

    def rows(self, target, raw):
        p = self.predict(raw)
        error = p - target
        return 0.5 * (error**2).sum(axis=1), p * (error - (p * error).sum(axis=1, keepdims=True))


@pytest.mark.parametrize("target", ["two classes", "three classes"])
def test_own_loss_with_softmax(target):
    y = TARGETS[target]
    model = MLPClassifier((8,), loss=Brier(), learning_rate_init=0.03, random_state=0).fit(X, y)
    n_classes = len(np.unique(y))
    assert model.n_outputs_ == model.coefs_[-1].shape[1] == n_classes  # two outputs for two classes as well
    assert model.out_activation_ == "softmax"
    assert model.score(X, y) > 0.9
    assert_probabilities(model, X)
    scores = model.decision_function(X)
    assert scores.shape == ((150,) if n_classes == 2 else (150, 3))
    if n_classes == 2:
        assert_array_equal(model.classes_[(scores > 0).astype(int)], model.predict(X))
        p = model.predict_proba(X)
        assert_allclose(scores, np.log(p[:, 1]) - np.log(p[:, 0]), rtol=1e-6)
        assert cross_val_score(model, X, y, scoring="roc_auc", cv=3).mean() > 0.9


def test_softmax_on_two_classes_is_the_logistic_of_the_difference():
    """The cross-entropy has both forms; given a class of its own, softmax stays softmax."""

    class OnlySoftmax(SoftmaxCrossEntropy):
        def linked(self, link):
            return self

    y = SPECIES == 1
    two = MLPClassifier((), loss=OnlySoftmax(), solver="lbfgs", alpha=0.1, tol=1e-9, random_state=0).fit(X, y)
    # The penalty of two columns w and -w is twice that of one column 2 w / 2.
    one = MLPClassifier((), solver="lbfgs", alpha=0.05, tol=1e-9, random_state=0).fit(X, y)
    assert_allclose(two.predict_proba(X), one.predict_proba(X), atol=1e-5)


def test_softmax_with_labels_is_refused():
    with pytest.raises(ValueError, match=r"'softmax'.*several labels a row"):
        MLPClassifier(loss=Brier(), **QUICK).fit(X, TARGETS["labels"])


@each_target
def test_loss_without_a_link_predicts_and_has_no_probabilities(target):
    y = TARGETS[target]
    model = MLPClassifier((8,), loss=PerceptronLoss(), random_state=0)
    for made in (model, model.fit(X, y)):  # also before it is fitted, as searches ask
        for method in ("predict_proba", "predict_log_proba"):
            assert not hasattr(made, method)
            with pytest.raises(AttributeError) as error:
                getattr(made, method)
            assert "Use decision_function, or loss='log_loss'" in str(error.value.__cause__)
    assert model.out_activation_ == "identity"
    assert model.score(X, y) > 0.8
    scores = model.decision_function(X)
    assert scores.shape == ((150,) if target == "two classes" else (150, len(model.classes_)))
    if target == "two classes":
        assert_array_equal(model.predict(X), model.classes_[(scores > 0).astype(int)])


@pytest.mark.parametrize("loss", [PerceptronLoss(), Focal(), Brier()], ids=repr)
def test_own_losses_in_a_search(loss):
    model = MLPClassifier(loss=loss, random_state=0)
    grid = {"hidden_layer_sizes": [(4,), (8,)]}
    search = GridSearchCV(model, grid, scoring="accuracy", cv=3, error_score="raise").fit(X, SPECIES)
    assert search.best_score_ > 0.85
    assert search.best_estimator_.loss == loss


@pytest.mark.parametrize("recipe", recipes.REGRESSION_LOSSES)
def test_losses_for_numbers_are_refused(recipe):
    loss = recipes.REGRESSION_LOSSES[recipe](MLPRegressor())
    with pytest.raises(ValueError, match=rf"loss={type(loss).__name__}.*is for numbers.*log_loss"):
        MLPClassifier(loss=loss, **QUICK).fit(X, SPECIES)
    with pytest.raises(ValueError, match="loss"):
        MLPClassifier(loss=recipe, **QUICK).fit(X, SPECIES)


@pytest.mark.parametrize("loss", [SoftmaxCrossEntropy(), Focal(link="logistic"), PerceptronLoss(), Brier()], ids=repr)
def test_losses_for_classes_are_refused_by_regressors(loss):
    with pytest.raises(ValueError, match=rf"loss={type(loss).__name__}.*is for classes.*'squared_error'"):
        MLPRegressor(loss=loss, **QUICK).fit(X, X[:, 0])


class Linked(Loss):
    """A loss with a link that its estimators cannot use."""

    def __init__(self, link, for_classes):
        self.link, self.kind = link, for_classes

    @property
    def for_classes(self):
        return self.kind

    def linked(self, link):
        return self


@pytest.mark.parametrize("link", ["exp", "probit"])
def test_links_that_give_no_probabilities_are_refused(link):
    with pytest.raises(ValueError, match=rf"has the link '{link}'.*'softmax' or 'logistic' or 'identity'"):
        MLPClassifier(loss=Linked(link, True), **QUICK).fit(X, SPECIES)


def test_links_that_there_are_not_are_refused_by_regressors():
    with pytest.raises(ValueError, match=r"has the link 'probit'.*'exp'"):
        MLPRegressor(loss=Linked("probit", False), **QUICK).fit(X, X[:, 0])


def test_probabilities_are_those_of_the_link():
    """Of a named loss as of an instance; what `fit` will refuse is for `fit` to refuse."""
    losses = {"log_loss": True, Focal(): True, PerceptronLoss(): False, Linked("identity", True): False}
    for loss, has in losses.items():
        assert hasattr(MLPClassifier(loss=loss), "predict_proba") is has
    assert hasattr(MLPClassifier(loss="unknown"), "predict_proba")


def test_name_of_a_loss_without_a_link_has_no_probabilities(monkeypatch):
    monkeypatch.setitem(recipes.CLASSIFICATION_LOSSES, "perceptron", lambda e: PerceptronLoss())
    assert not hasattr(MLPClassifier(loss="perceptron"), "predict_proba")


def test_multilabel_is_a_tag_of_losses_that_have_a_link_for_it():
    for loss, can in {"log_loss": True, Focal(): True, PerceptronLoss(): True, Brier(): False}.items():
        assert MLPClassifier(loss=loss).__sklearn_tags__().classifier_tags.multi_label is can


def test_going_on_with_another_loss():
    model = MLPClassifier(warm_start=True, **QUICK).fit(X, SPECIES)
    same = pickle.loads(pickle.dumps(model)).fit(X, SPECIES)
    other = model.set_params(loss=Focal()).fit(X, SPECIES)
    assert other.n_iter_ == same.n_iter_ == 20
    assert not np.array_equal(numbers(other), numbers(same))
