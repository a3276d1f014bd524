"""
Paths of solvers on a surface
=============================

In this example, the solvers for training networks minimise a function of two variables, from the same starting point.
Grey lines are contours; the minimum is in the middle of the innermost.
"""

import matplotlib.pyplot as plt

from sknn_scratch.inspection import SolverPathsDisplay
from sknn_scratch.nn.solvers import SGD, AdaGrad, Adam, Momentum, RMSProp

# %%
# A long valley
# -------------
#
# The function is steep in one direction and almost flat in the other. Plain gradient descent oscillates across the
# valley, and with smaller steps it would hardly move along the valley. Momentum accelerates along the valley,
# oscillates, and overshoots the minimum. AdaGrad and RMSProp adapt the learning rate of each variable, and their paths
# are almost straight. Adam combines adaptive rates with momentum, and its path is in between.

display = SolverPathsDisplay.from_solvers()
display.ax_.set_title("$x^2 / 20 + y^2$, 30 steps")
for name, path in display.paths.items():
    x, y = path[-1]
    print(f"{name:9} height after 30 steps: {x**2 / 20 + y**2:.4f}")

# %%
# A curved valley
# ---------------
#
# The valley of Rosenbrock's function is narrow and curved. All solvers reach its bottom quickly. Progress along the
# valley is slower, and depends as much on the learning rates as on the solver.


def height(x, y):
    """Return Rosenbrock's function, with a wall a tenth as steep as usual. It is lowest, 0, at (1, 1)."""
    return (1 - x) ** 2 + 10 * (y - x**2) ** 2


def slope(x, y):
    """Return its two derivatives."""
    return -2 * (1 - x) - 40 * x * (y - x**2), 20 * (y - x**2)


rates = {SGD(): 0.02, Momentum(0.9): 0.01, AdaGrad(): 0.5, RMSProp(): 0.05, Adam(): 0.2}
solvers = {type(solver).__name__: (solver, rate) for solver, rate in rates.items()}
valley = {"function": height, "gradient": slope, "start": (-1.5, 1.5), "xlim": (-2, 2), "ylim": (-1, 3)}
figure, axes = plt.subplots(2, 3, figsize=(9, 6), layout="constrained")
below = axes[1, 2]  # the axes of the heights
for k, (ax, name) in enumerate(zip(axes.flat, solvers, strict=False)):
    display = SolverPathsDisplay.from_solvers({name: solvers[name]}, **valley, n_steps=60, ax=ax)
    display.lines_[name].set_color(f"C{k}")
    path = display.paths[name]
    ax.plot(1, 1, "k+", markersize=14, zorder=3)
    ax.get_legend().remove()
    ax.set_title(name)
    below.semilogy(height(*path.T), color=f"C{k}", label=name)
    print(f"{name:9} height after 60 steps: {height(*path[-1]):.4f}")
below.set(title="height", xlabel="step")
below.legend(fontsize="small")
figure.suptitle("Rosenbrock's valley, 60 steps; the minimum is +")
plt.show()
