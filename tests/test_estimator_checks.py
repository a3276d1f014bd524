"""scikit-learn's own checks: every estimator at its defaults, and over the matrix of its settings.

No failure is expected and no check is skipped. The one exception: `warm_start=True` cannot pass
`check_supervised_y_2d`, which fits the same object twice and wants the second fit to be the first.
"""

import os
import tempfile
import uuid
from collections import ChainMap
from itertools import zip_longest
from unittest import SkipTest

import pytest
from sklearn.base import is_classifier
from sklearn.utils import estimator_checks as suite

from sknn_scratch import (
    Autoencoder,
    BernoulliRBM,
    ConvNetClassifier,
    ConvNetRegressor,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
    RecurrentClassifier,
    RecurrentRegressor,
)
from sknn_scratch.estimators import recipes
from sknn_scratch.estimators.convnet import POOLINGS
from sknn_scratch.nn.layers import Dense, GaussianNoise, Logistic, RandomBrightness, RandomRotation, RandomShift, ReLU
from sknn_scratch.nn.losses import Focal

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

FEW = {"max_iter": 15, "learning_rate_init": 0.02}  # epochs: what trains them is what trains an MLP
DEFAULTS = [
    MLPClassifier(),
    MLPRegressor(),
    NetworkClassifier(**FEW),
    NetworkClassifier([Dense(30), ReLU()], **FEW),
    NetworkRegressor(**FEW),
    NetworkRegressor([Dense(30), Logistic()], **FEW),
    ConvNetClassifier(**FEW),
    ConvNetRegressor(**FEW),
    RecurrentClassifier(**FEW),
    RecurrentRegressor(cell="simple", bidirectional=True, max_iter=20, learning_rate_init=0.02),
]


class AnotherFileEachTime(os.PathLike):
    """A checkpoint belongs to one data set, and the checks have many."""

    def __fspath__(self):
        return os.path.join(FOLDER.name, uuid.uuid4().hex)

    def __repr__(self):  # the same in every process: it is part of the name of a test
        return "AnotherFileEachTime()"


FOLDER = tempfile.TemporaryDirectory()


# The checks fit each estimator some 120 times, to 20 to 300 rows. They want an accuracy of 0.83 and an R2 of 0.5, for
# which ten epochs of few steps are enough at a rate that is higher than usual. The defaults are checked above. But no
# network may become so sure that float32 rounds a probability to 1: a check then compares its logarithm, 0, to 1e-9.
SOLVERS = {name: recipe(MLPClassifier()) for name, recipe in recipes.SOLVERS.items()}
EACH_SOLVER = [
    *({"solver": name, "learning_rate_init": max(2 * solver.default_rate, 0.01)} for name, solver in SOLVERS.items()),
    {"solver": "lbfgs"},
]
MOMENTUM, RMSPROP = (settings for settings in EACH_SOLVER if settings["solver"] in ("momentum", "rmsprop"))
EARLY = {"early_stopping": True, "n_iter_no_change": 2}
ALL_ROWS = {"batch_size": 10_000, "max_iter": 60, "learning_rate_init": 0.1}


def side_by_side(*lists):
    """Join the first settings of each list, the second ones, and so on, where the lists do not interact."""
    return [dict(ChainMap(*settings)) for settings in zip_longest(*lists, fillvalue={})]


