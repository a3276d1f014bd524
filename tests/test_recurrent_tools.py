"""The guide's table: which parts of scikit-learn take which form of sequences."""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import permutation_importance
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_validate,
    learning_curve,
    train_test_split,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier

from sknn_scratch import RecurrentClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", "ignore::UserWarning")

RNG = np.random.default_rng(0)
LISTS = [RNG.normal(size=(n, 2)) for n in RNG.integers(3, 6, 36)]
OBJECTS = np.empty(36, dtype=object)
OBJECTS[:] = LISTS
PADDED = np.full((36, 5, 2), np.nan)
for row, x in zip(PADDED, LISTS, strict=True):
    row[: len(x)] = x
EQUAL = np.nan_to_num(PADDED)
FORMS = {"list": LISTS, "objects": OBJECTS, "padded": PADDED, "equal": EQUAL}
FLAT = {"padded": PADDED.reshape(36, 10), "equal": EQUAL.reshape(36, 10)}
TWO, THREE = np.arange(36) % 2, np.arange(36) % 3
GRID = {"alpha": [0.0, 0.1]}

EVERY_FORM = {
    "train_test_split": lambda clf, X: clf.fit(train_test_split(X, TWO)[0], TWO[:27]),
    "cross_validate": lambda clf, X: cross_validate(clf, X, TWO, cv=2, error_score="raise"),
    "cross_val_predict": lambda clf, X: cross_val_predict(clf, X, TWO, cv=2),
    "GridSearchCV": lambda clf, X: GridSearchCV(clf, GRID, cv=2, error_score="raise").fit(X, TWO).predict(X),
    "HalvingGridSearchCV": lambda clf, X: HalvingGridSearchCV(clf, GRID, cv=2, error_score="raise").fit(X, TWO),
    "learning_curve": lambda clf, X: learning_curve(clf, X, TWO, cv=2, train_sizes=[0.5, 1.0], error_score="raise"),
    "FunctionTransformer": lambda clf, X: make_pipeline(FunctionTransformer(), clf).fit(X, TWO).predict(X),
    "Voting": lambda clf, X: VotingClassifier([("a", clf)], voting="soft").fit(X, TWO).predict(X),
    "Stacking": lambda clf, X: StackingClassifier([("a", clf)], cv=2).fit(X, TWO).predict(X),
    "Calibrated": lambda clf, X: CalibratedClassifierCV(clf, cv=2).fit(X, TWO).predict(X),
    "Frozen": lambda clf, X: FrozenEstimator(clf.fit(X, TWO)).fit(X, TWO).predict(X),
    "TunedThreshold": lambda clf, X: TunedThresholdClassifierCV(clf, cv=2).fit(X, TWO).predict(X),
    "FixedThreshold": lambda clf, X: FixedThresholdClassifier(clf).fit(X, TWO).predict(X),
    "OneVsRest": lambda clf, X: OneVsRestClassifier(clf).fit(X, THREE).predict(X),
    "MultiOutput": lambda clf, X: MultiOutputClassifier(clf).fit(X, np.c_[TWO, THREE]).predict(X),
}
FLAT_ROWS = {
    "StandardScaler": lambda clf, X: make_pipeline(StandardScaler(), clf).fit(X, TWO).predict(X),
    "OneVsOne": lambda clf, X: OneVsOneClassifier(clf).fit(X, THREE).predict(X),
    "OutputCode": lambda clf, X: OutputCodeClassifier(clf, random_state=0).fit(X, THREE).predict(X),
    "Bagging": lambda clf, X: BaggingClassifier(clf, n_estimators=2).fit(X, TWO).predict(X),
    "SelfTraining": lambda clf, X: SelfTrainingClassifier(clf, max_iter=1).fit(X, TWO - (THREE > 1)).predict(X),
}
WITHOUT_NAN = {
    "permutation_importance": lambda clf, X: permutation_importance(clf.fit(X, TWO), X, TWO, n_repeats=1),
    "AdaBoost": lambda clf, X: boost(clf.set_params(max_iter=100), X),
    "passthrough": lambda clf, X: StackingClassifier([("a", clf)], cv=2, passthrough=True).fit(X, TWO).predict(X),
}


def boost(clf, X):
    """Boost on classes that can be learned: boosting refuses what is worse than chance."""
    return AdaBoostClassifier(clf, n_estimators=2, random_state=0).fit(X, X[:, 0] > 0).predict(X)


def classifier(**settings):
    return RecurrentClassifier((2,), max_iter=1, random_state=0, **settings)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("part", EVERY_FORM)
def test_parts_that_take_every_form(part, form):
    EVERY_FORM[part](classifier(), FORMS[form])


@pytest.mark.parametrize("form", FLAT)
@pytest.mark.parametrize("part", EVERY_FORM | FLAT_ROWS)
def test_parts_that_take_flat_rows(part, form):
    (EVERY_FORM | FLAT_ROWS)[part](classifier(sequence_shape=(5, 2)), FLAT[form])


@pytest.mark.parametrize("part", WITHOUT_NAN)
def test_parts_that_take_flat_rows_without_nan(part):
    WITHOUT_NAN[part](classifier(sequence_shape=(5, 2)), FLAT["equal"])
