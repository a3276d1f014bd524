"""L-BFGS: the minima it finds are those that others find, and an L1 penalty's zeros are exact."""

import tracemalloc

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import ElasticNet as TheirElasticNet
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge

from sknn_scratch.nn import lbfgs as lbfgs_module
from sknn_scratch.nn.layers import Dense, DropConnect, Dropout, GaussianNoise, Standardize, Tanh
from sknn_scratch.nn.lbfgs import LBFGS
from sknn_scratch.nn.learner import Diverged
from sknn_scratch.nn.losses import BinaryCrossEntropy, SoftmaxCrossEntropy, SquaredError
from sknn_scratch.nn.network import Network
from sknn_scratch.nn.objective import Objective
from sknn_scratch.nn.penalty import ElasticNet
from sknn_scratch.nn.rows import Rows
from tests.nn.tables import label, mode

N, N_IN, N_OUT = 80, 6, 3
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, N_IN)) * [1, 2, 3, 1, 1, 1]
TARGET = X[:, :3] @ RNG.normal(size=(3, N_OUT)) + [5, 0, -5] + RNG.normal(size=(N, N_OUT))
SIGN = (X[:, :1] - X[:, 1:2] + RNG.normal(size=(N, 1)) > 0).astype(float)


NO_PENALTY = ElasticNet()


def never(loss):
    return False


def minimise(
    layers,
    loss,
    target,
    penalty=NO_PENALTY,
    *,
    X=X,
    weight=None,
    index=None,
    max_epochs=5000,
    report=never,
    tol=1e-7,
    max_fun=100_000,
    dtype=np.float64,
):
    """Return the network at the minimum, the objective and what ran."""
    network = Network(layers, (N_IN,), dtype)
    network.initialize(np.random.default_rng(1))
    objective = Objective(network, loss, penalty)
    solver = LBFGS(objective, tol, max_fun)
    solver.run(Rows(X, target, weight), np.arange(N) if index is None else index, max_epochs, report)
    return network, objective, solver


def test_several_outputs_reach_least_squares():
    """scikit-learn's gradient is too large for its loss by the number of outputs (its issue 8349)."""
    network, _, _ = minimise([Dense(N_OUT)], SquaredError(), TARGET)
    theirs = LinearRegression().fit(X, TARGET)
    np.testing.assert_allclose(network.params[0].W, theirs.coef_.T, atol=1e-6)
    np.testing.assert_allclose(network.params[0].b, theirs.intercept_, atol=1e-6)


def test_l2_is_ridge():
    """Ours is the mean over rows and outputs: alpha N / 2 of theirs, which is the sum over both."""
    network, _, _ = minimise([Dense(2)], SquaredError(), TARGET[:, :2], ElasticNet(0.3))
    np.testing.assert_allclose(network.params[0].W, Ridge(0.3 * N * 2).fit(X, TARGET[:, :2]).coef_.T, atol=1e-6)


@pytest.mark.parametrize(
    ("penalty", "theirs"),
    [
        (ElasticNet(0.3, 1.0), Lasso(0.3, tol=1e-12)),
        (ElasticNet(1.0, 1.0), Lasso(1.0, tol=1e-12)),
        (ElasticNet(0.5, 0.6), TheirElasticNet(0.5, l1_ratio=0.6, tol=1e-12)),
    ],
    ids=label,
)
def test_l1_is_the_lasso_with_its_exact_zeros(penalty, theirs):
    network, _, _ = minimise([Dense(1)], SquaredError(), TARGET[:, :1], penalty)
    theirs.fit(X, TARGET[:, 0])
    w = network.params[0].W[:, 0]
    assert 0 < (w == 0).sum() < N_IN
    np.testing.assert_array_equal(w == 0, theirs.coef_ == 0)
    np.testing.assert_allclose(w, theirs.coef_, atol=1e-6)
    np.testing.assert_allclose(network.params[0].b, theirs.intercept_, atol=1e-6)


