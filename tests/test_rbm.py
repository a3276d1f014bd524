"""BernoulliRBM as an estimator: scikit-learn's checks, its interface, and a distribution that it has to learn."""

import pickle
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.neural_network import BernoulliRBM as OfScikitLearn
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from sknn_scratch import BernoulliRBM
from sknn_scratch.nn.boltzmann import states
from sknn_scratch.nn.solvers import Adam
from tests.test_estimator_checks import run

X = (load_digits().data[:300] / 16).astype(np.float64)
GAUSSIAN = {"visible": "gaussian", "learning_rate": 0.01}


@parametrize_with_checks([BernoulliRBM()])  # more of them in the matrix
@pytest.mark.filterwarnings("ignore:Visible units")
def test_check(estimator, check):
    run(check, estimator)


def test_suite_is_whole():
    names = {check.func.__name__ for _, check in estimator_checks_generator(BernoulliRBM())}
    expected = {
        "check_methods_sample_order_invariance",  # which scikit-learn's machine fails
        "check_methods_subset_invariance",
        "check_sample_weight_equivalence_on_dense_data",
        "check_sample_weight_equivalence_on_sparse_data",
        "check_transformer_preserve_dtypes",
    }
    assert expected <= names


def bars_and_stripes(n):
    """All images of full rows, and all of full columns."""
    lines = np.vstack(list(states(n, float)))
    images = np.repeat(lines[:, :, None], n, axis=2)
    return np.unique(np.concatenate([images, images.transpose(0, 2, 1)]).reshape(-1, n * n), axis=0)


def test_persistent_chains_learn_bars_and_stripes():
    """No model is better than -ln 14 = -2.64 a row; scikit-learn's comes to -3.2 at best.

    The last batch has 4 rows, with which the gradient of scikit-learn's leads below -6.24, no model at all.
    """
    bars = bars_and_stripes(3)
    assert len(bars) == 14
    rbm = BernoulliRBM(16, n_gibbs=5, learning_rate=0.2, batch_size=10, n_iter=2000, random_state=0).fit(bars)
    assert -3.18 < rbm.log_likelihood(bars).mean() < -np.log(14)
    everything = np.vstack(list(states(9, float)))
    assert_allclose(np.exp(rbm.log_likelihood(everything)).sum(), 1, rtol=1e-10)


def test_score_samples_is_the_mean_of_scikit_learns():
    """Its single random pixel times the number of pixels has the sum over all pixels as its mean."""
    rbm = BernoulliRBM(8, random_state=0).fit(X)
    other = OfScikitLearn(8, n_iter=1, random_state=np.random.RandomState(0)).fit(X)
    for name in ("components_", "intercept_hidden_", "intercept_visible_"):
        setattr(other, name, getattr(rbm, name).astype(float))
    draws = np.array([other.score_samples(X[:20]) for _ in range(2000)])
    error = draws.std(axis=0) / np.sqrt(len(draws))
    assert (np.abs(draws.mean(axis=0) - rbm.score_samples(X[:20])) < 5 * error).all()
    assert_allclose(other.transform(X), rbm.transform(X), rtol=1e-6)
    assert_allclose(other._free_energy(X), rbm.free_energy(X), rtol=1e-6)


def test_annealing_is_near_the_exact_likelihood():
    bars = bars_and_stripes(4)
    wide = BernoulliRBM(21, batch_size=30, n_iter=300, random_state=0).fit(np.hstack([bars, bars]))  # 32 visible units
    narrow = BernoulliRBM(20, random_state=0).fit(np.hstack([bars, bars]))
    for name in ("components_", "intercept_hidden_", "intercept_visible_"):  # the 21st unit sees nothing
        given = getattr(wide, name)
        setattr(narrow, name, given[:20] if len(given) == 21 else given)
    wide.components_[20], wide.intercept_hidden_[20] = 0, 0
    rows = np.hstack([bars, bars])
    assert_allclose(wide.log_likelihood(rows), narrow.log_likelihood(rows), atol=0.05)


def test_x_out_of_range_is_warned_of_once():
    with pytest.warns(UserWarning, match="from 0 to 1, and X goes from -3 to 5") as record:
        BernoulliRBM(4, random_state=0).fit([[-3.0, 0.2], [0.5, 5.0]]).transform([[-3.0, 0.2]])
    assert len(record) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        BernoulliRBM(4, **GAUSSIAN, random_state=0).fit([[-3.0, 0.2], [0.5, 5.0], [1, 2]])


@pytest.mark.parametrize("settings", [{}, {"persistent": False}, {"solver": "adam", "learning_rate": 0.01}])
def test_parts_are_the_whole(settings):
    """fit at a constant rate is as many calls of partial_fit, bit for bit."""
    whole = BernoulliRBM(8, n_iter=3, schedule="constant", random_state=0, **settings).fit(X)
    parts = BernoulliRBM(8, n_iter=3, random_state=0, **settings)
    for _ in range(3):
        parts.partial_fit(X)
        parts = pickle.loads(pickle.dumps(parts))
    assert_array_equal(parts.components_, whole.components_)
    assert parts.history_["loss"] == whole.history_["loss"]
    assert parts.n_iter_ == 3


