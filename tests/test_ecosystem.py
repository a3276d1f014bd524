"""scikit-learn's meta-estimators and tools, each around our estimators, each with something that it must achieve."""

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    TunedThresholdClassifierCV,
    cross_val_predict,
    learning_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.fixes import parse_version

from sknn_scratch import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ORDER = np.random.default_rng(0).permutation(150)
X, LABELS = (a[ORDER] for a in load_iris(return_X_y=True))
NAMES = load_iris().target_names[LABELS]
RARE = LABELS == 2
NUMBERS = X[:, 3] * 100
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def classifier(**params):
    return MLPClassifier(
        **{"hidden_layer_sizes": (8,), "max_iter": 30, "learning_rate_init": 0.05, "random_state": 0} | params
    )


def regressor(**params):
    return MLPRegressor(
        **{"hidden_layer_sizes": (8,), "max_iter": 30, "learning_rate_init": 0.05, "random_state": 0} | params
    )


@case
def pipeline():
    model = make_pipeline(StandardScaler(), classifier()).fit(X, NAMES, mlpclassifier__sample_weight=1.0 + RARE)
    assert_array_equal(model[:-1].transform(X[:1]).shape, (1, model[-1].n_features_in_))
    assert model.score(X, NAMES) > 0.9


@case
def grid_search():
    model = make_pipeline(StandardScaler(), classifier(max_iter=5))
    grid = {"mlpclassifier__learning_rate_init": [1e-5, 0.1], "mlpclassifier__hidden_layer_sizes": [(4,), (8, 4)]}
    search = GridSearchCV(model, grid, cv=3, n_jobs=2).fit(X, LABELS)
    assert search.best_params_["mlpclassifier__learning_rate_init"] == 0.1
    assert search.best_estimator_[-1].n_layers_ == len(search.best_params_["mlpclassifier__hidden_layer_sizes"]) + 2
    same = GridSearchCV(model, grid, cv=3).fit(X, LABELS)
    assert_allclose(search.cv_results_["mean_test_score"], same.cv_results_["mean_test_score"], rtol=1e-12)


@case
def cross_val_predict_with_every_method():
    methods = ["predict", "predict_proba", "predict_log_proba", "decision_function"]
    labels, p, log_p, scores = (cross_val_predict(classifier(), X, NAMES, cv=3, method=method) for method in methods)
    names = np.unique(NAMES)
    for ranks in (p, log_p, scores):
        assert_array_equal(names[ranks.argmax(axis=1)], labels)
    assert (labels == NAMES).mean() > 0.9
    assert_allclose(np.exp(log_p), p, atol=1e-12)
    assert_allclose(p.sum(axis=1), 1)


@case
def calibration():
    timid = classifier(alpha=0.2)  # so strong a penalty keeps the probabilities near a third
    before = log_loss(LABELS, timid.fit(X, LABELS).predict_proba(X))
    for method in ("sigmoid", "temperature")[: 1 + (parse_version(sklearn.__version__) >= parse_version("1.8"))]:
        calibrated = CalibratedClassifierCV(timid, method=method, cv=3).fit(X, LABELS)
        assert log_loss(LABELS, calibrated.predict_proba(X)) < before


@case
def voting():
    members = [("net", classifier()), ("other", classifier(random_state=1)), ("linear", LogisticRegression())]
    model = VotingClassifier(members, voting="soft", n_jobs=2).fit(X, NAMES)
    assert_allclose(model.predict_proba(X), np.mean([m.predict_proba(X) for m in model.estimators_], axis=0))
    assert model.score(X, NAMES) > 0.9
    model = VotingRegressor([("net", regressor()), ("linear", Ridge())]).fit(X, NUMBERS)
    assert model.score(X, NUMBERS) > 0.9


@case
def stacking():
    model = StackingClassifier([("net", classifier()), ("linear", LogisticRegression())], cv=3).fit(X, NAMES)
    assert model.stack_method_ == ["predict_proba", "predict_proba"]
    assert model.score(X, NAMES) > 0.9
    assert StackingRegressor([("net", regressor())], Ridge(), cv=3).fit(X, NUMBERS).score(X, NUMBERS) > 0.9