@pytest.mark.parametrize("alpha", [0.02, 0.1])
def test_l1_is_logistic_regression_with_its_exact_zeros(alpha):
    """Their C multiplies the sum of the losses: C = 1 / (alpha N)."""
    network, _, _ = minimise([Dense(1)], BinaryCrossEntropy(), SIGN, ElasticNet(alpha, 1.0))
    before_1_8 = {} if LogisticRegression().penalty == "deprecated" else {"penalty": "elasticnet"}
    theirs = LogisticRegression(
        C=1 / (alpha * N), l1_ratio=1.0, solver="saga", tol=1e-10, max_iter=100_000, random_state=0, **before_1_8
    ).fit(X, SIGN[:, 0])
    w = network.params[0].W[:, 0]
    assert 0 < (w == 0).sum() < N_IN
    np.testing.assert_array_equal(w == 0, theirs.coef_[0] == 0)
    np.testing.assert_allclose(w, theirs.coef_[0], atol=1e-5)


def test_zeros_of_a_deep_network_are_where_leaving_zero_costs_more_than_it_gains():
    penalty = ElasticNet(0.03, 1.0)
    network, objective, _ = minimise([Dense(4), Tanh(), Dense(1)], SquaredError(), TARGET[:, :1], penalty, tol=1e-4)
    w = network.theta[: network.n_decayed]
    assert 0 < (w == 0).sum() < w.size
    objective.value_and_gradient(Rows(X, TARGET[:, :1]), mode())  # the subgradient of least norm: 0 at a minimum
    np.testing.assert_allclose(network.gradient, 0, atol=2e-4)


@pytest.mark.parametrize("penalty", [ElasticNet(), ElasticNet(0.1), ElasticNet(0.1, 1.0)], ids=label)
def test_tol_is_the_largest_gradient_at_the_end(penalty):
    """Nothing else ends it before: a fall of the loss that is small beside the loss is still a fall."""
    network, objective, _ = minimise([Dense(N_OUT)], SquaredError(), TARGET + 100, penalty, tol=1e-5)
    objective.value_and_gradient(Rows(X, TARGET + 100), mode())
    np.testing.assert_allclose(network.gradient, 0, atol=1e-5)


def test_weights_and_index_say_which_rows_count():
    """A row of weight 2 is two rows; rows that are not in the index do not exist."""
    index, weight = np.arange(50), np.arange(N) % 3 * 1.0
    network, _, _ = minimise([Dense(N_OUT)], SquaredError(), TARGET, weight=weight, index=index)
    times = weight[index].astype(int)
    theirs = LinearRegression().fit(X[index].repeat(times, axis=0), TARGET[index].repeat(times, axis=0))
    np.testing.assert_allclose(network.params[0].W, theirs.coef_.T, atol=1e-6)


@pytest.mark.parametrize("penalty", [ElasticNet(0.1), ElasticNet(0.1, 0.5)], ids=label)
@pytest.mark.parametrize("weight", [None, np.arange(N) % 3 / 1.0], ids=["", "weighted"])
def test_passes_over_parts_of_the_rows_are_one_pass(penalty, weight, monkeypatch):
    results = []
    for rows_at_once in (N, 30):
        monkeypatch.setattr(lbfgs_module, "ROWS_AT_ONCE", rows_at_once)
        epochs = []
        settings = {"weight": weight, "max_epochs": 5, "report": epochs.append}
        network, _, _ = minimise([Dense(4), Tanh(), Dense(N_OUT)], SquaredError(), TARGET, penalty, **settings)
        results.append(np.concatenate([network.theta, *([e.loss, e.gradient_norm] for e in epochs)]))
    np.testing.assert_allclose(*results, rtol=1e-6)


def test_csr_is_dense():
    x = X * (X > 0)
    dense, _, _ = minimise([Dense(N_OUT)], SquaredError(), TARGET, X=x)
    csr, _, _ = minimise([Dense(N_OUT)], SquaredError(), TARGET, X=sparse.csr_array(x))
    np.testing.assert_allclose(csr.theta, dense.theta, atol=1e-6)