def test_killed_fit_goes_on_from_its_checkpoint(tmp_path):
    settings = {"n_components": 8, "n_iter": 4, "random_state": 0}
    whole = BernoulliRBM(**settings).fit(X)
    rbm = BernoulliRBM(**settings, checkpoint=tmp_path / "rbm")

    def fail(estimator, epoch, record):
        if epoch == 3:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        rbm.set_callbacks(fail).fit(X)
    assert not hasattr(rbm, "components_")
    rbm.set_callbacks().fit(X)
    assert rbm.n_iter_ == 4
    assert_array_equal(rbm.components_, whole.components_)
    assert_array_equal(rbm.h_samples_, whole.h_samples_)
    assert not hasattr(rbm, "partial_fit")


@pytest.mark.parametrize("visible", ["bernoulli", "gaussian"])
def test_sparse_rows_are_dense_ones(visible):
    binary = (X > 0.5).astype(float)
    settings = {"n_components": 8, "n_iter": 3, "visible": visible, "learning_rate": 0.01, "random_state": 0}
    rbm = BernoulliRBM(**settings).fit(sparse.csr_array(binary))
    assert_allclose(rbm.transform(sparse.csr_array(binary)), rbm.transform(binary), rtol=1e-12)
    if visible == "bernoulli":  # sparse rows are scaled and not shifted
        assert_array_equal(rbm.components_, BernoulliRBM(**settings).fit(binary).components_)


def test_units_of_gaussian_machines_are_those_of_x():
    rows = np.random.default_rng(0).normal([100, -5, 0], [20, 0.1, 1], size=(500, 3))
    settings = GAUSSIAN | {"n_iter": 20, "shuffle": False, "random_state": 0}
    rbm = BernoulliRBM(6, **settings).fit(rows)
    drawn = rbm.sample(4000, 50, random_state=0)
    assert_allclose(drawn.mean(axis=0), rows.mean(axis=0), atol=0.15 * np.array([20, 0.1, 1]).max())
    assert_allclose(drawn.std(axis=0), rows.std(axis=0), rtol=0.1)
    assert_allclose(rbm.inverse_transform(rbm.transform(rows)), rbm.reconstruct(rows))
    in_other_units = BernoulliRBM(6, **settings).fit(8 * rows)
    assert_allclose(rbm.log_likelihood(rows) - in_other_units.log_likelihood(8 * rows), 3 * np.log(8), rtol=1e-4)


def test_samples_have_the_distribution_of_the_machine():
    bars = bars_and_stripes(2)
    rbm = BernoulliRBM(4, n_iter=500, random_state=0).fit(bars)
    everything = np.vstack(list(states(4, float)))
    p = np.exp(rbm.log_likelihood(everything))
    drawn = rbm.sample(20_000, 100, random_state=0)
    counts = np.bincount((drawn @ 2 ** np.arange(4)).astype(int), minlength=16)
    assert (np.abs(counts - 20_000 * p) < 5 * np.sqrt(20_000 * p * (1 - p)) + 1).all()
    assert_array_equal(rbm.gibbs(bars, 3, random_state=1), rbm.gibbs(bars, 3, random_state=1))


def test_sparsity_lowers_the_activations():
    usual = BernoulliRBM(16, random_state=0).fit(X).transform(X).mean()
    sparse_units = BernoulliRBM(16, sparsity=0.05, sparsity_weight=1.0, random_state=0).fit(X).transform(X).mean()
    assert sparse_units < 0.1 < usual


def test_callbacks_and_a_solver_recipe():
    records = []
    rbm = BernoulliRBM(4, solver=Adam(beta_1=0.5), learning_rate=0.01, random_state=0)
    rbm.set_callbacks(lambda estimator, epoch, record: records.append(record) or epoch == 2)
    rbm.fit(X)
    assert [record["loss"] for record in records] == rbm.history_["loss"]
    assert rbm.n_iter_ == 2
    assert rbm.stop_reason_ == "a callback asked to stop"


def test_divergence_is_an_error_that_changes_nothing():
    rbm = BernoulliRBM(4, random_state=0).fit(X)
    before = rbm.components_.copy()
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="Training diverged in epoch"):
        rbm.set_params(**GAUSSIAN | {"learning_rate": 1e6}, n_iter=50).fit(X)
    assert_array_equal(rbm.components_, before)


def test_wrong_width_of_hidden_units():
    with pytest.raises(ValueError, match="X has 3 columns, and the machine has 4 hidden units"):
        BernoulliRBM(4, random_state=0).fit(X).inverse_transform(np.zeros((2, 3)))
