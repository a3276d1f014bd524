"""Hoisting: constant first layers applied once, with the bits of applying them to each mini-batch."""

import numpy as np
import pytest
from scipy import sparse

from sknn_scratch.nn.hoisting import hoist
from sknn_scratch.nn.layers import Conv2D, Dense, Dropout, Flatten, GaussianNoise, MaxPool2D, ReLU, Reshape, Standardize
from sknn_scratch.nn.layers.base import Layer
from sknn_scratch.nn.network import Network
from tests.nn.tables import draw_numbers, mode

X = np.random.default_rng(0).normal(3, 2, size=(50, 64))


def network(layers, dtype=np.float32):
    made = Network([*layers, Dense(2)], (64,), dtype)
    draw_numbers(made, np.random.default_rng(1))
    return made


@pytest.mark.parametrize(
    ("layers", "n_constant"),
    [
        ([], 0),
        ([Standardize()], 1),
        ([Standardize(), ReLU(), Dense(3)], 2),
        ([Standardize(), Dropout()], 1),
        ([GaussianNoise(), Standardize()], 0),
        ([Reshape((8, 8, 1)), MaxPool2D(), Conv2D(2), Flatten()], 2),
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("dtype_of_X", [np.float32, np.float64])
def test_bits_are_those_of_the_whole_network(layers, n_constant, dtype, dtype_of_X):
    if dtype == np.float64 and dtype_of_X == np.float32:
        return  # the result would take more memory than X
    whole, rows = network(layers, dtype), X.astype(dtype_of_X)
    rest, made = hoist(whole, rows)
    assert rest.start == n_constant
    assert made.dtype == dtype
    raw, backward = whole.forward(rows, mode(dtype))
    rest_raw, rest_backward = rest.forward(made, mode(dtype))
    np.testing.assert_array_equal(rest_raw, raw)
    backward(np.ones_like(raw))
    rest_backward(np.ones_like(raw))
    np.testing.assert_array_equal(rest.gradient, whole.gradient)
    assert rest.theta is whole.theta


def test_sparse_rows_stay_sparse():
    rows = sparse.csr_array(X * (X > 4))
    whole = network([Standardize(), Dense(3)])
    whole.params[0].mean = np.zeros(64)
    rest, made = hoist(whole, rows)
    assert made.nnz == rows.nnz
    np.testing.assert_array_equal(rest.predict(made), whole.predict(rows))
    whole = network([Standardize(), MaxPoolOfRows()])
    whole.params[0].mean = np.zeros(64)
    rest, made = hoist(whole, rows)
    assert rest.start == 1
    np.testing.assert_array_equal(rest.predict(made), whole.predict(rows))


class MaxPoolOfRows(ReLU):
    """A constant layer that needs dense rows."""


def test_sparse_rows_that_would_be_shifted_stay_as_they_are():
    rows = sparse.csr_array(X * (X > 4))
    whole = network([Standardize(), Dense(3)])
    assert hoist(whole, rows)[1] is rows


class Half(Layer):
    """Halves training rows, and draws nothing."""

    def forward(self, p, x, mode):
        return x / (2 if mode.training else 1), lambda dy, g, need_dx: dy


def test_a_layer_that_does_not_say_that_it_is_constant_is_applied_in_training():
    rest, made = hoist(network([Standardize(), Half(), ReLU()]), X)
    assert rest.start == 1
    np.testing.assert_array_equal(rest.forward(made, mode(np.float32))[0], rest.predict(made / 2))


def test_what_would_take_more_memory_stays_as_it_is(tmp_path):
    whole = network([Standardize()], np.float64)
    small = X.astype(np.float32)
    assert hoist(whole, small) == (whole, small)
    np.save(tmp_path / "X.npy", X)
    mapped = np.asarray(np.load(tmp_path / "X.npy", mmap_mode="r"))  # a view, as scikit-learn's checks return it
    assert hoist(whole, mapped) == (whole, mapped)
    assert hoist(whole, X)[0].start == 1
