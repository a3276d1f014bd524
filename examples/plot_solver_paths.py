"""
Paths of solvers on a surface
=============================

The same solvers that train networks, each going down from the same point of a surface of two numbers. Grey lines are
lines of equal height; the lowest point is in the middle of the innermost.
"""

import matplotlib.pyplot as plt

from sknn_scratch.inspection import SolverPathsDisplay
from sknn_scratch.nn.solvers import SGD, AdaGrad, Adam, Momentum, RMSProp

# %%
# A long valley
# -------------
#
# Steep across, almost level along. Plain gradient descent leaps from wall to wall, and a smaller step would hardly move
# along the valley. Momentum runs along it, swings, and shoots past the goal. AdaGrad and RMSProp have a rate of their
# own for each of the two numbers, and walk almost straight. Adam has rates and momentum, and does a little of each.

display = SolverPathsDisplay.from_solvers()
display.ax_.set_title("$x^2 / 20 + y^2$, 30 steps")
for name, path in display.paths.items():
    x, y = path[-1]
    print(f"{name:9} height after 30 steps: {x**2 / 20 + y**2:.4f}")

# %%
# A bend
# ------
#
# Rosenbrock's function: the valley is narrow, and curved. All solvers find its floor at once. Going along it takes
# longer, and who is ahead depends on the rates as much as on the solver: change them and see.


def height(x, y):
    """Return Rosenbrock's function, with a wall a tenth as steep as usual. It is lowest, 0, at (1, 1)."""
    return (1 - x) ** 2 + 10 * (y - x**2) ** 2


def slope(x, y):
    """Return its two derivatives."""
    return -2 * (1 - x) - 40 * x * (y - x**2), 20 * (y - x**2)


rates = {SGD(): 0.02, Momentum(0.9): 0.01, AdaGrad(): 0.5, RMSProp(): 0.05, Adam(): 0.2}
solvers = {type(solver).__name__: (solver, rate) for solver, rate in rates.items()}
display = SolverPathsDisplay.from_solvers(
    solvers, function=height, gradient=slope, start=(-1.5, 1.5), n_steps=60, xlim=(-2, 2), ylim=(-1, 3)
)
display.ax_.plot(1, 1, "k+", markersize=14, zorder=3)
display.ax_.set_title("Rosenbrock's valley, 60 steps; the goal is +")
for name, path in display.paths.items():
    print(f"{name:9} height after 60 steps: {height(*path[-1]):.4f}")
plt.show()
