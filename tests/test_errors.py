"""An error says what is wrong, what came and what to do, in scikit-learn's exception types."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.exceptions import DataConversionWarning, NotFittedError

from sknn_scratch import MLPClassifier, MLPRegressor, NetworkClassifier, NetworkRegressor
from sknn_scratch._compat import InvalidParameterError
from sknn_scratch.nn.layers import Dense, Dropout, ReLU, Step

rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3))
LABELS = np.arange(20) % 3
NUMBERS = X[:, 0]
FAST = {"max_iter": 2, "random_state": 0}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

# parameter -> wrong values, each with what the message must say besides the parameter's name and the value
WRONG = {
    "hidden_layer_sizes": [((0,), "whole numbers"), ((2.5,), "whole numbers"), (-1, "whole numbers"), ("ab", "array-like"),
                           ([[2, 3]], "whole numbers")],
    "activation": [("swish", "relu"), (["relu", "relu"], "one"), (["swish"], "relu"), ([["relu"]], "relu"), (None, "relu")],
    "maxout_pieces": [(0, "[1, inf)"), (2.5, "int")],
    "solver": [("newton", "adam"), (None, "adam")],
    "alpha": [(-1e-4, "[0.0, inf)"), (np.inf, "[0.0, inf)"), (np.nan, "[0.0, inf)"), ("none", "[0.0, inf)")],
    "l1_ratio": [(1.1, "[0.0, 1.0]"), (-0.1, "[0.0, 1.0]")],
    "batch_size": [(0, "[1, inf)"), (2.0, "auto"), ("full", "auto")],
    "learning_rate": [("warm", "cosine"), (0.1, "cosine")],
    "learning_rate_init": [(0, "(0.0, inf)"), (-1.0, "(0.0, inf)"), ("small", "auto")],
    "power_t": [(-0.5, "[0.0, inf)")],
    "decay_rate": [(-0.5, "[0.0, inf)")],
    "decay_every": [(0, "[1, inf)"), (1.5, "int")],
    "decay_factor": [(0.0, "(0.0, 1.0]"), (2.0, "(0.0, 1.0]")],
    "max_iter": [(0, "[1, inf)"), (1.5, "int")],
    "shuffle": [("yes", "bool")],
    "random_state": [("seed", "RandomState"), (-1, "RandomState")],
    "tol": [(-1.0, "[0.0, inf)")],
    "verbose": [("yes", "verbose")],
    "warm_start": [(None, "bool")],
    "momentum": [(1.1, "[0.0, 1.0]"), ("high", "[0.0, 1.0]")],
    "nesterovs_momentum": [(2.5, "bool")],
    "early_stopping": [("yes", "bool")],
    "scoring": [(5, "str")],
    "refit": [("yes", "bool")],
    "validation_fraction": [(1.0, "1.0)"), (-0.1, "1.0)"), (5, "1.0)")],
    "beta_1": [(1.0, "[0.0, 1.0)")],
    "beta_2": [(-0.1, "[0.0, 1.0)")],
    "rho": [(1.0, "[0.0, 1.0)")],
    "epsilon": [(0.0, "(0.0, inf)")],
    "n_iter_no_change": [(0, "[1, inf)"), (2.5, "[1, inf)"), (-1.0, "[1, inf)"), (np.nan, "[1, inf)")],
    "max_fun": [(0, "[1, inf)")],
    "init": [("uniform", "glorot"), (0.5, "glorot")],
    "init_std": [(0.0, "(0.0, inf)")],
    "standardize": [("robust", "bool")],
    "input_noise": [(-0.1, "[0.0, inf)")],
    "input_dropout": [(1.0, "[0.0, 1.0)")],
    "dropout": [(1.0, "[0.0, 1.0)"), ((0.1, 0.1), "one"), ((1.0,), "< 1"), (("a",), "< 1")],
    "drop_connect": [(1.0, "[0.0, 1.0)")],
    "max_norm": [(0.0, "(0.0, inf)")],
    "gradient_clip": [(0.0, "(0.0, inf)")],
    "class_weight": [("auto", "balanced"), ({0: -1.0}, "negative"), ({0: np.nan}, "NaN"), ({0: "a"}, "number"),
                     ({7: 2.0}, "[0, 1, 2]"), ({0: 0, 1: 0, 2: 0}, "zero"), ([1, 2, 3], "dict")],
    "label_smoothing": [(1.0, "[0.0, 1.0)")],
    "loss": [("mse", "squared_error"), (None, "squared_error")],
    "quantile": [(0.0, "(0.0, 1.0)"), (50, "(0.0, 1.0)")],
    "delta": [(0.0, "(0.0, inf)")],
    "layers": [("ab", "list"), ([Dense], "Dense(100)"), ([5], "Dense(100)"), (Dense(5), "list")],
}  # fmt: skip


CLASSES = (MLPClassifier, MLPRegressor, NetworkClassifier, NetworkRegressor)
WRONG_VALUES = [pytest.param(name, *case, id=f"{name}={case[0]!r}") for name, cases in WRONG.items() for case in cases]


@pytest.mark.parametrize(("name", "value", "words"), WRONG_VALUES)
def test_wrong_parameter(name, value, words):
    for cls in CLASSES:
        if name not in cls().get_params():
            continue
        with pytest.raises(ValueError) as error:  # noqa: PT011
            cls(**FAST).set_params(**{name: value}).fit(X, LABELS)
        message = str(error.value)
        assert name in message.lower()
        assert words in message
        assert isinstance(value, (list, tuple, dict)) or str(value) in message


def test_table_is_whole():
    for cls in CLASSES:
        assert set(cls().get_params()) <= set(WRONG)


def test_invalid_parameter_error_is_scikit_learns():
    with pytest.raises(InvalidParameterError, match="The 'alpha' parameter of MLPClassifier must be"):
        MLPClassifier(alpha=-1).fit(X, LABELS)


def classifier(**params):
    return MLPClassifier((5,), **FAST | params)


def regressor(**params):
    return MLPRegressor((5,), **FAST | params)


def fitted():
    return classifier().fit(X, LABELS)


def with_nan(a):
    a = np.array(a, float)
    a[3] = np.nan
    return a


COEFS, INTERCEPTS = [np.ones((3, 5)), np.ones((5, 3))], [np.zeros(5), np.zeros(3)]

# what is done, the exception, and what its message must say
WRONG_USES = {
    # shapes and numbers of X
    "one dimension": (lambda: classifier().fit(X[0], LABELS), ValueError, "Reshape your data"),
    "three dimensions": (lambda: classifier().fit(X[None], [0]), ValueError, "dim"),
    "no rows": (lambda: classifier().fit(X[:0], LABELS[:0]), ValueError, "0 sample.*minimum of 1"),
    "no columns": (lambda: classifier().fit(X[:, :0], LABELS), ValueError, "0 feature.*minimum of 1"),
    "nan": (lambda: classifier().fit(with_nan(X), LABELS), ValueError, "NaN"),
    "inf": (lambda: regressor().fit(np.full((20, 3), np.inf), NUMBERS), ValueError, "infinity"),
    "complex": (lambda: classifier().fit(X + 1j, LABELS), ValueError, "Complex data not supported"),
    "text": (lambda: classifier().fit([["a"], ["b"]], [0, 1]), ValueError, "could not convert string"),
    "fewer columns": (lambda: fitted().predict(X[:, :2]), ValueError, "2 features, but MLPClassifier is expecting 3"),
    "other names": (lambda: classifier().fit(pd.DataFrame(X, columns=list("abc")), LABELS)
                    .predict(pd.DataFrame(X, columns=list("abd"))), ValueError, "feature names"),
    "sparse nan": (lambda: classifier().fit(sparse.csr_array(with_nan(X)), LABELS), ValueError, "NaN"),
    # y
    "no y": (lambda: classifier().fit(X, None), ValueError, "requires y to be passed"),
    "short y": (lambda: classifier().fit(X, LABELS[:9]), ValueError, "inconsistent numbers of samples.*20, 9"),
    "numbers as labels": (lambda: classifier().fit(X, NUMBERS), ValueError, "Unknown label type: continuous"),
    "columns of classes": (lambda: classifier().fit(X, np.c_[LABELS, LABELS]), ValueError, "MultiOutputClassifier"),
    "nan in y": (lambda: regressor().fit(X, with_nan(NUMBERS)), ValueError, "NaN"),
    "text as numbers": (lambda: regressor().fit(X, ["a"] * 20), ValueError, "string"),
    "sparse y": (lambda: regressor().fit(X, sparse.csr_array(np.c_[NUMBERS, NUMBERS])), (TypeError, ValueError), "[Ss]parse.*dense"),
    "negative counts": (lambda: regressor(loss="poisson").fit(X, NUMBERS), ValueError, "y >= 0, got -"),
    # weights of rows
    "short weights": (lambda: classifier().fit(X, LABELS, [1, 2]), ValueError, r"sample_weight.shape == \(2,\), expected \(20,\)"),
    "matrix of weights": (lambda: classifier().fit(X, LABELS, np.ones((20, 1))), ValueError, "1D|sample_weight"),
    "negative weights": (lambda: regressor().fit(X, NUMBERS, -np.ones(20)), ValueError, "[Nn]egative.*sample_weight"),
    "zero weights": (lambda: regressor().fit(X, NUMBERS, np.zeros(20)), ValueError, "weights.*non-zero"),
    "nan weights": (lambda: regressor().fit(X, NUMBERS, with_nan(NUMBERS)), ValueError, "sample_weight contains NaN"),
    "no weight left": (lambda: classifier(class_weight={0: 0, 1: 1, 2: 1}).fit(X, LABELS, LABELS == 0), ValueError, "weight.*zero"),
    # order of events
    **{f"{method} before fit": (lambda method=method: getattr(MLPClassifier(), method)(X), NotFittedError, "not fitted yet")
       for method in ("predict", "predict_proba", "predict_log_proba", "decision_function")},
    "regressor before fit": (lambda: MLPRegressor().predict(X), NotFittedError, "not fitted yet"),
    "score before fit": (lambda: NetworkRegressor().score(X, NUMBERS), NotFittedError, "not fitted yet"),
    "no classes": (lambda: classifier().partial_fit(X, LABELS), ValueError, "classes must be passed on the first call"),
    "other classes": (lambda: fitted().partial_fit(X, LABELS, classes=[0, 1]), ValueError, r"classes=\[0, 1\].*first call.*0, 1, 2"),
    "unknown label": (lambda: fitted().partial_fit(X, LABELS + 1), ValueError, r"labels \[1 2 3\].*did not start with: \[0 1 2\].*Name all classes"),
    "balanced in pieces": (lambda: classifier(class_weight="balanced").partial_fit(X, LABELS, classes=[0, 1, 2]),
                           (ValueError, AttributeError), 'class_weight="balanced".*all rows.*dict'),
    "other outputs": (lambda: regressor().partial_fit(X, NUMBERS).partial_fit(X, np.c_[NUMBERS, NUMBERS]), ValueError, "2 outputs.*1"),
    "fewer labels": (lambda: classifier().partial_fit(X, np.eye(3)[LABELS], classes=[0, 1, 2]).partial_fit(X, np.eye(3)[LABELS][:, :2]),
                     ValueError, "2.*3|3.*2"),
    "lbfgs in pieces": (lambda: regressor(solver="lbfgs").partial_fit(X, NUMBERS), AttributeError, "partial_fit"),
    "other layers": (lambda: fitted().set_params(warm_start=True, hidden_layer_sizes=(6,)).fit(X, LABELS), ValueError,
                     r"units=5.*units=6.*warm_start=False"),
    # layers and solvers that do not go together
    "dropout with lbfgs": (lambda: NetworkClassifier([Dense(5), Dropout(0.5)], solver="lbfgs").fit(X, LABELS), ValueError, "Dropout.*adam"),
    "noise with lbfgs": (lambda: regressor(solver="lbfgs", input_noise=0.1).fit(X, NUMBERS), ValueError, "GaussianNoise.*adam"),
    "max_norm with lbfgs": (lambda: regressor(solver="lbfgs", max_norm=1.0).fit(X, NUMBERS), ValueError, "max_norm=1.0.*adam"),
    "step in training": (lambda: NetworkClassifier([Dense(5), Step()]).fit(X, LABELS), ValueError, "no gradient.*ReLU"),
    "step as activation": (lambda: classifier(activation="step").fit(X, LABELS), ValueError, "activation.*relu.*step"),
    **{f"Dense({units!r})": (lambda units=units: NetworkClassifier([Dense(units), ReLU()]).fit(X, LABELS), ValueError,
                             f"units.*{re.escape(repr(units))}") for units in (0, -3, 2.5, "many")},
    "divergence": (lambda: regressor(solver="sgd", learning_rate_init=1e300).fit(X, NUMBERS), ValueError,
                   r"diverged in epoch 1.*learning_rate_init=1e\+300.*'sgd'.*lower learning_rate_init"),
    "divergence by inputs": (lambda: regressor(solver="sgd", standardize=False).fit(1e200 * X, NUMBERS), ValueError,
                             "diverged.*standardize=True"),
    "overflow in predict": (lambda: regressor(standardize=False).set_weights([1e200 * np.ones((3, 5)), np.ones((5, 1))],
                            [np.zeros(5), [0.0]]).predict(1e200 * np.ones((1, 3))), ValueError, r"not finite.*1e\+200.*[Ss]cale"),
    "unknown scorer": (lambda: regressor(early_stopping=True, scoring="best").fit(X, NUMBERS), ValueError, "'best'"),
    # weights by hand
    "too few arrays": (lambda: classifier().set_weights(COEFS[:1], INTERCEPTS), ValueError, "2 layers.*1 coefs.*2 intercepts"),
    "no arrays": (lambda: classifier().set_weights([], []), ValueError, "2 layers.*0 coefs.*0 intercepts"),
    "wrong shape": (lambda: classifier().set_weights([COEFS[0], COEFS[0]], INTERCEPTS), ValueError, r"Layer 1.*\(5, 3\).*\(3, 5\)"),
    "wrong shape when fitted": (lambda: fitted().set_weights([COEFS[0].T, COEFS[1]], INTERCEPTS), ValueError, r"Layer 0.*\(3, 5\).*\(5, 3\)"),
    "nan by hand": (lambda: fitted().set_weights([np.nan * COEFS[0], COEFS[1]], INTERCEPTS), ValueError, "Layer 0|coefs|finite"),
    "text by hand": (lambda: fitted().set_weights([[["x"] * 5] * 3, COEFS[1]], INTERCEPTS), ValueError, "Layer 0|coefs"),
    "classes by hand": (lambda: classifier().set_weights(COEFS, INTERCEPTS, classes=[0, 1]), ValueError, "2 classes need 1 output.*3"),
    "classes when fitted": (lambda: fitted().set_weights(COEFS, INTERCEPTS, classes=list("abc")), ValueError, "classes"),
}  # fmt: skip


@pytest.mark.parametrize("use", WRONG_USES)
def test_wrong_use(use):
    do, exception, words = WRONG_USES[use]
    with pytest.raises(exception, match=f"(?s){words}"):
        do()


def test_column_vector_is_warned_about():
    with pytest.warns(DataConversionWarning, match="column-vector"):
        model = classifier().fit(X, LABELS[:, None])
    assert (model.predict(X) == fitted().predict(X)).all()


def test_errors_leave_a_fitted_model_as_it_was():
    model = fitted()
    before = pickle.dumps(model)
    for bad in ({"X": X[:, :2]}, {"y": LABELS + 1}, {"sample_weight": -np.ones(20)}, {"X": with_nan(X)}):
        with pytest.raises(ValueError, match=r"features|labels|[Nn]egative|NaN"):
            model.partial_fit(**{"X": X, "y": LABELS} | bad)
    assert pickle.dumps(model) == before