# What has nothing to do with the target works alike for classes and numbers: every other entry is checked with each.
EITHER = [
    *EACH_SOLVER,
    *side_by_side(
        [{"activation": activation} for activation in recipes.ACTIVATIONS],
        [MOMENTUM | {"learning_rate": schedule} for schedule in recipes.SCHEDULES],
        [{"init": init} for init in recipes.INITIALIZERS if init != "zeros"],
    ),
    {"hidden_layer_sizes": ()},
    # Nothing tells hidden units apart that all begin at zero.
    {"init": "zeros", "hidden_layer_sizes": (), "solver": "sgd", "momentum": 0.5, "learning_rate_init": 0.2},
    RMSPROP | {"momentum": 0.5, "standardize": False},
    {"hidden_layer_sizes": (10, 10), "activation": ["tanh", "relu"], "dtype": None},
    {"dropout": 0.1, "input_noise": 0.05, "input_dropout": 0.02},
    {"drop_connect": 0.1, "max_norm": 3.0, "gradient_clip": 1.0},
    {"alpha": 1e-3, "l1_ratio": 1.0},
    {"alpha": 1e-3, "l1_ratio": 1.0, "solver": "lbfgs", "standardize": False},
    MOMENTUM | {"alpha": 0.1, "l1_ratio": 0.5},
    {"alpha": 0.3, "standardize": False},
    *({"embedding": kind} for kind in ("periodic", "piecewise")),
    *({"n_members": 3, "member_weights": weights} for weights in ("independent", "shared")),
    {"batch_size": 1, "max_iter": 2, "learning_rate_init": 0.01},
    ALL_ROWS,
    EARLY | {"batch_size": 5, "learning_rate_init": 0.02},
    EARLY | {"solver": "lbfgs"},
    EARLY | {"refit": True},
]
BOTH = [
    EARLY,
    {"checkpoint": AnotherFileEachTime(), "max_iter": 5, "dtype": "float64"},
    # Weights are rows in a batch of all alone, and to 1e-7 as the checks want it in float64 alone.
    ALL_ROWS | {"shuffle": False, "alpha": 1e-3, "dtype": "float64"},
    {  # so strong a penalty, and so many small steps, that going on changes no label
        "warm_start": True,
        "alpha": 0.1,
        "hidden_layer_sizes": (20,),
        "learning_rate_init": 0.01,
        "max_iter": 60,
        "tol": 1e-4,
    },
]
NOISY = {"input_noise": 0.2, "input_dropout": 0.1}
CLASSIFIER = [
    *({"loss": name} for name in recipes.CLASSIFICATION_LOSSES if name != MLPClassifier().loss),
    {"loss": Focal(), "solver": "lbfgs"},
    {"class_weight": "balanced"},
    {"loss": Focal(), "class_weight": "balanced", "batch_size": 5, "max_iter": 5, "learning_rate_init": 0.02},
    NOISY | {"label_smoothing": 0.1},
]
LOSSES = {name: recipe(MLPRegressor()) for name, recipe in recipes.REGRESSION_LOSSES.items()}
REGRESSOR = [
    *(
        {"loss": name}
        for name, loss in LOSSES.items()
        if name != MLPRegressor().loss and not loss.positive  # the checks' numbers have any sign
    ),
    {"loss": "absolute_error", "solver": "lbfgs"},
    EARLY | {"scoring": "r2", "batch_size": 5, "learning_rate_init": 0.02},
]
WINDOWS = [{"pooling": pooling, "kernel_size": kernel} for pooling in (*POOLINGS, None) for kernel in (1, 3, 5)]
IMAGES = side_by_side(
    [
        {"stride": 2},
        {"stride": 2, "kernel_size": 5, "padding": "valid"},
        {"padding": "valid", "drop_connect": 0.2},
    ],
    [
        EARLY | {"batch_size": 5, "learning_rate_init": 0.02},
        {"dropout": 0.2},
        {"activation": "maxout", "max_norm": 3.0, "gradient_clip": 1.0},
    ],
)
# Numbers depend on one column, and what is pooled of two pixels that passed the same kernel of size 1 cannot tell which
# of the two it came from: such kernels stand behind larger ones. A shifted column would be another column.
TOLD_APART = {"kernel_size": [3, 1], "filters": (8, 8), "pool_size": [1, 2]}
BY_COLUMN = [s | (TOLD_APART if s["kernel_size"] == 1 and s["pooling"] else {}) for s in WINDOWS[1::2]]
SEQUENCES = [
    *side_by_side(
        [
            {"cell": "gru"},
            {"cell": "simple"},
            {"pooling": "last", "bidirectional": True},
            {"pooling": "mean", "dense_layer_sizes": (10,)},
            {"pooling": "max", "hidden_layer_sizes": (8, 8)},
            {"pooling": ["last", "mean"], "cell": "gru", "bidirectional": True},
        ],
        [settings for settings in EACH_SOLVER if settings["solver"] != "sgd"],
    ),
    {"solver": "sgd", "learning_rate_init": 1.0},  # of gradients that are clipped
    {"cell": "simple", "activation": "relu", "recurrent_init": "identity", "learning_rate_init": 0.02},
    EARLY | {"n_iter_no_change": 5, "dtype": "float64"},
    {"batch_size": 5, "max_iter": 4, "learning_rate_init": 0.02},
    {"dropout": 0.1, "recurrent_dropout": 0.05, "dtype": None},
]
CODES = [
    *side_by_side(
        [
            {"output": "identity", "learning_rate_init": 0.02},
            {"output": "identity", "standardize": False, "learning_rate_init": 1e-6},
            {"output": "logistic"},
            {"output": "logistic", "standardize": True},
            {"tied": True},
            {"tied": True, "alpha": 1e-3, "l1_ratio": 0.5},
            {"corruption": 0.2},
            {"hidden_layer_sizes": (8, 3), "activation": ["relu", "identity"]},
        ],
        EACH_SOLVER,
    ),
    {"tied": True, "solver": "lbfgs"},
    {"corruption": GaussianNoise(0.1), "tied": True},
    {"activation": "logistic", "sparsity": 0.1},
    {"activation": "logistic", "sparsity": 0.1, "activity_l1": 0.1, "solver": "lbfgs"},
    {"activity_l1": 0.1},
    EARLY,
    EARLY | {"refit": True, "dtype": "float64"},
    EARLY | {"solver": "lbfgs"},
    {"batch_size": 5, "dtype": None},
]
GAUSSIAN = {"visible": "gaussian", "learning_rate": 0.01}
MACHINES = [
    *side_by_side(
        [
            {"persistent": False},
            {"persistent": False, "n_gibbs": 3},
            {"n_gibbs": 2, "n_chains": 7},
            GAUSSIAN,
            GAUSSIAN | {"persistent": False, "sparsity": 0.2},
            {"sparsity": 0.1, "alpha": 1e-3},
            {"schedule": "constant"},
        ],
        [{"solver": name, "learning_rate": 0.01} for name in SOLVERS],
    ),
    {"momentum": 0.5, "dtype": "float64"},
    {"batch_size": 100, "dtype": None},
]
START = {"pretrain": Autoencoder(corruption=0.1, max_iter=2), "alpha": 0.01}  # whose automatic alpha would be 0
SMALL = {"hidden_layer_sizes": (10,), "batch_size": 32, "max_iter": 10, "learning_rate_init": 0.05, "tol": 1e-2}
NET = SMALL | {"filters": (4,)}
OF_NUMBERS = [
    {},  # with AdamW: with Adam the penalty of 0.01 that the checks set would take four times as many epochs
    {"cell": "gru", "pooling": "last", "solver": "adam", "max_iter": 35},
    {"cell": "simple", "solver": "lbfgs", "max_iter": 40},
]
# Of a series of ten numbers one is to be remembered: it is nearer to one of the two ends.
SERIES = SMALL | {"hidden_layer_sizes": (16,), "batch_size": 16, "max_iter": 15}
SERIES |= {"tol": 1e-4, "bidirectional": True, "solver": "adamw"}
FOR_NUMBERS = NET | {"filters": (8,), "hidden_layer_sizes": (20,), "max_iter": 16}
MATRIX = [
    *(RecurrentRegressor(**SERIES | settings) for settings in OF_NUMBERS),  # first, as they take longest
    *(MLPClassifier(**SMALL | settings) for settings in EITHER[::2] + BOTH + CLASSIFIER),
    *(MLPRegressor(**SMALL | settings) for settings in EITHER[1::2] + BOTH + REGRESSOR),
    *(ConvNetClassifier(**NET | settings) for settings in side_by_side(WINDOWS[::2], EACH_SOLVER[1::2]) + IMAGES),
    ConvNetClassifier(**NET | NOISY, label_smoothing=0.1, augment=[RandomShift(1), RandomRotation(5)]),
    *(ConvNetRegressor(**FOR_NUMBERS | settings) for settings in side_by_side(BY_COLUMN, EACH_SOLVER[::2]) + IMAGES),
    ConvNetRegressor(**FOR_NUMBERS, augment=[RandomBrightness(0.1)]),
    *(RecurrentClassifier(**SMALL | settings) for settings in SEQUENCES),
    *(Autoencoder(**{"hidden_layer_sizes": (4,), "max_iter": 5} | settings) for settings in CODES),
    *(BernoulliRBM(8, n_iter=3, **settings) for settings in MACHINES),
    ConvNetClassifier(**NET | START),
    ConvNetRegressor(**FOR_NUMBERS | START),
]


