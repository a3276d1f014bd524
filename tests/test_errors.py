"""An error says what is wrong, what came and what to do, in scikit-learn's exception types."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn import config_context
from sklearn.exceptions import DataConversionWarning, NotFittedError

from sknn_scratch import (
    ConvNetClassifier,
    ConvNetRegressor,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
    PerceptronClassifier,
)
from sknn_scratch._compat import InvalidParameterError
from sknn_scratch.nn.layers import Dense, Dropout, ReLU, Step
from sknn_scratch.nn.losses import Loss, SquaredError
from sknn_scratch.nn.solvers import Adam

rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3))
LABELS = np.arange(20) % 3
NUMBERS = X[:, 0]
FAST = {"max_iter": 2, "random_state": 0}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


class OneOfMany(Loss):
    """A loss that knows one link only."""

    link = "softmax"


# parameter -> wrong values, each with what the message must say besides the parameter's name and the value
WRONG = {
    "hidden_layer_sizes": [*((bad, "whole numbers") for bad in ((0,), (2.5,), -1, [[2, 3]])), ("ab", "array-like")],
    "activation": [*((bad, "relu") for bad in ("swish", ["swish"], [["relu"]], None)), (["relu", "relu"], "one")],
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
    "scoring": [(5, "str"), ("foo", "'accuracy'")],
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
    "dtype": [("float16", "float32"), (np.float32, "float32")],
    "checkpoint": [(5, "str")],
    "class_weight": [("auto", "balanced"), ({0: -1.0}, "-1.0"), ({0: np.nan}, "nan"), ({0: "a"}, "'a'"),
                     ({0: 0, 1: 0, 2: 0}, "zero"), ([1, 2, 3], "dict")],
    "label_smoothing": [(1.0, "[0.0, 1.0)")],
    "loss": [("mse", "losses.Loss"), (None, "losses.Loss")],
    "quantile": [(0.0, "(0.0, 1.0)"), (50, "(0.0, 1.0)")],
    "delta": [(0.0, "(0.0, inf)")],
    "pretrain": [(5, "BaseEstimator"), ("rbm", "list"), ([5], "Autoencoder"), ([], "0 entries")],
    "embedding": [("fourier", "'periodic'")],
    "n_members": [(0, "[1, inf)"), (2.5, "n_members")],
    "member_weights": [("tied", "'shared'")],
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


def fit(X=X, y=LABELS, sample_weight=None, **params):
    return classifier(**params).fit(X, y, sample_weight)


def fit_numbers(X=X, y=NUMBERS, sample_weight=None, **params):
    return regressor(**params).fit(X, y, sample_weight)


def fit_layers(*layers, **params):
    return NetworkClassifier(layers, **params).fit(X, LABELS)


def go_on(first, then, classes=None):
    """Pass one target after the other to a stream."""
    if classes is None:
        return regressor().partial_fit(X, first).partial_fit(X, then)
    return classifier().partial_fit(X, first, classes=classes).partial_fit(X, then)


def with_nan(a):
    a = np.array(a, float)
    a[3] = np.nan
    return a


def frame(names):
    return pd.DataFrame(X, columns=list(names))


COEFS, INTERCEPTS = [np.ones((3, 5)), np.ones((5, 3))], [np.zeros(5), np.zeros(3)]
HUGE = [np.full((3, 5), 1e200), np.ones((5, 1))], [np.zeros(5), [0.0]]
ONE_HOT = np.eye(3)[LABELS]

# what is done, what the message must say, and the exception where it is no ValueError
WRONG_USES = {
    # X
    "one dimension": (lambda: fit(X[0]), "Reshape your data"),
    "another shape of rows": (lambda: fit(X[:, :, None]).predict(X[:, None]), r"\(1, 3\).*expecting.*\(3, 1\)"),
    "no rows": (lambda: fit(X[:0], LABELS[:0]), "0 sample.*minimum of 1"),
    "no columns": (lambda: fit(X[:, :0]), "0 feature.*minimum of 1"),
    "nan": (lambda: fit(with_nan(X)), "NaN"),
    "inf": (lambda: fit(np.full((20, 3), np.inf)), "infinity"),
    "complex": (lambda: fit(X + 1j), "Complex data not supported"),
    "text": (lambda: fit([["a"], ["b"]], [0, 1]), "could not convert string"),
    "sparse nan": (lambda: fit(sparse.csr_array(with_nan(X))), "NaN"),
    "fewer columns": (lambda: fit().predict(X[:, :2]), "2 features, but MLPClassifier is expecting 3"),
    "other names": (lambda: fit(frame("abc")).predict(frame("abd")), "feature names"),
    # y
    "no y": (lambda: fit(y=None), "requires y to be passed"),
    "short y": (lambda: fit(y=LABELS[:9]), "inconsistent numbers of samples.*20, 9"),
    "numbers as labels": (lambda: fit(y=NUMBERS), "Unknown label type: continuous"),
    "columns of classes": (lambda: fit(y=np.c_[LABELS, LABELS]), "MultiOutputClassifier"),
    "nan in y": (lambda: fit_numbers(y=with_nan(NUMBERS)), "NaN"),
    "text as numbers": (lambda: fit_numbers(y=["a"] * 20), "string"),
    "sparse y": (lambda: fit_numbers(y=sparse.csr_array(ONE_HOT)), "[Ss]parse.*dense"),
    "negative counts": (lambda: fit_numbers(loss="poisson"), "y >= 0, got -"),
    # weights of rows
    "short weights": (lambda: fit(sample_weight=[1, 2]), r"sample_weight.shape == \(2,\), expected \(20,\)"),
    "matrix of weights": (lambda: fit(sample_weight=np.ones((20, 1))), "1D|sample_weight"),
    "negative weights": (lambda: fit(sample_weight=-np.ones(20)), "[Nn]egative.*sample_weight"),
    "zero weights": (lambda: fit(sample_weight=np.zeros(20)), "weights.*non-zero"),
    "nan weights": (lambda: fit(sample_weight=with_nan(NUMBERS)), "sample_weight contains NaN"),
    "no weight left": (lambda: fit(sample_weight=LABELS == 0, class_weight={0: 0, 1: 1, 2: 1}), "weight.*zero"),
    # order of events
    **{
        f"{method} before fit": (lambda m=method: getattr(MLPClassifier(), m)(X), "not fitted yet", NotFittedError)
        for method in ("predict", "predict_proba", "predict_log_proba", "decision_function")
    },
    **{
        f"{name} before fit": (lambda n=name: getattr(MLPClassifier(), n), "not fitted yet", NotFittedError)
        for name in ("coefs_", "classes_", "loss_", "n_outputs_", "out_activation_")
    },
    "regressor before fit": (lambda: MLPRegressor().predict(X), "not fitted yet", NotFittedError),
    "score before fit": (lambda: NetworkRegressor().score(X, NUMBERS), "not fitted yet", NotFittedError),
    "no classes": (lambda: classifier().partial_fit(X, LABELS), "classes must be passed on the first call"),
    "other classes": (lambda: fit().partial_fit(X, LABELS, [0, 1]), r"classes=\[0, 1\].*first call.*0, 1, 2"),
    "unknown label": (lambda: fit().partial_fit(X, LABELS + 1), r"labels \[1 2 3\].*\[0 1 2\].*Name all classes"),
    "other outputs": (lambda: go_on(NUMBERS, np.c_[NUMBERS, NUMBERS]), "2 outputs.*1"),
    "fewer labels": (lambda: go_on(ONE_HOT, ONE_HOT[:, :2], [0, 1, 2]), r"(labels|outputs).*(2.*3|3.*2|0 1 2)"),
    "lbfgs in pieces": (lambda: regressor(solver="lbfgs").partial_fit(X, NUMBERS), "partial_fit", AttributeError),
    "other layers": (
        lambda: fit().set_params(warm_start=True, hidden_layer_sizes=(6,)).fit(X, LABELS),
        "units=5.*units=6.*warm_start=False",
    ),
    "loss for numbers": (lambda: fit(loss=SquaredError()), "SquaredError.*log_loss"),
    "loss with a link for one label a row": (
        lambda: fit(X, np.c_[LABELS == 0, LABELS == 1].astype(int), loss=OneOfMany()),
        "softmax.*several labels",
    ),
    # what does not go together
    "dropout with lbfgs": (lambda: fit_layers(Dense(5), Dropout(0.5), solver="lbfgs"), "Dropout.*adam"),
    "noise with lbfgs": (lambda: fit(solver="lbfgs", input_noise=0.1), "GaussianNoise.*adam"),
    "max_norm with lbfgs": (lambda: fit(solver="lbfgs", max_norm=1.0), "max_norm=1.0.*adam"),
    "step in training": (lambda: fit_layers(Dense(5), Step()), "no gradient.*ReLU"),
    "step as activation": (lambda: fit(activation="step"), "activation.*relu.*step"),
    "unknown scorer": (lambda: fit(early_stopping=True, scoring="best"), "'best'"),
    **{
        f"Dense({units!r})": (lambda u=units: fit_layers(Dense(u), ReLU()), f"units.*{re.escape(repr(units))}")
        for units in (0, -3, 2.5, "many")
    },
    # divergence
    "mad learning rate": (
        lambda: fit_numbers(solver="sgd", learning_rate_init=1e300),
        r"diverged in epoch 1.*learning_rate_init=1e\+300.*'sgd'.*lower learning_rate_init",
    ),
    "huge inputs": (lambda: fit_numbers(1e200 * X, solver="sgd", standardize=False), "diverged.*standardize=True"),
    "overflow in predict": (
        lambda: regressor(standardize=False).set_weights(*HUGE).predict(np.full((1, 3), 1e200)),
        r"not finite.*1e\+200.*[Ss]cale",
    ),
    # weights by hand
    "too few arrays": (
        lambda: classifier().set_weights(COEFS[:1], INTERCEPTS),
        "2 coefs and 2 intercepts.*1 and 2",
    ),
    "no arrays": (lambda: classifier().set_weights([], []), "at least one layer"),
    "wrong shape": (
        lambda: classifier().set_weights([COEFS[0], COEFS[0]], INTERCEPTS),
        r"coefs\[1\].*\(5, 3\).*\(3, 5\)",
    ),
    "wrong shape when fitted": (
        lambda: fit().set_weights([COEFS[0].T, COEFS[1]], INTERCEPTS),
        r"coefs\[0\].*\(3, 5\).*\(5, 3\)",
    ),
    "nan by hand": (lambda: fit().set_weights([np.nan * COEFS[0], COEFS[1]], INTERCEPTS), r"coefs\[0\] must be finite"),
    "text by hand": (lambda: fit().set_weights([[["x"] * 5] * 3, COEFS[1]], INTERCEPTS), r"coefs\[0\]"),
    "classes by hand": (lambda: classifier().set_weights(COEFS, INTERCEPTS, classes=[0, 1]), "2 classes.*1 output.*3"),
    "classes when fitted": (lambda: fit().set_weights(COEFS, INTERCEPTS, classes=list("abc")), "classes"),
}


@pytest.mark.parametrize("use", WRONG_USES)
def test_wrong_use(use):
    do, words, *exception = WRONG_USES[use]
    with pytest.raises(exception[0] if exception else ValueError, match=f"(?s){words}"):
        do()


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_nan_under_assume_finite_is_named(kind):
    model = fit()
    with config_context(assume_finite=True):
        for do in (model.predict, fit, lambda rows: fit_numbers(X, np.asarray(rows.sum(axis=1)))):
            with pytest.raises(ValueError, match=r"contains NaN.*assume_finite=True"):
                do(kind(with_nan(X)))


HINTS = [
    (MLPClassifier, {"activation": "sigmoid"}, "'logistic'"),
    (MLPClassifier, {"activation": "ReLU"}, "'relu'"),
    (MLPClassifier, {"activation": np.tanh}, "'tanh'"),
    (MLPClassifier, {"activation": ["Sigmoid"]}, "'logistic'"),
    (MLPClassifier, {"solver": "SGD"}, "'sgd'"),
    (MLPClassifier, {"solver": "L-BFGS"}, "'lbfgs'"),
    (MLPClassifier, {"solver": Adam}, "'adam'"),
    (MLPClassifier, {"learning_rate": "Cosine"}, "'cosine'"),
    (MLPClassifier, {"learning_rate": 0.05}, "learning_rate_init=0.05"),
    (MLPClassifier, {"learning_rate_init": "Auto"}, "'auto'"),
    (MLPClassifier, {"loss": "cross-entropy"}, "'log_loss'"),
    (MLPClassifier, {"init": "xavier"}, "'glorot'"),
    (MLPClassifier, {"dtype": np.float32}, "'float32'"),
    (MLPRegressor, {"loss": "MSE"}, "'squared_error'"),
    (ConvNetClassifier, {"pooling": "avg"}, "'average'"),
    (NetworkClassifier, {"solver": "Adam"}, "'adam'"),
    (PerceptronClassifier, {"class_weight": "Balanced"}, "'balanced'"),
]


@pytest.mark.parametrize(("cls", "params", "hint"), HINTS)
def test_errors_name_what_was_probably_meant(cls, params, hint):
    exception = ValueError if isinstance(params.get("activation"), list) else InvalidParameterError
    with pytest.raises(exception, match=rf"{next(iter(params))}.* (Did you mean|A number is).*{re.escape(hint)}"):
        cls(**params).fit(X, LABELS)


@pytest.mark.parametrize("params", [{"solver": "newton"}, {"solver": None}, {"alpha": -1}, {"learning_rate": True}])
def test_no_hint_where_none_is_likely(params):
    with pytest.raises(InvalidParameterError, match=r"instead\.$"):
        MLPClassifier(**params).fit(X, LABELS)


PUBLIC = [MLPClassifier, MLPRegressor, ConvNetClassifier, ConvNetRegressor, NetworkClassifier, NetworkRegressor]


@pytest.mark.parametrize("cls", [*PUBLIC, PerceptronClassifier])
@pytest.mark.parametrize("method", ["fit", "partial_fit", "predict", "set_weights", "decision_function"])
def test_unknown_arguments_name_no_base_class(cls, method):
    if not hasattr(cls, method):
        return
    with pytest.raises(
        TypeError, match=rf"^({cls.__name__}\.)?{method}\(\) got an unexpected keyword.*'validation_data'"
    ):
        getattr(cls(), method)(validation_data=(X, LABELS))


def infinite(a):
    return np.where(np.isnan(with_nan(a)), np.inf, a)


# What X_val and y_val are in place of X and y, and what the message must say.
WRONG_VALIDATION_SETS = {
    "columns": (X[:, :2], LABELS, "X_val has 2 features, but MLP.* is expecting 3"),
    "nan": (with_nan(X), LABELS, "Input X_val contains NaN"),
    "infinite": (infinite(X), LABELS, "Input X_val contains infinity"),
    "length": (X, LABELS[:9], "y_val.*inconsistent numbers of samples.*20, 9"),
    "one row": (X[0], LABELS[:1], "(?s)X_val.*Reshape your data"),
    "no rows": (X[:0], LABELS[:0], "X_val.*minimum of 1"),
    "text": (np.full((20, 3), "X"), LABELS, r"X_val.*could not convert string to float: .*'X'"),
    "nan in y": (X, with_nan(NUMBERS), "Input y_val contains NaN"),
    "columns of y": (X, np.c_[LABELS == 0, LABELS == 1], "y_val has 2 (labels a row|outputs).*started with"),
}


@pytest.mark.parametrize("do", [fit, fit_numbers])
@pytest.mark.parametrize("wrong", WRONG_VALIDATION_SETS)
def test_errors_name_the_validation_set(do, wrong):
    X_val, y_val, words = WRONG_VALIDATION_SETS[wrong]
    model = classifier() if do is fit else regressor()
    with pytest.raises(ValueError, match=words) as error:
        model.fit(X, LABELS, X_val=X_val, y_val=y_val)
    assert not re.search(r"\b(Input|in|of) [Xy]\b", str(error.value))


def test_columns_that_are_called_y_keep_their_name():
    with pytest.raises(ValueError, match=r"(?s)^X_val, y_val: The feature names.*- y\n.*- X\n"):
        classifier().fit(frame("aXc"), LABELS, X_val=frame("ayc"), y_val=LABELS)
    dates = frame("abc").assign(y=pd.Timestamp("2024-05-01"))
    with pytest.raises(ValueError, match=r"^X_val has dates or durations in column 'y' "):
        classifier().fit(frame("aby").assign(d=0.0), LABELS, X_val=dates, y_val=LABELS)
    with pytest.raises(ValueError, match=r"^X_val, y_val: could not convert string to float: .*'a_val'"):
        classifier().fit(X, LABELS, X_val=np.full((20, 3), "a_val"), y_val=LABELS)


def test_errors_of_y_val_do_not_speak_of_partial_fit():
    with pytest.raises(ValueError, match=r"^y_val has labels \[1 2 3\].*\[0 1 2\]") as error:
        classifier().fit(X, LABELS, X_val=X, y_val=LABELS + 1)
    assert "partial_fit" not in str(error.value)
    with pytest.raises(ValueError, match="y_val >= 0, got -1"):
        regressor(loss="poisson").fit(X, LABELS, X_val=X, y_val=-(LABELS > 0).astype(int))
    for weight, words in (([1, 2], "shape"), (-np.ones(20), "Negative"), (with_nan(NUMBERS), "NaN")):
        with pytest.raises(ValueError, match=words) as error:
            classifier().fit(X, LABELS, X_val=X, y_val=LABELS, sample_weight_val=weight)
        assert "sample_weight_val" in str(error.value)


def test_column_vector_is_warned_about():
    with pytest.warns(DataConversionWarning, match="column-vector"):
        model = classifier().fit(X, LABELS[:, None])
    assert (model.predict(X) == fit().predict(X)).all()


def test_errors_leave_a_fitted_model_as_it_was():
    model = fit()
    before = pickle.dumps(model)
    for bad in ({"X": X[:, :2]}, {"y": LABELS + 1}, {"sample_weight": -np.ones(20)}, {"X": with_nan(X)}):
        with pytest.raises(ValueError, match=r"features|labels|[Nn]egative|NaN"):
            model.partial_fit(**{"X": X, "y": LABELS} | bad)
    assert pickle.dumps(model) == before


def test_balanced_has_no_partial_fit_and_says_why():
    model = classifier(class_weight="balanced")
    assert not hasattr(model, "partial_fit")
    with pytest.raises(AttributeError) as error:
        model.partial_fit(X, LABELS, [0, 1, 2])
    assert re.search("class_weight='balanced'.*all rows.*dict", str(error.value.__cause__))


@pytest.mark.parametrize("class_weight", [[None, {0: 1.0}], [1, 2], [{0: 1.0}]], ids=str)
def test_lists_of_class_weights_are_for_labels(class_weight):
    with pytest.raises(ValueError, match="class_weight as a list is for multilabel"):
        classifier(class_weight=class_weight).fit(X, LABELS)
