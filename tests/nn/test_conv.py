"""Layers with kernels: against another implementation, against each other, and what they refuse."""

import numpy as np
import pytest
from scipy.signal import correlate

from sknn_scratch.nn.initializers import He
from sknn_scratch.nn.layers import Conv2D, LocallyConnected2D
from tests.nn.tables import mode

CASES = [  # image, layer, zeros at the top, at the bottom, on the left, on the right
    ((7, 5, 1), Conv2D(3, 3), (0, 0, 0, 0)),
    ((7, 5, 2), Conv2D(3, (2, 3)), (0, 0, 0, 0)),
    ((5, 7, 6), Conv2D(2, 3, stride=2), (0, 0, 0, 0)),
    ((8, 5, 3), Conv2D(2, 3, stride=(3, 1)), (0, 0, 0, 0)),
    ((7, 5, 5), Conv2D(3, 3, padding="same"), (1, 1, 1, 1)),
    ((7, 5, 1), Conv2D(3, (2, 4), padding="same"), (0, 1, 1, 2)),
    ((7, 6, 5), Conv2D(2, 3, stride=2, padding="same"), (1, 1, 0, 1)),
    ((5, 5, 6), Conv2D(2, 3, padding=2), (2, 2, 2, 2)),
    ((1, 9, 1), Conv2D(2, (1, 4), padding=(0, 3)), (0, 0, 3, 3)),
    ((4, 4, 7), Conv2D(np.int64(2), np.int64(1), stride=np.int64(2)), (0, 0, 0, 0)),
]


def numbers(layer, image, rng):
    """Return an object with a random array for each of the layer's numbers."""
    params = layer.plan(image)[1]
    return type("Numbers", (), {name: rng.normal(size=param.shape) for name, param in params.items()})


@pytest.mark.parametrize(("image", "layer", "zeros"), CASES, ids=str)
def test_convolution_is_scipys_correlation(image, layer, zeros):
    rng = np.random.default_rng(0)
    p, x = numbers(layer, image, rng), rng.normal(size=(3, *image))
    top, bottom, left, right = zeros
    padded = np.pad(x, [(0, 0), (top, bottom), (left, right), (0, 0)])
    kernels = np.moveaxis(p.W, -1, 0)
    # The channels are as deep as the kernel, so that there is one position along them.
    full = [[correlate(a, kernel, "valid")[..., 0] for kernel in kernels] for a in padded]
    vertical, horizontal = np.broadcast_to(layer.stride, 2)
    expected = np.moveaxis(full, 1, -1)[:, ::vertical, ::horizontal] + p.b
    np.testing.assert_allclose(layer.forward(p, x, mode())[0], expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("image", "conv", "zeros"), CASES, ids=str)
def test_locally_connected_with_equal_kernels_is_a_convolution(image, conv, zeros):
    """Its gradients at the positions add up to that of the shared kernel."""
    local = LocallyConnected2D(conv.filters, conv.kernel_size, conv.stride, conv.padding)
    rng = np.random.default_rng(0)
    p, q = numbers(conv, image, rng), numbers(local, image, rng)
    q.W[...], q.b[...] = p.W, p.b
    x = rng.normal(size=(3, *image))
    (y, backward), (y_local, backward_local) = conv.forward(p, x, mode()), local.forward(q, x, mode())
    np.testing.assert_allclose(y_local, y, rtol=1e-12, atol=1e-12)
    g, g_local = numbers(conv, image, rng), numbers(local, image, rng)
    dy = rng.normal(size=y.shape)
    np.testing.assert_allclose(backward_local(dy, g_local, True), backward(dy, g, True), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(g_local.W.sum(axis=(0, 1)), g.W, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(g_local.b.sum(axis=(0, 1)), g.b, rtol=1e-12, atol=1e-12)


def test_locally_connected_has_a_kernel_for_each_position():
    """Two positions of one pixel each: y = 2 * 10 + 1 and 3 * 100 + 5."""
    layer = LocallyConnected2D(1, 1)
    p = numbers(layer, (1, 2, 1), np.random.default_rng(0))
    p.W[...], p.b[...] = np.reshape([10, 100], p.W.shape), np.reshape([1, 5], p.b.shape)
    np.testing.assert_allclose(layer.forward(p, np.reshape([2.0, 3.0], (1, 1, 2, 1)), mode())[0].ravel(), [21, 305])


@pytest.mark.parametrize("make", [Conv2D, LocallyConnected2D])
def test_fan_is_kernel_area_times_channels(make):
    layer = make(8, (3, 5), init=He())
    W = layer.plan((9, 9, 4))[1]["W"]
    assert W.fan == (3 * 5 * 4, 3 * 5 * 8)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"kernel_size": 0}, r"needs kernel_size to be a whole number >= 1 or a pair .*, got kernel_size=0"),
        ({"kernel_size": (3, 0)}, r"got kernel_size=\(3, 0\)"),
        ({"kernel_size": (3, 3, 3)}, r"got kernel_size=\(3, 3, 3\)"),
        ({"kernel_size": [3, 3]}, r"got kernel_size=\[3, 3\]"),
        ({"kernel_size": 2.5}, r"got kernel_size=2\.5"),
        ({"stride": 0}, r"needs stride to be a whole number >= 1 .*, got stride=0"),
        ({"padding": -1}, r"needs padding to be 'valid', 'same', a whole number >= 0 .*, got padding=-1"),
        ({"padding": "full"}, r"got padding='full'"),
    ],
    ids=str,
)
@pytest.mark.parametrize("make", [Conv2D, LocallyConnected2D])
def test_wrong_settings(make, settings, words):
    with pytest.raises(ValueError, match=f"{make.__name__} .*{words}"):
        make(4, **settings)


@pytest.mark.parametrize("make", [Conv2D, LocallyConnected2D])
def test_errors_of_the_plan_name_the_numbers(make):
    with pytest.raises(ValueError, match=r"no window of 5 x 5 fits into an image of 7 x 4 with padding='valid'"):
        make(4, 5).plan((7, 4, 1))
    with pytest.raises(ValueError, match=r"no window of 7 x 2 fits into an image of 4 x 4 with padding=1\b"):
        make(4, (7, 2), padding=1).plan((4, 4, 1))
    with pytest.raises(ValueError, match=rf"{make.__name__} needs images .*shape \(64,\).*Put Reshape"):
        make(4).plan((64,))