def run(check, *args):
    """A skipped check is a failure too: whatever it needs (pandas, SCIPY_ARRAY_API) belongs to the tests."""
    try:
        check(*args)
    except SkipTest as skip:
        pytest.fail(f"skipped: {skip}")


@suite.parametrize_with_checks(DEFAULTS)
def test_check(estimator, check):
    run(check, estimator)


@pytest.mark.matrix
@pytest.mark.filterwarnings("ignore:The output is between", "ignore:Visible units")
@pytest.mark.parametrize("estimator", MATRIX, ids=lambda estimator: " ".join(str(estimator).split()))
def test_matrix(estimator):
    results = suite.check_estimator(estimator, on_skip=None, on_fail=None)
    bad = {r["check_name"]: (r["status"], r["exception"]) for r in results if r["status"] != "passed"}
    if getattr(estimator, "warm_start", False):
        bad.pop("check_supervised_y_2d", None)
    assert not bad


@pytest.mark.parametrize("estimator", DEFAULTS)
def test_suite_is_whole(estimator):
    # A wrong tag (two_d_array, sparse, multi_label) would silence checks instead of failing them.
    assert os.environ["SCIPY_ARRAY_API"] == "1"
    names = {check.func.__name__ for _, check in suite.estimator_checks_generator(estimator)}
    expected = {
        "check_array_api_input",
        "check_estimator_sparse_array",
        "check_fit_idempotent",
        "check_sample_weight_equivalence_on_dense_data",
        "check_readonly_memmap_input",
        "check_estimators_partial_fit_n_features",
        "check_estimators_nan_inf",
    }
    if not isinstance(estimator, RecurrentClassifier | RecurrentRegressor):  # sequences are dense
        expected |= {"check_sample_weight_equivalence_on_sparse_data"}
    if is_classifier(estimator):
        expected |= {"check_class_weight_classifiers", "check_classifiers_multilabel_output_format_decision_function"}
    else:
        expected |= {"check_regressor_multioutput"}
    assert expected <= names
    assert len(names) > 50


@pytest.mark.parametrize("estimator", DEFAULTS)
@pytest.mark.parametrize("check", [suite.check_param_validation, suite.check_dataframe_column_names_consistency])
def test_optional_check(check, estimator):
    run(check, type(estimator).__name__, estimator)
