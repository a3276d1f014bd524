"""Initial values have the spread that their papers ask for."""

import numpy as np
import pytest

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
