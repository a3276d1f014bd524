"""Codes, or other features of rows, as points in the plane."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.utils import check_consistent_length
from sklearn.utils.multiclass import type_of_target

from .._typing import MatrixLike
from ..nn.arena import Array
from .drawing import SEQUENTIAL, Artist, AxesLike, panels

MARKERS = "osD^v<>*Pp"  # so that classes are told apart on a grey print too


class CodeDisplay:
    """Codes of rows as points in the plane, coloured by class (lecture row 35).

    Parameters
    ----------
    points : ndarray of shape (n_samples, 2)
        Position of each row.
    y : array-like of shape (n_samples,), default=None
        Class labels or continuous targets, shown as colours.
    names : pair of str, default=("", "")
        Names of the axes.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes, Figure
        The axes and their figure.
    points_ : list of PathCollection
        The points of each class, or all points.
    legend_ : Legend or None
        Names of the classes.
    colorbar_ : Colorbar or None
        The scale of continuous targets.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknn_scratch import Autoencoder
    >>> from sknn_scratch.inspection import CodeDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> autoencoder = Autoencoder((64, 2), max_iter=20, random_state=0).fit(X / 16)
    >>> CodeDisplay.from_estimator(autoencoder, X / 16, y).points.shape
    (1797, 2)
    """

    def __init__(self, points: Array, y: npt.ArrayLike | None = None, names: tuple[str, str] = ("", "")) -> None:
        self.points = points
        self.y = y
        self.names = names

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        X: MatrixLike,
        y: npt.ArrayLike | None = None,
        *,
        method: str = "auto",
        random_state: int | np.random.RandomState | None = 0,
        ax: AxesLike = None,
    ) -> "CodeDisplay":
        """Draw the features that a fitted transformer computes for rows.

        Parameters
        ----------
        estimator : transformer
            A fitted transformer, such as an `Autoencoder`, a `BernoulliRBM`, `HiddenFeatures` or a pipeline that ends
            with one.
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,), default=None
            Class labels or continuous targets, shown as colours.
        method : {"auto", "units", "pca", "tsne"}, default="auto"
            How codes are mapped to the plane: their first two units, scikit-learn's `PCA`, or scikit-learn's `TSNE`,
            which preserves only neighbourhoods. "auto" is "units" for codes of two units, otherwise "pca".
        random_state : int, RandomState instance or None, default=0
            Determines the result of `TSNE`.
        ax : matplotlib Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : CodeDisplay
            The display.
        """
        from sklearn.decomposition import PCA
        from sklearn.manifold import TSNE

        if method not in ("auto", "units", "pca", "tsne"):
            raise ValueError(f'method must be "auto", "units", "pca" or "tsne", got {method!r}.')
        codes = np.asarray(estimator.transform(X), dtype=float)
        codes = codes.reshape(len(codes), -1)
        if codes.shape[1] < 2:
            raise ValueError(f"A plane needs codes of two units or more, got {codes.shape[1]}.")
        if method == "auto":
            method = "units" if codes.shape[1] == 2 else "pca"
        if method == "units":
            points, names = codes[:, :2], ("unit 0", "unit 1")
        elif method == "pca":
            pca = PCA(2).fit(codes)
            shares = pca.explained_variance_ratio_
            points = pca.transform(codes)
            names = f"component 0 ({shares[0]:.0%} of the variance)", f"component 1 ({shares[1]:.0%})"
        else:
            points, names = TSNE(random_state=random_state).fit_transform(codes), ("", "")
        return cls(points, y, names).plot(ax=ax)

    def plot(self, ax: AxesLike = None) -> "CodeDisplay":
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : CodeDisplay
            The display.
        """
        self.ax_ = panels(self, ax, (1, 1), (6, 5))[0, 0]
        self.figure_ = self.ax_.figure
        self.points_: list[Artist] = []
        self.legend_ = self.colorbar_ = None
        style: dict[str, Any] = {"s": 12, "cmap": SEQUENTIAL}
        x, y = np.asarray(self.points).T
        if self.y is None:
            self.points_.append(self.ax_.scatter(x, y, s=style["s"]))
        elif type_of_target(self.y).startswith("continuous"):
            check_consistent_length(self.points, self.y)
            self.points_.append(self.ax_.scatter(x, y, c=np.asarray(self.y), **style))
            self.colorbar_ = self.figure_.colorbar(self.points_[0], ax=self.ax_, label="y")
        else:
            check_consistent_length(self.points, self.y)
            classes, which = np.unique(np.asarray(self.y), return_inverse=True)
            for k, label in enumerate(classes):
                mine, marker = which == k, MARKERS[k % len(MARKERS)]
                colour = np.full(mine.sum(), k)
                style |= {"vmin": 0, "vmax": max(1, len(classes) - 1), "marker": marker, "label": str(label)}
                self.points_.append(self.ax_.scatter(x[mine], y[mine], c=colour, **style))
            self.legend_ = self.ax_.legend(title="y", loc="center left", bbox_to_anchor=(1, 0.5))
        self.ax_.set(xlabel=self.names[0], ylabel=self.names[1])
        return self
