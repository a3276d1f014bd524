"""Solvers: a table of them times a list of laws, first steps worked by hand, and scikit-learn's optimizers."""

import numpy as np
import pytest
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from sknn_scratch.nn import solvers
from sknn_scratch.nn.solvers import SGD, AdaGrad, Adam, AdamW, Momentum, NAdam, RMSProp
from tests.nn.tables import SOLVERS, label

every_solver = pytest.mark.parametrize("solver", SOLVERS, ids=label)


def walk(solver, theta, gradients, rate):
    """Yield theta after each of these gradients."""
    theta = np.array(theta, float)
    memory = np.zeros((solver.slots, len(theta)))
    for t, gradient in enumerate(gradients, start=1):
        solver.step(theta, np.array(gradient, float), memory, t, rate)
        yield theta.copy()


@pytest.mark.parametrize(
    ("solver", "rate", "gradients", "first", "second"),
    [
        (SGD(), 0.5, (2, -1), -1, -0.5),
        # v = -.1, then .5 * -.1 - .2 = -.25 (lecture row 10)
        (Momentum(0.5, nesterov=False), 0.1, (1, 2), -0.1, -0.35),
        # the same v; steps .5 * -.1 - .1 = -.15 and .5 * -.25 - .2 = -.325
        (Momentum(0.5, nesterov=True), 0.1, (1, 2), -0.15, -0.475),
        # cache = 9, then 9 + 16 = 25 (row 12): steps 3 / 3 and 4 / 5, with eps = 1 3 / 4 and 4 / 6
        (AdaGrad(), 1, (3, 4), -1, -1.8),
        (AdaGrad(eps=1), 1, (3, 4), -0.75, -0.75 - 2 / 3),
        # cache = .64 * 25 = 16, then .36 * 16 + .64 * 2.25^2 = 9 (row 13): steps 5 / 4 and 2.25 / 3
        (RMSProp(0.36), 1, (5, 2.25), -1.25, -2),
        (RMSProp(0.36, eps=1), 1, (5, 2.25), -1, -1.5625),
        # v = 5 / 4, then .5 * 1.25 + .75 = 1.375
        (RMSProp(0.36, mu=0.5), 1, (5, 2.25), -1.25, -2.625),
        # corrected means m = 1, v = 1; then m = .25 / .75 = 1 / 3, v = .4375 * .5625 / (1 - .5625^2) = .36
        (Adam(0.5, 0.5625), 1, (1, 0), -1, -1 - 5 / 9),
        (AdamW(0.5, 0.5625), 1, (1, 0), -1, -1 - 5 / 9),  # the trainer shrinks the numbers, not the solver
        # m = .5, v = .4375, corrected 1: .5 * .5 / .75 + .5 / .5 = 4 / 3; then m = .25, .125 / .875 + 0, over root .36
        (NAdam(0.5, 0.5625), 1, (1, 0), -4 / 3, -4 / 3 - 5 / 21),
        (NAdam(0.5, 0.5625, eps=1), 1, (1, 0), -2 / 3, -2 / 3 - 5 / 56),
    ],
    ids=label,
)
def test_first_two_steps_by_hand(solver, rate, gradients, first, second):
    steps = list(walk(solver, [0, 7], [[g, 0] for g in gradients], rate))  # the 7 never has a gradient
    np.testing.assert_allclose(steps, [[first, 7], [second, 7]], rtol=1e-7)


def test_settings_of_the_lecture_are_the_defaults():
    assert AdaGrad().eps == 1e-10


