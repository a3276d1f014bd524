"""Initial values have the spread that their papers ask for."""

import numpy as np
import pytest

from sknn_scratch.nn.initializers import Identity, Orthogonal
from tests.nn.tables import INITIALIZERS, label

every_initializer = pytest.mark.parametrize(("initializer", "std", "largest"), INITIALIZERS, ids=label)
N = 400 * 500


@every_initializer
def test_spread(initializer, std, largest):
    values = initializer(np.random.default_rng(0), (400, 500), (200, 100))
    assert values.shape == (400, 500)
    assert values.dtype == np.float64
    assert values.std() == pytest.approx(std, rel=5 / np.sqrt(2 * N))  # five standard errors of a normal's
    if std:
        assert abs(values.mean()) < 5 * std / np.sqrt(N)
    assert abs(values).max() <= largest
    if np.isfinite(largest):
        assert abs(values).max() == pytest.approx(largest, rel=1e-3)


@every_initializer
def test_randomness_is_an_argument(initializer, std, largest):
    one, same, other = (initializer(np.random.default_rng(seed), (5, 4), (5, 4)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any() == (std > 0)


@pytest.mark.parametrize(
    ("shape", "fan"), [((6, 4), (6, 4)), ((4, 6), (4, 6)), ((4, 4), (4, 4)), ((2, 2, 3, 5), (12, 20))]
)
def test_orthogonal_rows_or_columns(shape, fan):
    W = Orthogonal()(np.random.default_rng(0), shape, fan).reshape(-1, shape[-1])
    W = W if len(W) <= W.shape[1] else W.T
    np.testing.assert_allclose(W @ W.T, np.eye(len(W)), atol=1e-14)


def test_gates_are_a_matrix_each():
    """(3, 6) with 3 connections out of a unit: two gates."""
    one, two = np.split(Orthogonal()(np.random.default_rng(0), (3, 6), (3, 3)), 2, axis=1)
    assert (one != two).any()
    for gate in (one, two):
        np.testing.assert_allclose(gate @ gate.T, np.eye(3), atol=1e-14)
    np.testing.assert_array_equal(Identity(0.5)(None, (2, 4), (2, 2)), [[0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5]])
    np.testing.assert_array_equal(Identity()(None, (2, 3), (2, 3)), [[1, 0, 0], [0, 1, 0]])


def test_all_orthogonal_matrices_are_equally_likely():
    """In the plane the first column is then a uniform direction; without the signs it is in one half alone."""
    rng = np.random.default_rng(0)
    first = np.array([Orthogonal()(rng, (2, 2), (2, 2))[:, 0] for _ in range(400)])
    assert abs(first.mean(axis=0)).max() < 5 / np.sqrt(2 * 400)
