"""Boltzmann machines small enough to visit every state, so that all that is estimated elsewhere is exact here."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit, logsumexp

from sknn_scratch.nn import divergence as module
from sknn_scratch.nn.arena import Arena
from sknn_scratch.nn.boltzmann import Boltzmann, states
from sknn_scratch.nn.divergence import Divergence
from sknn_scratch.nn.layers.base import Mode
from sknn_scratch.nn.penalty import ElasticNet
from sknn_scratch.nn.rows import Rows
from tests.differences import assert_gradient

V = np.vstack(list(states(5, float)))
H = np.vstack(list(states(4, float)))
rng = np.random.default_rng(0)
ROWS = rng.integers(2, size=(7, 5)).astype(float)


def machine(shape=(4, 5), gaussian=False, scale=1.0):
    made = Boltzmann(shape, np.float64, gaussian)
    made.theta[:] = scale * np.random.default_rng(1).normal(size=made.n_trained)
    return made


def assert_differences(m, function):
    """Compare `m.gradient` with the slopes of a function of the machine."""

    def f(theta):
        m.theta[:] = theta
        return float(function())

    assert_gradient(f, m.theta.copy(), m.gradient, np.random.default_rng(3))


def energy(m, v, h):
    """E(v, h) of each pair, by its definition."""
    coupling = np.einsum("ai,ji,bj->ab", v, m.weights, h) + (h @ m.hidden)[None]
    if m.gaussian:
        return 0.5 * ((v - m.visible) ** 2).sum(axis=1)[:, None] - coupling
    return -(v @ m.visible)[:, None] - coupling


@pytest.mark.parametrize("gaussian", [False, True])
def test_free_energy_is_the_sum_over_hidden_states(gaussian):
    m, v = machine(gaussian=gaussian), rng.normal(size=(6, 5))
    assert_allclose(m.free_energy(v), -logsumexp(-energy(m, v, H), axis=1), rtol=1e-12)


@pytest.mark.parametrize("shape", [(4, 5), (5, 4)])  # summed over the hidden or over the visible side
def test_partition_function_is_the_sum_over_all_states(shape):
    m = machine(shape)
    v, h = (np.vstack(list(states(n, float))) for n in (shape[1], shape[0]))
    assert_allclose(m.log_partition(), logsumexp(-energy(m, v, h)), rtol=1e-12)
    assert_allclose(np.exp(-m.free_energy(v) - m.log_partition()).sum(), 1, rtol=1e-12)


def test_gaussian_density_integrates_to_1():
    m = machine((3, 2), gaussian=True)
    axis = np.linspace(-12, 12, 400)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    density = np.exp(-m.free_energy(grid) - m.log_partition())
    assert_allclose(density.sum() * (axis[1] - axis[0]) ** 2, 1, rtol=1e-8)


def test_conditional_means_are_those_of_the_joint_distribution():
    m = machine()
    joint = np.exp(-energy(m, V, H))
    assert_allclose(m.hidden_means(V), joint @ H / joint.sum(axis=1, keepdims=True), rtol=1e-10)
    assert_allclose(m.visible_means(H), joint.T @ V / joint.sum(axis=0)[:, None], rtol=1e-10)


@pytest.mark.parametrize("gaussian", [False, True])
def test_gradient_of_the_free_energy_is_that_by_differences(gaussian):
    m, share = machine(gaussian=gaussian), rng.random(len(ROWS))
    m.set_gradient(ROWS, m.hidden_means(ROWS), share)
    assert_differences(m, lambda: share @ m.free_energy(ROWS))


def set_difference(m, rows, p):
    """Write the gradient of the mean free energy of rows minus that of all states, which have these probabilities."""
    v = np.concatenate([rows, V])
    m.set_gradient(v, m.hidden_means(v), np.concatenate([np.full(len(rows), 1 / len(rows)), -p]))


def test_data_term_minus_model_term_is_the_exact_gradient():
    """Against the moments of the joint distribution, <v h> of the data minus <v h> of the model."""
    m = machine()
    p = np.exp(-m.free_energy(V) - m.log_partition())
    set_difference(m, ROWS, p)
    joint = np.exp(-energy(m, V, H) - m.log_partition())
    h_of_rows = expit(ROWS @ m.weights.T + m.hidden)
    exact = [
        np.einsum("ab,bj,ai->ji", joint, H, V) - h_of_rows.T @ ROWS / len(ROWS),
        joint.sum(axis=0) @ H - h_of_rows.mean(axis=0),
        joint.sum(axis=1) @ V - ROWS.mean(axis=0),
    ]
    assert_allclose(m.gradient, np.concatenate([part.ravel() for part in exact]), atol=1e-12)
    assert_differences(m, lambda: m.free_energy(ROWS).mean() + m.log_partition())


@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("n_rows", [7, 3])  # 3: a shorter last mini-batch
def test_sampled_gradient_has_the_exact_one_as_its_mean(persistent, n_rows):
    """From chains at equilibrium, or for CD after many steps, one mini-batch is an unbiased estimate."""
    m = machine(scale=0.5)
    p = np.exp(-m.free_energy(V) - m.log_partition())
    rows = ROWS[:n_rows]
    set_difference(m, rows, p)
    exact = m.gradient.copy()
    chains = np.zeros((200, 4)) if persistent else None
    divergence = Divergence(m, ElasticNet(), 20, chains, None, 0.0)
    draw = np.random.default_rng(2)
    mode = Mode(training=True, rng=draw, batch_rng=draw, arena=Arena(np.float64))
    estimates = []
    for _ in range(200 if persistent else 600):
        divergence.value_and_gradient(Rows(rows, np.empty((n_rows, 0))), mode)
        estimates.append(m.gradient.copy())
    error = np.std(estimates, axis=0) / np.sqrt(len(estimates))
    assert (np.abs(np.mean(estimates, axis=0) - exact) < 5 * error).all()


def test_weighted_gradient_is_that_of_repeated_rows():
    m, counts = machine(scale=0.5), np.array([1, 3, 2])
    mode = [Mode(True, np.random.default_rng(0), np.random.default_rng(0), Arena(np.float64)) for _ in range(2)]
    chains = np.zeros((10, 4))
    weighted = Rows(ROWS[:3], np.empty((3, 0)), counts / 2.0)
    repeated = Rows(np.repeat(ROWS[:3], counts, axis=0), np.empty((6, 0)))
    Divergence(m, ElasticNet(), 1, chains, 0.2, 0.5).value_and_gradient(weighted, mode[0])
    first = m.gradient.copy()
    Divergence(m, ElasticNet(), 1, chains, 0.2, 0.5).value_and_gradient(repeated, mode[1])
    assert_allclose(m.gradient, first, rtol=1e-12)


@pytest.mark.parametrize("chains", [None, np.zeros((5, 4))])
def test_gradient_of_shards_is_that_of_the_whole(chains, monkeypatch):
    """With visible biases so large that no sample is left to chance."""
    monkeypatch.setattr(module, "WORTH_SHARING", 1)
    monkeypatch.setattr(module, "SMALL_SHARD", 2)
    m = machine()
    m.visible *= 1000
    divergence = Divergence(m, ElasticNet(0.1), 2, chains, 0.2, 0.5)
    rows = Rows(ROWS, np.empty((7, 0)), np.arange(7.0))

    def gradient():
        draw = np.random.default_rng(0)
        divergence.value_and_gradient(rows, Mode(True, draw, draw, Arena(np.float64)))
        return m.gradient.copy()

    whole = gradient()
    with divergence.in_threads(7):
        assert_allclose(gradient(), whole, rtol=1e-10)
        assert len(divergence._twins) == 3
    if chains is not None:
        assert divergence.chains.shape == (5, 4)


def test_sparsity_is_the_gradient_of_a_cross_entropy():
    """Of the mean activations: sum_j -[t log q_j + (1 - t) log(1 - q_j)] has slope q_j - t by the inputs of one row."""
    m, target = machine(), 0.1
    m.push_hidden(m.hidden_means(ROWS[:1])[0] - target, ROWS[0])

    def cross_entropy():
        q = m.hidden_means(ROWS[:1])[0]
        return -(target * np.log(q) + (1 - target) * np.log(1 - q)).sum()

    assert_differences(m, cross_entropy)


def test_conditionals_of_pixels_are_those_of_the_joint_distribution():
    m = machine()
    p = np.exp(-m.free_energy(V) - m.log_partition())
    number = V @ 2 ** np.arange(5)
    for i, log_p in enumerate(m.log_conditionals(V, np.arange(5))):
        flipped = V.copy()
        flipped[:, i] = 1 - V[:, i]
        other = p[np.searchsorted(number, flipped @ 2 ** np.arange(5))]
        assert_allclose(np.exp(log_p), p / (p + other), rtol=1e-10)
    one_each = next(m.log_conditionals(V[:5], np.arange(5)[None]))
    assert_allclose(one_each, np.diag(list(m.log_conditionals(V[:5], np.arange(5)))))


@pytest.mark.parametrize("gaussian", [False, True])
def test_annealing_finds_the_partition_function(gaussian):
    m = machine((8, 16), gaussian, scale=0.7 if gaussian else 1.0)
    estimate = m.annealed_log_partition(np.random.default_rng(0), 200, 1000)
    assert abs(estimate - m.log_partition()) < 0.05
