"""Axes, mosaics of small images, and colours that survive grey printing."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .._compat import check_matplotlib_support
from ..nn.arena import Array

# matplotlib is imported only while drawing, so that its types are not known here.
Artist = Any
AxesLike = Any  # one of its Axes, or an array-like of them

# Lightness rises from end to end in both, evenly to the eye. In the middle of cividis, where zero is put, lies a
# neutral grey, blue on one side and yellow on the other: unlike the usual diverging maps, whose ends are equally dark,
# it keeps the sign on a grey print.
SIGNED = "cividis"
SEQUENTIAL = "viridis"
GREY = "gray"
MOST_NAMES = 40  # of features along an axis: more would overlap
GAP = 0.25  # between small images, as a share of their height and width: room for a label
LONGEST = 14  # characters of a label above a small image


def panels(caller: object, ax: AxesLike, shape: tuple[int, int], size: tuple[float, float], **subplots: Any) -> Array:
    """Return axes to draw on, as an array of this shape.

    Parameters
    ----------
    caller : object
        The display, for the message where matplotlib is missing.
    ax : matplotlib Axes, array-like of Axes or None
        None makes a new figure; a single Axes is divided among all panels.
    shape : (int, int)
        Panels down and across.
    size : (float, float)
        Width and height in inches of a new figure.
    **subplots : dict
        Passed to ``subplots`` if axes are made.
    """
    check_matplotlib_support(f"{type(caller).__name__}.plot")
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

    if ax is None:
        return plt.figure(figsize=size, layout="constrained").subplots(*shape, squeeze=False, **subplots)
    if not isinstance(ax, Axes):
        given = np.asarray(ax, dtype=object)
        if given.size != math.prod(shape):
            raise ValueError(f"This picture has {math.prod(shape)} panels, got {given.size} axes.")
        return given.reshape(shape)
    if shape == (1, 1):
        return np.array([[ax]])
    place = ax.get_subplotspec()
    if place is None:
        raise ValueError(f"This picture has {math.prod(shape)} panels. Pass as many axes, or one made by plt.subplots.")
    ax.set_axis_off()
    return place.subgridspec(*shape).subplots(squeeze=False, **subplots)


def as_pictures(rows: npt.ArrayLike, shape: tuple[int, ...]) -> Array:
    """Return rows as grey images (n, height, width), or as (n, height, width, 3) with colours from 0 to 1."""
    images = np.asarray(rows, dtype=float).reshape(-1, *shape)
    if shape[2] != 3:
        return images.mean(axis=3)
    images = images - images.min()
    return images / (images.max() or 1)


def mosaic(images: Array, n_columns: int) -> Array:
    """Return a mosaic of the images, with gaps of nan (white in colour) between them."""
    n, height, width, *colours = images.shape
    n_lines = -(-n // n_columns)
    down, across = (size + max(1, round(GAP * size)) for size in (height, width))
    whole = np.full((n_lines * down, n_columns * across, *colours), 1.0 if colours else np.nan)
    for i, image in enumerate(images):
        y, x = i // n_columns * down, i % n_columns * across
        whole[y : y + height, x : x + width] = image
    return whole[: n_lines * down - (down - height), : n_columns * across - (across - width)]


def draw_mosaic(
    ax: Artist, images: Array, n_columns: int, labels: Sequence[str] = (), **imshow: object
) -> tuple[Artist, list[Artist]]:
    """Draw images in lines of `n_columns`, each under its label; return the AxesImage and the labels as Text."""
    _, height, width, *_ = images.shape
    down, across = (size + max(1, round(GAP * size)) for size in (height, width))
    artist = ax.imshow(mosaic(images, n_columns), interpolation="nearest", **imshow)
    texts = [
        ax.text(
            i % n_columns * across + width / 2 - 0.5,
            i // n_columns * down - 0.5 - 0.04 * height,
            brief(label),
            ha="center",
            va="bottom",
            size="small",
        )
        for i, label in enumerate(labels)
    ]
    ax.set_axis_off()
    return artist, texts


def brief(label: str) -> str:
    """Return a label that fits above a picture."""
    return label if len(label) <= LONGEST else label[: LONGEST - 1] + "…"


def whole_ticks(axis: Artist) -> None:
    """Label an axis with whole numbers only, as for epochs and units."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))


def draw_steps(ax: Artist, values: Array, ylabel: str, **imshow: object) -> Artist:
    """Draw values of shape (steps, k) as k lines over the steps, white where they are NaN; return the AxesImage."""
    artist = ax.imshow(values.T, aspect="auto", interpolation="nearest", **imshow)
    ax.set(ylabel=ylabel)
    for axis in (ax.xaxis, ax.yaxis):
        whole_ticks(axis)
    return artist


def zero_centred(values: npt.ArrayLike) -> dict[str, Any]:
    """Return the colours of signed numbers, zero in the middle, as keywords of imshow."""
    largest = np.nanmax(np.abs(values), initial=0) or 1
    return {"cmap": SIGNED, "vmin": -largest, "vmax": largest}


def columns_for(n_images: int, aspect: float = 1.0) -> int:
    """Return the number of columns of a mosaic: about the square root, or a little more if fewer places stay empty."""
    fewest = max(1, math.ceil(math.sqrt(n_images / aspect)))
    return min(n_images, min(range(fewest, 2 * fewest + 1), key=lambda n: -n_images % n))


def size_for(images: Array, n_columns: int, inches: float = 0.9) -> tuple[float, float]:
    """Return width and height of a figure in which the longer side of each image has about this length."""
    n, height, width, *_ = images.shape
    scale = inches * (1 + GAP) / max(height, width)
    return max(2.5, n_columns * width * scale + 1), max(1.5, -(-n // n_columns) * height * scale + 0.3)
