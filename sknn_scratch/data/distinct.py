"""Distinct rows: a data set is a weighted set of rows, whose order means nothing, and a row of weight k is k rows."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ..nn.arena import Array
from ..nn.rows import Index, Matrix

ROWS_AT_ONCE = 256  # their temporaries stay in a cache: 60 ms for MNIST, 95 with 4096
ODD = np.uint64(0x9E3779B97F4A7C15)


def distinct_rows(
    X: Matrix, target: Any, sample_weight: npt.NDArray[np.floating] | None, *, merge: bool = True
) -> tuple[Index, npt.NDArray[np.floating] | None]:
    """Bring the rows into an order that depends on their content alone, equal ones merged.

    Rows of zero weight are dropped, equal (row, target) pairs merged and their weights added. A learner that visits
    the rows `index` with these weights, and draws its randomness by position, therefore learns the same from a row
    of weight k as from k equal rows, at any batch size, in whatever order the rows came.

    Parameters
    ----------
    X : ndarray or csr_array of shape (n_rows, n_features)
        Rows, float32 or float64.
    target : ndarray of shape (n_rows, n_outputs)
        Encoded targets, float32 or float64; or X itself.
    sample_weight : ndarray of shape (n_rows,) or None
        Non-negative weights.
    merge : bool, default=True
        With False rows of zero weight are dropped and that is all: the rows stay in their order, each for itself.

    Returns
    -------
    index : ndarray of shape (n_distinct,)
        One row of each group of equal rows, in canonical order.
    weight : ndarray of shape (n_rows,) or None
        At each row of `index` the weight of its group; None where all weights are 1.
    """
    if target is X:  # of an autoencoder: rows that are equal have equal targets
        target = np.zeros((X.shape[0], 1))
    index = np.arange(X.shape[0]) if sample_weight is None else np.flatnonzero(sample_weight)
    if not merge:
        return index, sample_weight
    key = _hash(X)[index] * ODD ^ _hash(target)[index]
    # Equal rows in the order of their weights, so that even the rounding of a group's sum does not depend on the input.
    order = np.argsort(key) if sample_weight is None else np.lexsort((sample_weight[index], key))
    index, key = index[order], key[order]
    suspects = np.flatnonzero(key[1:] == key[:-1])  # positions whose next row has the same hash
    if len(suspects) == 0:
        return index, sample_weight
    equal = _equal(X, target, index[suspects], index[suspects + 1])
    if not equal.all():  # two different rows with one 64-bit hash: sort by content instead
        index = _lexicographic(X, target, index)
        suspects = np.arange(len(index) - 1)
        equal = _equal(X, target, index[:-1], index[1:])
    first = np.ones(len(index), bool)
    first[suspects[equal] + 1] = False
    merged = np.zeros(X.shape[0])
    given = np.ones(len(index)) if sample_weight is None else sample_weight[index]
    merged[index[first]] = np.bincount(np.cumsum(first) - 1, weights=given)
    return index[first], merged


def _hash(rows: Matrix) -> npt.NDArray[np.uint64]:
    """Return a 64-bit hash of each row: the sum of its numbers' mixed bits times an odd number for each column.

    A zero adds nothing, so sparse and dense rows of the same content have the same hash. NaN, where a sequence has
    ended, adds nothing either, so padding does not matter; the number of entries that are NaN in some rows does.
    """
    shorter = False
    if isinstance(rows, np.ndarray) and np.isnan(rows[:, -1]).any():
        there = ~np.isnan(rows)
        rows = rows[:, : np.flatnonzero(there.any(axis=0))[-1] + 1]
        shorter = not there[:, : rows.shape[1]].all()
    odd = np.random.default_rng(0).integers(2**63, size=rows.shape[1], dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    hashes = np.empty(rows.shape[0], np.uint64)
    for start in range(0, rows.shape[0], ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        if not isinstance(part, np.ndarray):
            mixed: Any = sparse.csr_array((_bits(part.data), part.indices, part.indptr), shape=part.shape)
            hashes[start : start + ROWS_AT_ONCE] = mixed @ odd
        else:
            bits = np.where(np.isnan(part), np.uint64(0), _bits(part)) if shorter else _bits(part)
            hashes[start : start + ROWS_AT_ONCE] = bits @ odd
    return hashes + there.sum(axis=1).astype(np.uint64) * ODD if shorter else hashes


def _bits(numbers: npt.NDArray[np.floating]) -> npt.NDArray[np.uint64]:
    """Return the bit patterns of float32 or float64 numbers, the same for 0.0 and -0.0."""
    numbers = numbers + numbers.dtype.type(0)
    if numbers.dtype == np.float32:
        return numbers.view(np.uint32).astype(np.uint64)
    bits = numbers.view(np.uint64)
    return bits ^ (bits >> np.uint64(32))  # the low half of many doubles is empty, and products never carry downwards


def _equal(X: Matrix, target: Array, a: Index, b: Index) -> npt.NDArray[np.bool_]:
    """Tell for each pair of rows whether they are equal in X and target."""
    equal = np.all(_same(target[a], target[b]), axis=1)
    for start in range(0, len(a), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        if isinstance(X, np.ndarray):
            equal[part] &= _same(X[a[part]], X[b[part]]).all(axis=1)
        else:
            differ: Any = X[a[part]] != X[b[part]]
            equal[part] &= np.asarray(differ.sum(axis=1)).ravel() == 0
    return equal


def _same(a: Array, b: Array) -> npt.NDArray[np.bool_]:
    """Return where numbers are equal, or both NaN: where two sequences have ended."""
    return np.asarray((a == b) | (np.isnan(a) & np.isnan(b)))


def _lexicographic(X: Matrix, target: Array, index: Index) -> Index:
    """Sort rows by content alone, however slow."""
    dense = X[index] if isinstance(X, np.ndarray) else X[index].toarray()
    return index[np.lexsort(np.hstack([dense, target[index]]).T)]
