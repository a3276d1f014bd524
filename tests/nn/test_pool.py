"""Poolings and reshapes: values worked by hand, another implementation, and where the gradient goes."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from sknn_scratch.nn.layers import AveragePool2D, Conv2D, Flatten, L2Pool2D, Maxout, MaxPool2D, Reshape
from sknn_scratch.nn.network import Network
from tests.nn.tables import mode

POOLS = {MaxPool2D: np.max, AveragePool2D: np.mean, L2Pool2D: lambda a, axis: np.linalg.norm(a, axis=axis)}
SETTINGS = [  # size, stride
    (1, None),
    (2, None),  # with 7 x 9 pixels: the last ones are left out
    (3, None),  # the last line is left out, the columns fit
    ((7, 3), None),
    (3, 2),  # overlapping, as in AlexNet
    (3, 1),
    ((2, 3), (3, 1)),  # gaps down, overlap across
    (np.int64(2), np.int64(3)),
]
every_setting = pytest.mark.parametrize(("size", "stride"), SETTINGS, ids=str)


def pooled(layer, x):
    """Return y and a function from dy to dx."""
    y, backward = layer.forward(None, x, mode())
    return y, lambda dy: backward(dy.copy(), None, True)


@pytest.mark.parametrize(
    ("layer", "y"),
    [
        (MaxPool2D(), [[5, 7], [6, 4]]),
        (AveragePool2D(), [[2.75, 4], [3, 1.5]]),
        (L2Pool2D(), [[39**0.5, 84**0.5], [54**0.5, 18**0.5]]),
        (MaxPool2D(3, 1), [[7, 7], [6, 6]]),
        (MaxPool2D((1, 4)), [[7], [5], [4], [6]]),
    ],
    ids=str,
)
def test_values_by_hand(layer, y):
    x = np.array([[1, 2, 7, 5], [3, 5, 3, 1], [3, 3, 4, 1], [0, 6, 1, 0]], float)
    np.testing.assert_allclose(pooled(layer, x.reshape(1, 4, 4, 1))[0][0, :, :, 0], y)


@pytest.mark.parametrize("pool", POOLS)
@every_setting
def test_pools_are_numpys_over_windows(pool, size, stride):
    x = np.random.default_rng(0).normal(size=(3, 7, 9, 4))
    layer = pool(size, stride)
    vertical, horizontal = np.broadcast_to(size if stride is None else stride, 2)
    windows = sliding_window_view(x, np.broadcast_to(size, 2), axis=(1, 2))[:, ::vertical, ::horizontal]
    expected = POOLS[pool](windows.reshape(*windows.shape[:4], -1), axis=-1)
    np.testing.assert_allclose(pooled(layer, x)[0], expected, rtol=1e-12)


def ones_and_zeros(rng):
    return rng.integers(2, size=(1, 7, 7, 1)).astype(float)


@pytest.mark.parametrize(
    "draw", [lambda rng: np.zeros((1, 7, 7, 1)), ones_and_zeros, lambda rng: rng.normal(size=(1, 7, 7, 1))]
)
@every_setting
def test_each_window_has_exactly_one_winner(draw, size, stride):
    """The gradient of window k is 2^k, so the bits of dx say which pixels won which windows."""
    x = draw(np.random.default_rng(0))
    y, backward = pooled(MaxPool2D(size, stride), x)
    n_windows = y.size
    dx = backward(2.0 ** np.arange(n_windows).reshape(y.shape))
    won = dx.astype(np.int64).reshape(-1, 1) >> np.arange(n_windows) & 1  # (pixels, windows)
    np.testing.assert_array_equal(won.sum(axis=0), 1)
    np.testing.assert_array_equal(x.ravel()[won.argmax(axis=0)], y.ravel())
    steps = np.broadcast_to(size if stride is None else stride, 2)
    places = np.indices(y.shape[1:3]).reshape(2, -1).T * steps  # where the windows begin
    inside = np.transpose(np.unravel_index(won.argmax(axis=0), (7, 7))) - places
    assert ((inside >= 0) & (inside < np.broadcast_to(size, 2))).all()


@pytest.mark.parametrize("pool", POOLS)
def test_pixels_beyond_the_last_whole_window_do_not_count(pool):
    x = np.random.default_rng(0).normal(size=(2, 5, 7, 3))
    y, backward = pooled(pool(2), x)
    part, part_backward = pooled(pool(2), x[:, :4, :6])
    np.testing.assert_array_equal(y, part)
    dx = backward(np.ones_like(y))
    np.testing.assert_array_equal(dx[:, :4, :6], part_backward(np.ones_like(y)))
    assert not dx[:, 4:].any()
    assert not dx[:, :, 6:].any()


def test_l2_of_nothing_has_no_gradient():
    y, backward = pooled(L2Pool2D(), np.zeros((1, 2, 2, 1)))
    assert y == 0
    np.testing.assert_array_equal(backward(np.ones((1, 1, 1, 1))), np.zeros((1, 2, 2, 1)))


@pytest.mark.parametrize("pool", POOLS)
def test_wrong_settings(pool):
    with pytest.raises(ValueError, match=rf"{pool.__name__} needs size to be a whole number >= 1 .*, got size=0"):
        pool(0)
    with pytest.raises(ValueError, match=rf"{pool.__name__} needs stride to be .*, got stride=\(1, -2\)"):
        pool(2, (1, -2))
    with pytest.raises(ValueError, match=rf"{pool.__name__}: no window of 3 x 3 fits into an image of 4 x 2"):
        pool(3).plan((4, 2, 8))
    with pytest.raises(ValueError, match=rf"{pool.__name__} needs images .*shape \(100,\).*Put Reshape"):
        pool().plan((100,))


def test_too_many_poolings():
    with pytest.raises(ValueError, match=r"MaxPool2D: no window of 2 x 2 fits into an image of 1 x 1 .*fewer poolings"):
        Network([MaxPool2D()] * 4, (8, 8, 1), np.float32)


def test_maxout_takes_the_largest_of_neighbours():
    x = np.array([[3.0, -1, 4, 1, 5, 9], [-2, -6, -5, 3, 5, -8]])
    y, backward = pooled(Maxout(3), x)
    np.testing.assert_array_equal(y, [[4, 9], [-2, 5]])
    np.testing.assert_array_equal(backward(np.array([[1.0, 2], [3, 4]])), [[0, 0, 1, 0, 0, 2], [3, 0, 0, 0, 4, 0]])


def test_maxout_over_channels():
    network = Network([Conv2D(6), Maxout(3)], (5, 4, 1), np.float64)
    network.initialize(np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(2, 5, 4, 1))
    maps = Conv2D(6).forward(network.params[0], x, mode())[0]
    np.testing.assert_array_equal(network.forward(x, mode())[0][..., 1], maps[..., 3:].max(axis=-1))


@pytest.mark.parametrize("pieces", [4, 12])
def test_maxout_needs_whole_groups(pieces):
    with pytest.raises(ValueError, match=rf"Maxout\(pieces={pieces}\) cannot cut 6 .* into groups of {pieces}\b"):
        Maxout(pieces).plan((5, 5, 6))


def test_reshape_keeps_the_order():
    x = np.arange(24.0).reshape(2, 12)
    images, back = pooled(Reshape((2, 3, 2)), x)
    assert images[1, 1, 0].tolist() == [18, 19]
    np.testing.assert_array_equal(pooled(Flatten(), images)[0], x)
    np.testing.assert_array_equal(back(images), x)


def test_reshape_needs_as_many_numbers():
    with pytest.raises(ValueError, match=r"Reshape to \(8, 8, 1\) needs rows of 64 numbers, got .*\(10, 3\).* 30"):
        Reshape((8, 8, 1)).plan((10, 3))