@pytest.mark.parametrize(
    ("solver", "other"),
    [
        (SGD(), lambda p: SGDOptimizer(p, 0.02, momentum=0, nesterov=False)),
        (Momentum(0.8, nesterov=False), lambda p: SGDOptimizer(p, 0.02, momentum=0.8, nesterov=False)),
        (Momentum(0.8, nesterov=True), lambda p: SGDOptimizer(p, 0.02, momentum=0.8, nesterov=True)),
        (Adam(), lambda p: AdamOptimizer(p, 0.02)),
        (Adam(0.7, 0.8, eps=0.1), lambda p: AdamOptimizer(p, 0.02, 0.7, 0.8, 0.1)),
    ],
    ids=label,
)
def test_path_is_that_of_scikit_learn(solver, other):
    rng = np.random.default_rng(0)
    theirs = [rng.normal(size=5)]
    optimizer = other(theirs)
    gradients = rng.normal(size=(20, 5))
    for ours, gradient in zip(walk(solver, theirs[0], gradients, 0.02), gradients, strict=True):
        optimizer.update_params(theirs, [gradient])
        np.testing.assert_allclose(ours, theirs[0], rtol=1e-12)


def test_path_of_nadam_is_that_of_the_paper():
    """Dozat 2016 with a constant mu, in the order and the letters of the paper."""
    rng = np.random.default_rng(0)
    theta, gradients = rng.normal(size=5), rng.normal(size=(20, 5))
    mu, nu, eps, m, n = 0.8, 0.95, 0.1, 0, 0
    path = walk(NAdam(mu, nu, eps), theta, gradients, 0.02)
    for t, (ours, g) in enumerate(zip(path, gradients, strict=True), start=1):
        g_hat = g / (1 - mu**t)
        m = mu * m + (1 - mu) * g
        m_hat = m / (1 - mu ** (t + 1))
        n = nu * n + (1 - nu) * g**2
        n_hat = n / (1 - nu**t)
        m_bar = (1 - mu) * g_hat + mu * m_hat
        theta = theta - 0.02 * m_bar / (np.sqrt(n_hat) + eps)
        np.testing.assert_allclose(ours, theta, rtol=1e-12)


def test_adamw_is_adam_with_a_decoupled_decay():
    assert AdamW().decoupled
    assert not Adam().decoupled


@every_solver
def test_direction_only_looks_at_the_numbers(solver):
    rng = np.random.default_rng(0)
    theta, g = rng.normal(size=(2, 4))
    theta.flags.writeable = False
    direction = solver.direction(theta, g, 1, 0.1, np.zeros((solver.slots, 4)))
    assert not np.shares_memory(direction, theta)


@every_solver
def test_descends_a_parabola(solver):
    """f(x) = (x0^2 + 5 x1^2) / 2 from (1, -1) in 500 steps of the solver's own rate."""
    curvature = np.array([1.0, 5.0])
    theta, memory = np.array([1.0, -1.0]), np.zeros((solver.slots, 2))
    for t in range(1, 501):
        solver.step(theta, curvature * theta, memory, t, max(solver.default_rate, 0.01))
    assert curvature @ theta**2 < 0.01 * curvature.sum()


@every_solver
def test_pieces_are_the_whole(solver, monkeypatch):
    rng = np.random.default_rng(0)
    n = 2 * solvers.PIECE + 5
    start, gradients = rng.normal(size=n), rng.normal(size=(3, n))
    in_pieces = list(walk(solver, start, gradients, 0.1))
    monkeypatch.setattr(solvers, "PIECE", n)
    np.testing.assert_array_equal(in_pieces, list(walk(solver, start, gradients, 0.1)))


@every_solver
def test_numbers_do_not_know_each_other(solver):
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=6), rng.normal(size=(4, 6))
    together = np.array(list(walk(solver, start, gradients, 0.1)))
    np.testing.assert_array_equal(together[:, 2:4], list(walk(solver, start[2:4], gradients[:, 2:4], 0.1)))


@every_solver
def test_float32_walks_the_same_path(solver):
    rng = np.random.default_rng(0)
    gradients = rng.normal(size=(5, 4))
    theta = np.ones(4, np.float32)
    memory = np.zeros((solver.slots, 4), np.float32)
    for t, gradient in enumerate(gradients, start=1):
        solver.step(theta, gradient.astype(np.float32), memory, t, 0.01)
    np.testing.assert_allclose(theta, list(walk(solver, np.ones(4), gradients, 0.01))[-1], rtol=1e-5)
