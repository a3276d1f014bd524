"""Samples of a restricted Boltzmann machine over the steps of Gibbs sampling."""

from collections.abc import Sequence
from itertools import pairwise
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from .._typing import MatrixLike
from ..estimators.fitted import fitted_way
from ..estimators.rbm import BernoulliRBM
from ..nn.arena import Array
from .drawing import GREY, AxesLike, as_pictures, draw_mosaic, panels, size_for
from .subject import as_rows, check_count, picture_shape


class GibbsDisplay:
    """Gibbs chains of a restricted Boltzmann machine, one per column (lecture row 35).

    Parameters
    ----------
    means : ndarray of shape (n_times, n_chains, n_features)
        Means of the visible units, given the hidden units of each chain.
    steps : sequence of int
        Numbers of steps; 0 is the start.
    image_shape : tuple (height, width, channels)
        Shape of a row as an image.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes, Figure
        The axes and their figure.
    image_ : AxesImage
        All images, one row for each number of steps.
    texts_ : list of Text
        The numbers of steps.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknn_scratch import BernoulliRBM
    >>> from sknn_scratch.inspection import GibbsDisplay
    >>> rbm = BernoulliRBM(64, random_state=0).fit(load_digits().data / 16)
    >>> GibbsDisplay.from_estimator(rbm, image_shape=(8, 8)).means.shape
    (5, 10, 64)
    """

    def __init__(self, means: Array, steps: Sequence[int], *, image_shape: tuple[int, ...]) -> None:
        self.means = means
        self.steps = steps
        self.image_shape = image_shape

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        X: MatrixLike | None = None,
        *,
        steps: Sequence[int] = (0, 1, 10, 100, 1000),
        n_chains: int = 10,
        image_shape: Sequence[int] | None = None,
        random_state: int | np.random.RandomState | None = 0,
        ax: AxesLike = None,
    ) -> "GibbsDisplay":
        """Sample from a fitted machine, and draw the chains.

        Parameters
        ----------
        estimator : BernoulliRBM
            A fitted network; or a fitted pipeline, search or FrozenEstimator that contains one, whose preceding steps
            transform X.
        X : array-like or sparse matrix of shape (n_samples, n_features), default=None
            Rows at which the chains start; if None, independent random pixels.
        steps : sequence of int, default=(0, 1, 10, 100, 1000)
            Numbers of steps after which the chains are drawn, in increasing order; 0 draws the start.
        n_chains : int, default=10
            Number of chains, from the first rows of X.
        image_shape : tuple (height, width) or (height, width, channels), default=None
            Shape of a row as an image; if None, an image of height 1.
        random_state : int, RandomState instance or None, default=0
            Determines the samples.
        ax : matplotlib Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : GibbsDisplay
            The display.
        """
        check_count(n_chains, "n_chains")
        numbers = list(steps)
        rising = all(isinstance(n, Integral) for n in numbers) and all(a < b for a, b in pairwise([-1, *numbers]))
        if not numbers or not rising:
            raise ValueError(f"steps must hold whole numbers >= 0 in rising order, got {steps}.")
        way = fitted_way(estimator, (BernoulliRBM,))
        rbm = way.estimator
        rng = check_random_state(random_state)
        n_features = rbm.n_features_in_
        start: Any = rng.randint(2, size=(n_chains, n_features)) if X is None else way.transform(X)
        v = as_rows(start[:n_chains])
        means, done = [], 0
        for n in numbers:
            v = rbm.gibbs(v, n - done, rng) if n else v
            done = n
            means.append(rbm.reconstruct(v) if n else v)
        shape = picture_shape(rbm, image_shape) or (1, n_features, 1)
        return cls(np.array(means), numbers, image_shape=shape).plot(ax=ax)

    def plot(self, ax: AxesLike = None) -> "GibbsDisplay":
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : GibbsDisplay
            The display.
        """
        n_times, n_chains, n_features = self.means.shape
        pictures = as_pictures(self.means.reshape(-1, n_features), self.image_shape)
        width, height = size_for(pictures, n_chains, 0.6)
        self.ax_ = panels(self, ax, (1, 1), (width + 0.8, height))[0, 0]
        self.image_, _ = draw_mosaic(self.ax_, pictures, n_chains, cmap=GREY)
        down = (self.image_.get_array().shape[0] + 1) / n_times
        self.texts_ = [
            self.ax_.text(-1.0, (i + 0.4) * down, f"{n} steps", ha="right", va="center", size="small")
            for i, n in enumerate(self.steps)
        ]
        self.figure_ = self.ax_.figure
        return self
