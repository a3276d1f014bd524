"""Convolutional networks: `filters` and their like become blocks of layers in front of dense ones."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar

from sklearn.utils.validation import check_is_fitted

from .._compat import Interval, StrOptions
from .._docs import public
from ..data.shape import RowShape
from ..nn.layers.base import Layer, Shape
from ..nn.layers.conv import Conv2D
from ..nn.layers.pool import AveragePool2D, L2Pool2D, MaxPool2D
from ..nn.layers.reshape import Flatten
from . import recipes
from .classification import NetworkClassification
from .dense_layers import whole_numbers
from .pretrained_mlp import PretrainedMLP
from .regression import NetworkRegression

Size = int | tuple[int, int]  # of a square or of (height, width)
POOLINGS = {"max": MaxPool2D, "average": AveragePool2D, "l2": L2Pool2D}


@dataclass(eq=False, repr=False, kw_only=True)
class ConvNet(PretrainedMLP):
    """Blocks of convolution, activation and pooling, and dense layers behind them.

    Parameters
    ----------
    image_shape : tuple (height, width) or (height, width, channels), or None, default=None
        Shape of the image in each row of X, channels last. If None, it is inferred: arrays of 3 or 4 dimensions have
        it, a flat row is a square image if its length is a square, and a signal of height 1 otherwise; kernels are then
        limited to the size of the image and pooling windows to half of it. Along an axis of length 1, as in a signal
        with ``image_shape=(1, 100)``, kernels and pooling windows have length 1, and there is no padding.
    filters : int or tuple of int, default=(16, 32)
        Number of kernels in each block.
    kernel_size : int, list or tuple, default=3
        Size of the kernels: a number for all blocks, or a list with an entry for each block, which may be a pair
        (height, width). With two blocks, ``[1, 5]`` means 1 x 1 kernels in the first and 5 x 5 kernels in the second;
        for 1 x 5 kernels in both, pass ``[(1, 5), (1, 5)]``.
    stride : int or tuple, default=1
        Stride of the kernels, in the form of `kernel_size`.
    padding : "same", "valid", int or tuple, default="same"
        Zero padding: "same" keeps the size of the images, "valid" is no padding, an int is the number of zeros on each
        side; or an entry for each block.
    pool_size : int or tuple, default=2
        Size and stride of the pooling windows, or an entry for each block. Windows are limited to the remaining size of
        the image, such as a height of 1 for 2 x 32 images after one pooling.
    pooling : {"max", "average", "l2"} or None, default="max"
        Type of pooling; None for no pooling.
    augment : sequence of Layer, default=()
        Random transformations of the training images, applied in this order and drawn anew in each epoch, such as
        ``[RandomShift(2), RandomRotation(10)]`` of `sknn_scratch.nn.layers`.

    Attributes
    ----------
    image_shape_ : tuple (height, width, channels)
        Shape of an image, as given or inferred. Without `image_shape`, flat rows of 100 features are 10 x 10 images,
        and rows of 99 features 1 x 99 signals.
    """

    image_shape: Sequence[int] | None = None
    filters: int | Sequence[int] = (16, 32)
    kernel_size: int | Sequence[Size] = 3
    stride: int | Sequence[Size] = 1
    padding: str | int | Sequence[str | Size] = "same"
    pool_size: int | Sequence[Size] = 2
    pooling: str | None = "max"
    augment: Sequence[Layer] = ()

    _constraints: ClassVar[dict[str, list[object]]] = {
        "image_shape": [tuple, list, None],
        "filters": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "kernel_size": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "stride": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "padding": [StrOptions({"same", "valid"}), Interval(Integral, 0, None, closed="left"), tuple, list],
        "pool_size": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "pooling": [StrOptions(set(POOLINGS)), None],
        "augment": [tuple, list],
    }

    def _augmentation(self) -> list[Layer]:
        for recipe in self.augment:
            if not isinstance(recipe, Layer) or not recipe.is_random:
                raise ValueError(f"augment must hold recipes such as RandomShift(2), got {recipe!r}.")
        return list(self.augment)

    def _hidden_layers(self) -> list[Layer]:
        filters = list(self.filters) if isinstance(self.filters, Sequence) else [self.filters]
        if not all(isinstance(n, Integral) and n >= 1 for n in filters):
            raise ValueError(f"filters must hold whole numbers >= 1, got {self.filters}.")
        sizes = whole_numbers("hidden_layer_sizes", self.hidden_layer_sizes)
        activations = self._activations("activation", len(filters) + len(sizes))
        names = ("kernel_size", "stride", "padding", "pool_size")
        settings = [self._for_each_block(name, len(filters)) for name in names]
        shape = self._input_shape
        layers: list[Layer] = []
        for n, name, kernel, stride, padding, window in zip(filters, activations, *settings, strict=False):
            n_kernels = n * recipes.n_pieces(self, name)
            kernel, padding = self._shrink(kernel, shape, 1), self._pad(padding)
            conv = Conv2D(n_kernels, kernel, stride, padding, recipes.initializer(self))
            layers += [self._weighted(conv), recipes.activation(self, name)]
            shape = self._after(conv, shape)
            window = self._shrink(window, shape, 2)
            if shape[:2] != (1, 1) and not _channels_first(self._input_shape):  # there it is a mistake
                window = min(window[0], shape[0]), min(window[1], shape[1])
            if self.pooling is not None and window != (1, 1):
                pool = POOLINGS[self.pooling](window)
                # The maximum commutes with an activation that rises, which then has less to do.
                layers.insert(len(layers) - (self.pooling == "max" and layers[-1].rises), pool)
                shape = self._after(pool, shape)
        return [*layers, Flatten(), *self._dense(sizes, activations[len(filters) :])]

    def _after(self, layer: Layer, shape: Shape) -> Shape:
        """Return the shape of an image after a layer; where none of its windows fits, channels may have come first."""
        try:
            return layer.plan(shape)[0]
        except ValueError as error:
            image = self._input_shape
            if _channels_first(image):
                raise ValueError(
                    f"image_shape is (height, width, channels), so that {image} means {image[0]} x {image[1]} pixels "
                    f"with {image[2]} channels, which are too few for these layers. For {image[0]} channels pass "
                    f"image_shape={(*image[1:], image[0])}, and images with the channels last, as from np.moveaxis("
                    f"X.reshape({(-1, *image)}), 1, -1) of ones with the channels first. {error}"
                ) from None
            raise

    def _for_each_block(self, name: str, n_blocks: int) -> list[Any]:
        value = getattr(self, name)
        if not isinstance(value, (tuple, list)):
            return [value] * n_blocks
        pair = isinstance(value, tuple) and len(value) == 2 and all(isinstance(n, Integral) for n in value)
        if len(value) != n_blocks or (pair and 1 in value and value[0] != value[1]):  # such as a window along a line
            raise ValueError(
                f"{name} needs one entry for each of the {n_blocks} filters, got {len(value)}: {value}. An entry is a "
                f"number or a pair (height, width): a pair for all blocks is written {name}=[(height, width)] * "
                f"{n_blocks}, two numbers for two blocks {name}=[first, second]."
            )
        return list(value)

    def _shrink(self, size: Any, shape: Shape, least: int) -> tuple[int, int]:
        """Return a window as (height, width); in a guessed image `least` of them fit beside each other, or it is 1.

        Along an axis on which an image has one pixel it is 1 too.
        """
        pair = (int(size), int(size)) if isinstance(size, Integral) else tuple(size)
        if self.image_shape is None:
            pair = tuple(max(1, min(window, room // least)) for window, room in zip(pair, shape[:2], strict=True))
        return self._along_axes(pair, 1)

    def _pad(self, padding: Any) -> Any:
        """Return the padding, with none along an axis on which an image has one pixel."""
        if isinstance(padding, str):
            return padding
        return self._along_axes((padding, padding) if isinstance(padding, Integral) else padding, 0)

    def _along_axes(self, pair: Any, at_length_one: int) -> Any:
        """Return a pair (height, width), with another number along an axis on which an image has one pixel."""
        lengths = self._input_shape[:2]
        return tuple(at_length_one if n == 1 else size for size, n in zip(pair, lengths, strict=True))

    def _row_shape(self) -> RowShape:
        return RowShape(("height", "width", "channels"), "image_shape", self.image_shape, _guess, doubt=_doubt)

    @property
    def image_shape_(self) -> Shape:
        """Shape of an image, (height, width, channels); of flat rows a guess: 100 are 10 x 10, 99 are 1 x 99."""
        check_is_fitted(self)
        return self._network.input_shape


def _guess(n_features: int) -> Shape:
    """Return the shape of an image with so many pixels: a square, or else one line."""
    side = math.isqrt(n_features)
    return (side, side, 1) if side * side == n_features else (1, n_features, 1)


def _channels_first(shape: Shape) -> bool:
    """Return whether an image looks as if its first axis were that of the channels, not the last."""
    return len(shape) == 3 and shape[0] in (1, 3) and min(shape[1:]) > 3


def _doubt(shape: Shape) -> str | None:
    """Return what else an image of this shape may be meant to be, as (height, width) with or without channels."""
    if _channels_first(shape):
        return (
            f"X has images of shape {shape}, which are taken for {shape[0]} x {shape[1]} pixels with {shape[2]} "
            "channels: channels are last, (height, width, channels). If yours are first, move them: np.moveaxis(X, 1, "
            f"-1). If not, pass image_shape={shape}, which ends this warning."
        )
    if len(shape) == 2 and shape[1] <= 3 and shape[0] >= 8 * shape[1]:
        steps, channels = shape
        return (
            f"X has rows of shape {shape}, which are taken for images of {steps} x {channels} pixels with one channel. "
            f"Sequences of {steps} steps with {channels} channels are images of one line: pass X[:, None], of shape "
            f"(n, 1, {steps}, {channels}), or flat rows with image_shape=(1, {steps}, {channels}). For images pass "
            f"image_shape={shape}, which ends this warning."
        )
    return None


@public
@dataclass(eq=False, repr=False, kw_only=True)
class ConvNetClassifier(ConvNet, NetworkClassification):
    """Convolutional network for classification of images.

    X has images as flat rows of pixels, which work everywhere in scikit-learn, or is an array of shape
    (n_samples, height, width) or (n_samples, height, width, channels).

    See Also
    --------
    MLPClassifier : Network with dense layers only.
    NetworkClassifier : Network with any list of layers.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknn_scratch import ConvNetClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = ConvNetClassifier(filters=(4, 8), max_iter=3, random_state=0).fit(X[:500], y[:500])
    >>> clf.image_shape_
    (8, 8, 1)
    """


@public
@dataclass(eq=False, repr=False, kw_only=True)
class ConvNetRegressor(ConvNet, NetworkRegression):
    """Convolutional network for regression on images.

    See Also
    --------
    ConvNetClassifier : The same network for classification.
    MLPRegressor : Network with dense layers only.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknn_scratch import ConvNetRegressor
    >>> X, y = load_digits(return_X_y=True)
    >>> ConvNetRegressor(filters=4, max_iter=2, random_state=0).fit(X[:200], y[:200]).predict(X[:5]).shape
    (5,)
    """