def test_kept_numbers_are_kept():
    network, _, _ = minimise([Standardize(), Dense(N_OUT)], SquaredError(), TARGET, max_epochs=3)
    assert not network.params[0].mean.any()
    assert (network.params[0].scale == 1).all()


@pytest.mark.parametrize("penalty", [ElasticNet(0.01), ElasticNet(0.01, 0.5)], ids=label)
@pytest.mark.parametrize("n_epochs", [2, 7])
def test_reports_the_objective_of_each_iteration(penalty, n_epochs):
    """Also where the two parts of a weight that L1 splits are both above zero."""
    losses, epochs, target = [], [], np.eye(2)[SIGN[:, 0].astype(int)]

    def report(epoch):
        losses.append(epoch.loss)
        epochs[:] = [epoch]
        return len(losses) == n_epochs

    layers = [Dense(4), Tanh(), Dense(2)]
    network, objective, solver = minimise(layers, SoftmaxCrossEntropy(), target, penalty, report=report)
    assert len(losses) == solver.n_epochs == n_epochs
    assert losses[-1] < losses[0]
    assert objective.value_and_gradient(Rows(X, target), mode()) == pytest.approx(losses[-1], rel=1e-12)
    np.testing.assert_allclose(epochs[0].raw, network.predict(X))


@pytest.mark.parametrize("max_epochs", [1, 4])
def test_max_epochs(max_epochs):
    assert minimise([Dense(N_OUT)], SquaredError(), TARGET, max_epochs=max_epochs)[2].n_epochs == max_epochs


def test_max_fun():
    """scipy looks at the number of evaluations after each iteration."""
    assert minimise([Dense(N_OUT)], SquaredError(), TARGET, max_fun=1)[2].n_epochs <= 1


def test_at_the_minimum_nothing_changes_and_the_loss_is_reported_once():
    network, objective, _ = minimise([Dense(N_OUT)], SquaredError(), TARGET)
    theta, solver = network.theta.copy(), LBFGS(objective, 1e-3, 100)
    solver.run(Rows(X, TARGET), np.arange(N), 10, never)
    np.testing.assert_array_equal(network.theta, theta)
    assert solver.n_epochs == 1
    assert solver.converged


def test_there_is_no_rate_to_lower():
    assert not minimise([Dense(N_OUT)], SquaredError(), TARGET, max_epochs=1)[2].lower_rate()


def test_rows_are_not_copied():
    rows = Rows(np.random.default_rng(0).normal(size=(50_000, 40)), np.zeros((50_000, 1)))
    network = Network([Dense(1)], (40,), np.float64)
    tracemalloc.start()
    LBFGS(Objective(network, SquaredError(), NO_PENALTY), 1e-7, 9).run(rows, np.arange(50_000)[::-1], 3, never)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < rows.X.nbytes / 2


def test_float32_networks_learn_too():
    network, _, _ = minimise(
        [Dense(N_OUT)], SquaredError(), TARGET.astype(np.float32), X=X.astype(np.float32), tol=1e-4, dtype=np.float32
    )
    assert network.theta.dtype == np.float32
    np.testing.assert_allclose(network.params[0].W, LinearRegression().fit(X, TARGET).coef_.T, atol=1e-3)


def test_overflow_is_divergence():
    with np.errstate(all="ignore"), pytest.raises(Diverged):
        minimise([Dense(N_OUT)], SquaredError(), TARGET, X=X * 1e300)


@pytest.mark.parametrize("layer", [Dropout(), GaussianNoise(), DropConnect(Dense(4))], ids=label)
def test_noise_is_refused(layer):
    with pytest.raises(ValueError, match=r"L-BFGS compares values of one objective.*solver='adam'"):
        minimise([layer, Dense(N_OUT)], SquaredError(), TARGET)
