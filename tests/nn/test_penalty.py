"""Penalty: what it costs, which way it pulls, and when a weight is exactly zero."""

import numpy as np
import pytest

from sknn_scratch.nn.penalty import ElasticNet
from tests.differences import assert_gradient
from tests.nn.tables import PENALTIES, label

every_penalty = pytest.mark.parametrize("penalty", PENALTIES, ids=label)
every_real_penalty = pytest.mark.parametrize("penalty", [p for p in PENALTIES if p.alpha], ids=label)


@pytest.mark.parametrize(
    ("penalty", "value"),
    [
        (ElasticNet(), 0),
        (ElasticNet(0.5), 6.5),  # .5 / 2 * (1 + 0 + 9 + 16)
        (ElasticNet(0.5, 1), 4),  # .5 * (1 + 0 + 3 + 4)
        (ElasticNet(0.5, 0.25), 0.25 * 4 + 0.75 * 6.5),
    ],
    ids=label,
)
def test_value_by_hand(penalty, value):
    assert penalty.value(np.array([1.0, 0, -3, 4])) == pytest.approx(value, rel=1e-15)


@every_real_penalty
def test_gradient_away_from_zero(penalty):
    rng = np.random.default_rng(0)
    w = rng.normal(size=20)
    w += 0.1 * np.sign(w)
    g = np.zeros(20)
    penalty.add_gradient(w, g)
    assert_gradient(penalty.value, w, g, rng)


@every_penalty
def test_subgradient_is_the_one_of_least_norm(penalty):
    """Only along that one, s, does a function fall with the slope -s.s; half of the weights are zero here."""
    rng = np.random.default_rng(0)
    w = rng.normal(size=40) * rng.integers(2, size=40)
    c = 0.15 * rng.normal(size=40)  # the loss's gradient; about half of them smaller than the l1 of 0.1
    s = c.copy()
    penalty.add_gradient(w, s)
    h = 1e-7

    def total(w):
        return c @ w + penalty.value(w)

    assert (total(w - h * s) - total(w)) / h == pytest.approx(-s @ s, rel=1e-5)


def test_subgradient_by_hand():
    """l1 = .2, l2 = .3: at zero a loss's gradient within .2 is not worth a move."""
    w = np.array([2.0, -2.0, 0, 0, 0, 0])
    g = np.array([1.0, 1.0, 0.15, -0.2, 0.5, -0.5])
    ElasticNet(0.5, 0.4).add_gradient(w, g)
    np.testing.assert_allclose(g, [1.8, 0.2, 0, 0, 0.3, -0.3], atol=1e-16)


def test_orthant_by_hand():
    penalty = ElasticNet(0.1, 1.0)
    w = np.array([2.0, -2.0, 3.0, 0, 0, 0, 0])
    g = np.array([9.0, 9.0, 9.0, 1, -1, 1, 0])
    orthant = penalty.orthant(w, g)
    after = np.array([1.0, 1.0, -1e-9, -0.5, 0.5, 0.5, 0.5])
    penalty.project(after, orthant)
    np.testing.assert_array_equal(after, [1, 0, 0, -0.5, 0.5, 0, 0])


@pytest.mark.parametrize("penalty", [p for p in PENALTIES if not p.l1], ids=label)
def test_without_l1_nothing_is_set_to_zero(penalty):
    w = np.array([1.0, -1e-9, 0])
    orthant = penalty.orthant(w, np.ones(3))
    after = -w
    penalty.project(after, orthant)
    np.testing.assert_array_equal(after, -w)


@every_penalty
def test_float32_stays_float32(penalty):
    w, g = np.array([1, 0, -2], np.float32), np.array([0.05, 0.05, 3], np.float32)
    exact = g.astype(float)
    penalty.add_gradient(w.astype(float), exact)
    penalty.add_gradient(w, g)
    np.testing.assert_allclose(g, exact, rtol=1e-6)
    assert isinstance(penalty.value(w), float)