@case
def bagging():
    for model in (classifier(), classifier(batch_size=4), classifier(batch_size=4, early_stopping=True)):
        # The bootstrap comes as whole weights, a third of them zero: batches without any weight must do no harm.
        bags = BaggingClassifier(model, 3, n_jobs=2, random_state=0).fit(X, NAMES)
        assert bags.score(X, NAMES) > 0.9
        assert not np.array_equal(bags.estimators_[0].coefs_[0], bags.estimators_[1].coefs_[0])
    assert BaggingRegressor(regressor(batch_size=4), 3, random_state=0).fit(X, NUMBERS).score(X, NUMBERS) > 0.9


@case
def ada_boost():
    weak = classifier(hidden_layer_sizes=(1,), max_iter=10)
    boosted = AdaBoostClassifier(weak, n_estimators=10, random_state=0).fit(X, LABELS)
    assert len(boosted.estimators_) > 1
    assert boosted.score(X, LABELS) > max(0.9, weak.fit(X, LABELS).score(X, LABELS) - 0.02)
    assert AdaBoostRegressor(regressor(), n_estimators=3, random_state=0).fit(X, NUMBERS).score(X, NUMBERS) > 0.9


@case
def one_vs_rest():
    model = OneVsRestClassifier(classifier()).fit(X, NAMES)
    assert model.score(X, NAMES) > 0.9
    assert [list(m.classes_) for m in model.estimators_] == [[0, 1]] * 3
    for _ in range(60):
        model = OneVsRestClassifier(classifier()) if _ == 0 else model
        model.partial_fit(X, NAMES, classes=np.unique(NAMES))
    assert model.score(X, NAMES) > 0.9


@case
def multi_output():
    Y = np.c_[LABELS, LABELS == 1]
    model = MultiOutputClassifier(classifier(max_iter=60)).fit(X, Y)
    assert (model.predict(X) == Y).mean() > 0.9
    assert ClassifierChain(classifier(max_iter=60), order=[1, 0]).fit(X, Y == 1).score(X, Y == 1) > 0.9
    Y = np.c_[NUMBERS, -NUMBERS]
    assert MultiOutputRegressor(regressor()).fit(X, Y).score(X, Y) > 0.9


@case
def transformed_target():
    y = np.exp(X[:, 3])
    model = TransformedTargetRegressor(regressor(), func=np.log, inverse_func=np.exp).fit(X, y)
    assert_allclose(model.predict(X), np.exp(model.regressor_.predict(X)))
    assert model.score(X, y) > 0.9


@case
def importance_of_the_inputs():
    rng = np.random.default_rng(0)
    Z = np.c_[rng.normal(size=150), NUMBERS, rng.normal(size=150)]
    model = regressor(alpha=0.1, max_iter=60).fit(Z, NUMBERS)
    assert permutation_importance(model, Z, NUMBERS, random_state=0).importances_mean.argmax() == 1
    curve = partial_dependence(model, Z, [1], grid_resolution=5)["average"][0]
    assert (np.diff(curve) > 0).all()


@case
def halving_search_on_epochs():
    grid = {"learning_rate_init": [1e-6, 1e-5, 0.05]}
    search = HalvingGridSearchCV(
        classifier(), grid, resource="max_iter", min_resources=3, max_resources=27, factor=3, cv=3, random_state=0
    ).fit(X, LABELS)
    assert search.n_resources_ == [3, 9]
    assert search.best_params_ == {"learning_rate_init": 0.05, "max_iter": 9}
    assert search.best_estimator_.n_iter_ == 9


@case
def tuned_threshold():
    unsure = classifier(class_weight={False: 30.0, True: 1.0})
    tuned = TunedThresholdClassifierCV(unsure, scoring="balanced_accuracy", cv=3).fit(X, RARE)
    assert tuned.best_threshold_ < 0.5
    assert tuned.predict(X).sum() > unsure.fit(X, RARE).predict(X).sum()


@case
def learning_curve_by_partial_fit():
    model = classifier(learning_rate_init=0.02, batch_size=2, alpha=0)
    sizes, _, test = learning_curve(
        model, X, LABELS, train_sizes=[5, 30, 60, 100], cv=3, exploit_incremental_learning=True, shuffle=True,
        random_state=0,
    )  # fmt: skip
    assert_array_equal(sizes, [5, 30, 60, 100])
    assert test[-1].mean() > test[0].mean()
    assert test[-1].mean() > 0.8


@pytest.mark.parametrize("use", CASES.values(), ids=CASES)
def test_works_with(use):
    use()
