"""Rows: parts of the data, whose inputs, targets and weights stay together."""

import numpy as np
import pytest
from scipy import sparse

from sknn_scratch.nn.arena import Arena
from sknn_scratch.nn.rows import Rows

RNG = np.random.default_rng(0)
X, TARGET, WEIGHT = RNG.integers(3, size=(8, 4)).astype(float), RNG.normal(size=(8, 2)), RNG.random(8)
INDEX = np.array([5, 0, 5, 7])

every_kind = pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array, lambda X: X.reshape(8, 2, 2)])
with_and_without_weights = pytest.mark.parametrize("weight", [None, WEIGHT], ids=["", "weighted"])


def arrays(rows):
    return [a.toarray() if sparse.issparse(a) else a for a in (rows.X, rows.target, rows.weight) if a is not None]


def assert_rows(rows, expected):
    assert (rows.weight is None) == (expected.weight is None)
    for a, b in zip(arrays(rows), arrays(expected), strict=True):
        np.testing.assert_array_equal(a, b)


def shared(rows, whole):
    """Return which arrays of the rows lie in those of the whole."""
    return [np.shares_memory(a, b) for a, b in zip(arrays(rows), arrays(whole), strict=True)]


@every_kind
@with_and_without_weights
def test_parts_keep_together_what_belongs_together(kind, weight):
    rows = Rows(kind(X), TARGET, weight)
    assert len(rows) == 8
    for part in (slice(2, 5), slice(6, 99), INDEX):
        expected = Rows(kind(X)[part], TARGET[part], None if weight is None else weight[part])
        assert_rows(rows[part], expected)
        assert len(rows[part]) == len(TARGET[part])


@with_and_without_weights
def test_slices_are_views_and_index_arrays_copies(weight):
    rows = Rows(X, TARGET, weight)
    assert all(shared(rows[2:5], rows))
    assert not any(shared(rows[INDEX], rows))


@every_kind
@with_and_without_weights
def test_mini_batch_is_the_rows_of_its_index(kind, weight):
    rows, arena = Rows(kind(X), TARGET, weight), Arena(np.float64)
    batch = rows.take(INDEX, arena)
    assert_rows(batch, rows[INDEX])
    assert not any(shared(batch, rows))
    if isinstance(rows.X, np.ndarray):
        arena.reset()
        assert arena.empty(batch.X.shape) is batch.X  # dense inputs lie there, to be overwritten by the next batch
