"""Distinct rows: a data set is the rows it holds and what they weigh, not how they are written down."""

import numpy as np
import pytest
from scipy import sparse

from sknn_scratch.data import distinct as distinct_module
from sknn_scratch.data.distinct import distinct_rows

every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])
every_hash = pytest.mark.parametrize("collide", ["never", "always", "often"])


@pytest.fixture
def collisions(collide, monkeypatch):
    """Let different rows have one hash: all of them, or those with the same sum of sizes."""
    if collide == "always":
        monkeypatch.setattr(distinct_module, "_hash", lambda rows: np.zeros(rows.shape[0], np.uint64))
    if collide == "often":
        monkeypatch.setattr(distinct_module, "_hash", lambda rows: np.ravel(abs(rows).sum(axis=1)).astype(np.uint64))


def draw(dtype=np.float64, n=60, n_values=2):
    """Return rows of small numbers, many of them equal, with targets and weights, some of which are 0."""
    rng = np.random.default_rng(0)
    X = rng.integers(-1, n_values, size=(n, 3)).astype(dtype)
    return rng, X, rng.integers(2, size=(n, 1)).astype(float), rng.choice([0, 0.1, 0.2, 0.3, 3], size=n)


def contents(X, target, index, weight):
    """Return what a learner sees: rows, targets and weights in order."""
    X = X.toarray() if sparse.issparse(X) else X
    weight = np.ones(len(X)) if weight is None else weight
    return np.column_stack([X[index], target[index], weight[index]])


def total_of_each_row(X, target, weight):
    """Return {(row, target): weight}, the data set as it is meant."""
    totals = {}
    for row, t, w in zip(X.tolist(), target.tolist(), weight.tolist(), strict=True):
        totals[*row, *t] = totals.get((*row, *t), 0) + w
    return {key: total for key, total in totals.items() if total}


@every_dtype
@every_hash
@pytest.mark.usefixtures("collisions")
@pytest.mark.parametrize("weighted", [False, True])
def test_equal_rows_are_merged_and_their_weights_added(dtype, weighted):
    _, X, target, weight = draw(dtype)
    seen = contents(X, target, *distinct_rows(X, target, weight if weighted else None))
    totals = total_of_each_row(X, target, weight if weighted else np.ones(len(X)))
    assert len(seen) == len(totals) < len(X)
    assert {tuple(row[:-1]): pytest.approx(row[-1]) for row in seen.tolist()} == totals


@every_dtype
@every_hash
@pytest.mark.usefixtures("collisions")
@pytest.mark.parametrize("weighted", [False, True])
def test_order_of_the_rows_means_nothing(dtype, weighted):
    """To the last bit: not even the sum of three weights depends on it."""
    rng, X, target, weight = draw(dtype)
    weight = weight if weighted else None
    seen = contents(X, target, *distinct_rows(X, target, weight))
    for _ in range(5):
        order = rng.permutation(len(X))
        shuffled = X[order], target[order]
        again = distinct_rows(*shuffled, weight[order] if weighted else None)
        np.testing.assert_array_equal(contents(*shuffled, *again), seen)


@every_dtype
@every_hash
@pytest.mark.usefixtures("collisions")
@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csr_matrix])
def test_sparse_rows_are_dense_rows(dtype, kind):
    _, X, target, weight = draw(dtype)
    dense = contents(X, target, *distinct_rows(X, target, weight))
    np.testing.assert_array_equal(contents(X, target, *distinct_rows(kind(X), target, weight)), dense)


@every_hash
@pytest.mark.usefixtures("collisions")
def test_weight_k_is_k_rows():
    rng, X, target, _ = draw()
    times = rng.integers(4, size=len(X))
    weighted = contents(X, target, *distinct_rows(X, target, times.astype(float)))
    many = X.repeat(times, axis=0), target.repeat(times, axis=0)
    np.testing.assert_array_equal(contents(*many, *distinct_rows(*many, None)), weighted)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_parts_do_not_matter(kind, monkeypatch):
    _, X, target, weight = draw()
    whole = contents(X, target, *distinct_rows(kind(X), target, weight))
    monkeypatch.setattr(distinct_module, "ROWS_AT_ONCE", 7)
    np.testing.assert_array_equal(contents(X, target, *distinct_rows(kind(X), target, weight)), whole)


@every_dtype
def test_different_rows_are_all_kept_without_weights(dtype):
    rng = np.random.default_rng(0)
    X, target = rng.normal(size=(500, 4)).astype(dtype), rng.normal(size=(500, 2))
    index, weight = distinct_rows(X, target, None)
    assert weight is None
    assert sorted(index) == list(range(500))
    assert index.tolist() != sorted(index)  # not as they came


def test_rows_that_differ_in_their_last_bit_or_their_target_differ():
    X = np.array([[1.0, 2], [1, np.nextafter(2, 3)], [1, 2]])
    target = np.array([[0.0], [0], [1]])
    index, weight = distinct_rows(X, target, None)
    assert sorted(index) == [0, 1, 2]
    assert weight is None


def test_zero_weights_are_dropped_even_among_equals():
    X, target = np.ones((4, 2)), np.array([[0.0], [0], [1], [1]])
    index, weight = distinct_rows(X, target, np.array([0.0, 2, 0, 0]))
    assert index.tolist() == [1]
    assert weight[1] == 2


@every_dtype
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_minus_zero_is_zero(dtype, kind):
    X = kind(np.array([[0.0, 1], [-0.0, 1]], dtype))
    target = np.array([[0.0], [-0.0]])
    index, weight = distinct_rows(X, target, None)
    assert len(index) == 1
    assert weight[index].tolist() == [2]


@every_dtype
def test_zeros_that_are_stored_are_zeros(dtype):
    stored = sparse.csr_array((np.array([0, 3, 3], dtype), [0, 1, 1], [0, 2, 3]), shape=(2, 2))
    assert stored.nnz == 3
    index, weight = distinct_rows(stored, np.zeros((2, 1)), None)
    assert weight[index].tolist() == [2]


@every_dtype
def test_order_of_stored_columns_means_nothing(dtype):
    twice = sparse.csr_array((np.array([1, 2, 2, 1], dtype), [0, 1, 1, 0], [0, 2, 4]), shape=(2, 2))
    index, weight = distinct_rows(twice, np.zeros((2, 1)), None)
    assert weight[index].tolist() == [2]


@pytest.mark.parametrize("weighted", [False, True])
def test_unmerged_rows_stay_as_they_came_but_for_those_without_weight(weighted):
    _, X, target, weight = draw()
    index, given = distinct_rows(X, target, weight if weighted else None, merge=False)
    assert given is (weight if weighted else None)
    assert index.tolist() == [i for i, w in enumerate(weight) if w or not weighted]


def test_nothing_is_written_to():
    _, X, target, weight = draw()
    for array in (X, target, weight):
        array.flags.writeable = False
    distinct_rows(X, target, weight)


@pytest.mark.parametrize("scale", [1, 1e-300, 1e300, 2.0**-1060])
def test_hash_tells_small_grids_apart(scale):
    """Numbers with few bits, the hardest for a hash of bits: 4096 rows and no collision."""
    grid = np.stack(np.meshgrid(*[np.arange(-4.0, 4)] * 4), axis=-1).reshape(-1, 4) * scale
    assert len(np.unique(distinct_module._hash(grid))) == len(grid)
