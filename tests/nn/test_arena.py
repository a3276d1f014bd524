"""An arena lends the same memory again, never twice at a time."""

import numpy as np
import pytest

from sknn_scratch.nn.arena import Arena

BATCHES = [[(100, 5), (100, 3), (3,)], [(100, 5), (100, 3), (3,)], [(7, 5), (7, 3), (3,)], [(200, 5), (200, 3), (3,)]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_loans_of_one_batch_have_the_right_shape_and_share_nothing(dtype):
    arena = Arena(dtype)
    for shapes in BATCHES:
        arena.reset()
        loans = [arena.empty(shape) for shape in shapes]
        for i, (loan, shape) in enumerate(zip(loans, shapes, strict=True)):
            assert loan.shape == shape
            assert loan.dtype == dtype
            assert loan.flags.c_contiguous
            loan[...] = i
        assert [loan.min() for loan in loans] == [loan.max() for loan in loans] == [0, 1, 2]


def test_images_lie_line_by_line():
    arena, shape = Arena(np.float32), (2, 3, 5, 4)
    images = arena.images(shape)
    assert images.shape == shape
    lines = arena.lines(images)
    assert np.shares_memory(lines, images)
    assert (lines.shape, lines.flags.c_contiguous) == ((3, 4, 5, 2), True)
    assert arena.empty_like(images).strides == images.strides
    assert arena.empty_like(images, (2, 3, 5, 7)).transpose(1, 3, 2, 0).flags.c_contiguous


@pytest.mark.parametrize("shape", [(2, 3, 5, 4), (6, 4), (7,)])
def test_other_arrays_lie_as_ever(shape):
    x = np.arange(np.prod(shape), dtype=float).reshape(shape)
    arena = Arena(float)
    assert arena.empty_like(x).strides == x.strides
    if x.ndim == 4:
        lines = arena.lines(x)
        assert lines.flags.c_contiguous
        np.testing.assert_array_equal(lines, x.transpose(1, 3, 2, 0))


@pytest.mark.parametrize("between", [(4, 3), (2, 3)], ids=["same batch", "shorter batch"])
def test_memory_is_lent_again(between):
    arena = Arena(float)
    first = arena.empty((4, 3))
    for shape in (between, (4, 3)):
        arena.reset()
        assert np.shares_memory(first, arena.empty(shape))
    assert not np.shares_memory(first, arena.empty((4, 3)))
