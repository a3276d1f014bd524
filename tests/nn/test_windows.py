"""Windows: how many there are, what they see, and that folding is the reverse of seeing."""

import numpy as np
import pytest

from sknn_scratch.nn.arena import Arena
from sknn_scratch.nn.windows import fold, slide, stack, unfold

PLACES = [  # size, kernel, stride, padding: how many windows, pixels that the first one begins outside
    (28, 5, 1, "valid", 24, 0),  # LeNet
    (224, 11, 4, 2, 55, 2),  # AlexNet
    (55, 3, 2, "valid", 27, 0),
    (224, 7, 2, 3, 112, 3),  # ResNet
    (13, 6, 5, "valid", 2, 0),  # the example of TensorFlow's documentation: pixels 12 and 13 are left out
    (13, 6, 5, "same", 3, 1),  # and here 1 zero before, 2 behind
    (7, 2, 2, "valid", 3, 0),
    (28, 3, 1, "same", 28, 1),
    (28, 4, 1, "same", 28, 1),
    (5, 1, 3, "same", 2, 0),
    (2, 9, 1, "same", 2, 4),
    (3, 3, 7, "valid", 1, 0),
    (np.int64(4), np.int64(2), np.int64(1), np.int64(3), 9, 3),
]


@pytest.mark.parametrize(("size", "kernel", "stride", "padding", "count", "before"), PLACES)
def test_how_many_windows(size, kernel, stride, padding, count, before):
    down, across = slide("Layer", (size, size, 3), kernel, stride, padding)
    assert down == across
    assert (down.count, down.before) == (count, before)


@pytest.mark.parametrize(("size", "kernel", "stride", "padding"), [place[:4] for place in PLACES])
def test_meet_finds_the_pixel_in_a_cell(size, kernel, stride, padding):
    """A window that begins at pixel p sees pixel p + j in cell j."""
    windows, _ = slide("Layer", (size, size, 1), kernel, stride, padding)
    begins = np.arange(windows.count) * stride - windows.before
    for cell in range(kernel):
        seen, pixels = windows.meet(cell)
        inside = (begins + cell >= 0) & (begins + cell < size)
        np.testing.assert_array_equal(np.arange(windows.count)[seen], np.flatnonzero(inside))
        np.testing.assert_array_equal(np.arange(size)[pixels], (begins + cell)[inside])


IMAGES = [  # image, kernel, stride, padding
    ((5, 7, 1), (3, 2), 1, "valid"),
    ((5, 7, 3), 3, 2, "same"),
    ((7, 5, 6), (2, 3), (3, 2), 1),
    ((4, 3, 5), 2, 1, (0, 4)),  # with windows that see nothing but zeros
    ((6, 5, 2), 1, 3, "valid"),
]


@pytest.mark.parametrize(("image", "kernel", "stride", "padding"), IMAGES)
def test_stacks_of_lines_are_cut_from_the_padded_image(image, kernel, stride, padding):
    x = np.random.default_rng(0).normal(size=(2, *image))
    down, across = windows = slide("Layer", image, kernel, stride, padding)
    padded = np.pad(x, [(0, 0), (down.before, 9), (across.before, 9), (0, 0)])
    expected = [
        [
            padded[:, i * down.stride :, j * across.stride :][:, : down.kernel, : across.kernel]
            for j in range(across.count)
        ]
        for i in range(down.count)
    ]  # (oh, ow, n, kh, kw, c)
    seen = stack(unfold(x, windows, Arena(np.float64)), down.kernel, down.stride, down.count)
    seen = seen.reshape(down.count, down.kernel, across.kernel, image[2], across.count, len(x))
    np.testing.assert_array_equal(seen.transpose(0, 4, 5, 1, 2, 3), expected)


@pytest.mark.parametrize(("image", "kernel", "stride", "padding"), IMAGES)
def test_folding_is_the_transpose_of_unfolding(image, kernel, stride, padding):
    rng, arena = np.random.default_rng(0), Arena(np.float64)
    x = rng.normal(size=(2, *image))
    windows = slide("Layer", image, kernel, stride, padding)
    lines = unfold(x, windows, arena)
    pieces = rng.normal(size=lines.shape)
    inside = slice(windows[0].before, windows[0].before + image[0])
    folded = fold(pieces[inside], windows, len(x), arena)
    np.testing.assert_allclose(np.vdot(folded, x), np.vdot(pieces[inside], lines[inside]))
