"""With no arguments, on raw data: good, and silent."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import ConvNetClassifier, MLPClassifier, MLPRegressor
from sknn_scratch.estimators import automatic, recipes

GOALS = {  # accuracy, or R2 for numbers
    load_iris: (MLPClassifier, 0.95),
    load_wine: (MLPClassifier, 0.97),
    load_breast_cancer: (MLPClassifier, 0.965),
    load_digits: (MLPClassifier, 0.975),
    load_diabetes: (MLPRegressor, 0.45),
}


@pytest.mark.parametrize("load", GOALS, ids=lambda load: load.__name__)
def test_good_and_silent_on_raw_data(load):
    X, y = load(return_X_y=True)
    estimator, goal = GOALS[load]
    kind = KFold if estimator is MLPRegressor else StratifiedKFold
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = [
            cross_val_score(estimator(random_state=seed), X, y, cv=kind(5, shuffle=True, random_state=seed)).mean()
            for seed in range(1 if load is load_digits else 3)  # of 1797 rows one seed says enough
        ]
    assert np.mean(scores) >= goal


@pytest.mark.parametrize("load", GOALS, ids=lambda load: load.__name__)
def test_silent_behind_a_scaler(load):
    X, y = load(return_X_y=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cross_val_score(
            make_pipeline(StandardScaler(), GOALS[load][0](random_state=0)), X, y, cv=2, error_score="raise"
        )


def test_a_warning_means_that_going_on_would_help():
    X, y = load_digits(return_X_y=True)
    with pytest.warns(ConvergenceWarning, match=r"still falling after max_iter=2 epochs.*Raise max_iter"):
        short = MLPClassifier(max_iter=2, random_state=0).fit(X[:900], y[:900])
    assert MLPClassifier(max_iter=20, random_state=0).fit(X[:900], y[:900]).score(X[900:], y[900:]) > short.score(
        X[900:], y[900:]
    )


@pytest.mark.parametrize("limit", ["max_iter", "max_fun"])
def test_a_warning_of_lbfgs_names_its_own_parameters(limit, capsys):
    X, y = load_digits(return_X_y=True)
    with pytest.warns(
        ConvergenceWarning, match=f"still falling.*L-BFGS.*Raise max_iter or max_fun.*{limit}=3"
    ) as caught:
        MLPClassifier((5,), solver="lbfgs", verbose=True, random_state=0, **{limit: 3}).fit(X[:100], y[:100])
    assert "learning_rate" not in str(caught[0].message)
    lines = capsys.readouterr().out
    assert "Epoch 2" in lines
    assert "loss = " in lines
    assert "learning_rate" not in lines  # it has none
    assert "nan" not in lines


@pytest.mark.parametrize("learning_rate", ["constant", "cosine"])
@pytest.mark.parametrize("n_epochs", [5, 20, 60])
def test_a_rate_that_is_far_too_low_warns_under_every_schedule(learning_rate, n_epochs):
    X, y = load_digits(return_X_y=True)
    settings = {"solver": "sgd", "learning_rate_init": 1e-3, "random_state": 0}
    model = MLPClassifier((30,), learning_rate=learning_rate, max_iter=n_epochs, **settings)
    with pytest.warns(ConvergenceWarning, match="still falling"):
        model.fit(X[:400], y[:400])


def test_automatic_values_follow_their_formulas():
    X, y = load_digits(return_X_y=True)
    model = MLPClassifier(max_iter=10, random_state=0).fit(X[:1000], y[:1000])
    assert (model.batch_size_, model.learning_rate_init_) == (50, 0.01)
    assert model.alpha_ == pytest.approx(2 * 1000 / (1000**2 + 50**2))
    assert model.max_iter_ == 10
    model = MLPRegressor(max_iter=10, random_state=0).fit(X[:50], y[:50])
    assert model.batch_size_ == 16
    assert model.alpha_ == pytest.approx(5 * 50 / (50**2 + 50**2))


@pytest.mark.filterwarnings("ignore:The loss was still falling")
@pytest.mark.parametrize(
    ("model", "shares"),
    [
        (MLPClassifier(()), [1]),
        (MLPClassifier((1000,)), [1, 1]),  # neither the first layer nor the last one
        (MLPClassifier((1000, 20)), [1, 0.5, 1]),
        (MLPClassifier((800, 5, 5), solver="nadam"), [1, 0.625, 1, 1]),
        (MLPClassifier((2000, 5), solver="rmsprop"), [1, 0.3, 1]),
        (MLPClassifier((1000, 5), n_members=2), [1, 0.5, 1]),
        (MLPClassifier((1000, 1000), n_members=2, member_weights="shared"), [1, 1, 0.5, 1]),
        (ConvNetClassifier(), [1, 1, 500 / (7 * 7 * 32), 1]),
        (ConvNetClassifier(filters=(40, 40), kernel_size=5, pool_size=[2, 14]), [1, 500 / (5 * 5 * 40), 1, 1]),
    ],
)
def test_layers_of_many_inputs_have_a_share_of_the_automatic_rate(model, shares):
    model.set_params(max_iter=1).fit(np.eye(20, 784), np.arange(20) % 2)
    assert model.learning_rate_init_ == recipes.solver(model).default_rate
    assert of_layers_with_weights(model) == pytest.approx(shares)


def of_layers_with_weights(model):
    network = model._network
    rates = automatic.rates(model, recipes.solver(model), network)
    return [rate for rate, size in zip(rates, network.sizes(), strict=True) if size]


@pytest.mark.filterwarnings("ignore:The loss was still falling")
def test_behind_an_embedding_too_the_inputs_of_the_network_do_not_count():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=(300, 2)), np.eye(300, 800)])
    model = MLPClassifier((5, 5), max_iter=1, random_state=0).fit(X, X[:, 0] > 0)
    assert model.embedded_columns_ == (0, 1)
    assert of_layers_with_weights(model) == [1, 1, 1, 1]


@pytest.mark.parametrize("settings", [{"solver": "sgd"}, {"solver": "adagrad"}, {"learning_rate_init": 0.01}])
def test_other_rates_are_those_of_all_layers(settings):
    model = MLPClassifier((1000,), **settings)
    assert automatic.rates(model, recipes.solver(model), None) is None


@pytest.mark.parametrize(
    ("n_rows", "embedding", "n_epochs"),
    [
        *((100, None, 100), (4_001, None, 99), (8_000, None, 50), (60_000, None, 20)),
        *((100, "auto", 100), (1000, "auto", 50), (10_000, "auto", 40)),
    ],
)
def test_many_rows_need_fewer_epochs(n_rows, embedding, n_epochs):
    X = np.arange(n_rows)[:, None]
    model = MLPClassifier((2,), embedding=embedding, random_state=0)
    assert model.partial_fit(X, X[:, 0] % 2, classes=[0, 1]).max_iter_ == n_epochs
    assert model.set_params(solver="lbfgs", max_fun=1).fit(X, X[:, 0] % 2).max_iter_ == 100


def test_a_refit_has_the_schedule_of_the_fit_before():
    X = np.arange(12_000)[:, None]
    model = MLPClassifier((2,), embedding=None, early_stopping=True, n_iter_no_change=2, refit=True, random_state=0)
    assert model.fit(X, X[:, 0] > 5_000).max_iter_ == 400_000 // 12_000
    assert model.set_params(refit=False).fit(X, X[:, 0] > 5_000).max_iter_ == 400_000 // 12_000
