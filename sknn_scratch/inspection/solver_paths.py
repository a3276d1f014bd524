"""Paths of several solvers on the same function of two variables."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ..nn.arena import Array
from ..nn.solvers import SGD, AdaGrad, Adam, Momentum, RMSProp, Solver
from .drawing import AxesLike, panels

SOLVERS = {  # with learning rates for the valley below
    "SGD": (SGD(), 0.95),
    "Momentum": (Momentum(nesterov=False), 0.1),
    "AdaGrad": (AdaGrad(), 1.5),
    "RMSProp": (RMSProp(), 0.4),
    "Adam": (Adam(), 0.6),
}
MARKERS = "os^Dvx*"
N_LEVELS = 12


def _valley(x: Array, y: Array) -> Array:
    return x**2 / 20 + y**2


def _slope_of_the_valley(x: float, y: float) -> tuple[float, float]:
    return x / 10, 2 * y


class SolverPathsDisplay:
    """Paths of solvers over the contours of a function of two variables (lecture row 15).

    Parameters
    ----------
    paths : dict of ndarray of shape (n_steps + 1, 2)
        Points of the path of each solver, including the starting point, by name.
    x, y : ndarray of shape (n_x,) and (n_y,)
        Grid of the function.
    values : ndarray of shape (n_y, n_x)
        The function on the grid.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes, Figure
        The axes and their figure.
    contours_ : QuadContourSet
        Contours, at levels that increase geometrically above the smallest value.
    lines_ : dict of Line2D
        The paths, by name.

    Examples
    --------
    >>> from sknn_scratch.inspection import SolverPathsDisplay
    >>> display = SolverPathsDisplay.from_solvers(n_steps=20)
    >>> list(display.lines_)
    ['SGD', 'Momentum', 'AdaGrad', 'RMSProp', 'Adam']
    """

    def __init__(self, paths: Mapping[str, Array], x: Array, y: Array, values: Array) -> None:
        self.paths = paths
        self.x = x
        self.y = y
        self.values = values

    @classmethod
    def from_solvers(
        cls,
        solvers: Mapping[str, tuple[Solver, float]] | None = None,
        *,
        function: Callable[[Array, Array], Array] = _valley,
        gradient: Callable[[float, float], Sequence[float]] = _slope_of_the_valley,
        start: Sequence[float] = (-7.0, 2.0),
        n_steps: int = 30,
        xlim: tuple[float, float] = (-8.0, 8.0),
        ylim: tuple[float, float] = (-3.0, 3.0),
        ax: AxesLike = None,
    ) -> "SolverPathsDisplay":
        """Minimise a function with several solvers, and draw their paths.

        Parameters
        ----------
        solvers : dict of (Solver, float), default=None
            Solvers of `sknn_scratch.nn.solvers` and their learning rates, by name; if None, five of them.
        function : callable
            ``function(x, y)`` of arrays x and y; by default the long valley x^2 / 20 + y^2.
        gradient : callable
            ``gradient(x, y)`` of two numbers, which returns the two partial derivatives.
        start : (float, float)
            Starting point of all paths.
        n_steps : int, default=30
            Number of steps of each solver.
        xlim, ylim : (float, float)
            Range of the plot.
        ax : matplotlib Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : SolverPathsDisplay
            The display.
        """
        paths = {
            name: _path(solver, rate, gradient, start, n_steps)
            for name, (solver, rate) in (SOLVERS if solvers is None else solvers).items()
        }
        x, y = np.linspace(*xlim, 201), np.linspace(*ylim, 201)
        return cls(paths, x, y, function(*np.meshgrid(x, y))).plot(ax=ax)

    def plot(self, ax: AxesLike = None) -> "SolverPathsDisplay":
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : SolverPathsDisplay
            The display.
        """
        self.ax_ = panels(self, ax, (1, 1), (7, 4.5))[0, 0]
        self.figure_ = self.ax_.figure
        lowest, highest = np.min(self.values), np.max(self.values)
        levels = lowest + np.geomspace(1e-3, 1, N_LEVELS + 1)[:-1] * (highest - lowest)
        self.contours_ = self.ax_.contour(self.x, self.y, self.values, levels, colors="lightgrey", linewidths=1)
        self.lines_ = {}
        for i, (name, path) in enumerate(self.paths.items()):
            (self.lines_[name],) = self.ax_.plot(
                *np.transpose(path), marker=MARKERS[i % len(MARKERS)], markersize=4, linewidth=1, label=name
            )
        self.ax_.set(xlabel="x", ylabel="y", xlim=(self.x[0], self.x[-1]), ylim=(self.y[0], self.y[-1]))
        self.ax_.legend()
        return self


def _path(
    solver: Solver,
    rate: float,
    gradient: Callable[[float, float], Sequence[float]],
    start: Sequence[float],
    n_steps: int,
) -> Array:
    place = np.array(start, dtype=float)
    memory = np.zeros((solver.slots, 2))
    path = [place.copy()]
    for t in range(1, n_steps + 1):
        solver.step(place, np.array(gradient(*place), dtype=float), memory, t, rate)
        path.append(place.copy())
    return np.array(path)
