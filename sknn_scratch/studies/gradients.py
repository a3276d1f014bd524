"""Comparison of backpropagation with finite differences."""

import copy
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from .._typing import MatrixLike
from ..estimators.tables import in_columns
from ..nn.arena import Arena
from ..nn.layers.base import Mode
from ..nn.objective import Objective
from ..nn.rows import Rows
from ..nn.trainer import Trainer
from .rehearsal import rehearse

MOST_ROWS = 32  # enough to check a formula; each evaluation uses all of them
N_DIRECTIONS = 9  # odd, for the median
# In units of the length of a direction: rounding errs by eps / STEP = 2e-10, curvature by STEP^2, and few of the
# kinks of ReLU and max pooling are so near. The median ignores the few directions that cross one.
STEP = 1e-6
# Standard deviation of a perturbation of all parameters, small against most initial values: at biases and inputs of 0 a
# ReLU is at its kink, and so is the L1 penalty of a weight that is 0; with all weights 0 there is nothing to compare.
AWAY_FROM_KINKS = 0.05
TINY = float(np.finfo(np.float64).tiny)


def check_gradient(estimator: BaseEstimator, X: MatrixLike, y: MatrixLike) -> dict[str, list[Any]]:
    """Compare backpropagation with finite differences, layer by layer, and print the comparison.

    For random directions d in the parameters theta of one layer, and of the layer its weights are tied to, the
    directional derivative of the objective f (loss and penalties, as in training, with the same random numbers for
    dropout, noise and augmentation at each evaluation) is computed twice: as the inner product of d with the gradient
    by backpropagation, and as (f(theta + h d) - f(theta - h d)) / 2h with a small h (lecture row 8).

    Parameters
    ----------
    estimator : network estimator
        A network (it is not modified); if it is not fitted, a new network is checked. Or a pipeline, fitted search or
        FrozenEstimator that contains one, whose preceding steps transform X; unfitted steps are fitted to X.
    X : array-like or sparse matrix of shape (n_samples, n_features)
        Inputs; a random sample of at most 32 rows is used.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.

    Returns
    -------
    table : dict of lists
        For each layer with parameters: "layer" (its line in `summary()`, from 0), "name", "parameters" (their number)
        and "relative_error", the median over 9 directions of ``|a - b| / max(|a|, |b|)`` for the two derivatives, in
        float64. If backpropagation is correct, the error is below 1e-5, and usually below 1e-7; with an incorrect
        formula it is about 0.01 to 1, in the layer concerned or those before it. If the gradient is nearly 0, rounding
        can also increase it.

    Raises
    ------
    TypeError
        If the estimator is not a network.
    ValueError
        If X or y does not fit.

    See Also
    --------
    scipy.optimize.check_grad : The same comparison for any function.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_scratch import MLPClassifier, check_gradient
    >>> X, y = load_iris(return_X_y=True)
    >>> table = check_gradient(MLPClassifier((8,), random_state=0), X, y)
    layer  name                           parameters  relative error
    ----------------------------------------------------------------
        1  Dense(units=8, init=Glorot())          40           ...
        3  Dense(units=3, init=Glorot())          27           ...
    >>> max(table["relative_error"]) < 1e-5
    True
    """
    trainer, rows, index = rehearse(estimator, X, y, go_on=True)
    rng = np.random.default_rng(0)
    some = rows[rng.permutation(index)[:MOST_ROWS]]
    weight = None if some.weight is None else some.weight.astype(np.float64)
    some = Rows(some.X.astype(np.float64), some.target.astype(np.float64), weight)
    if isinstance(trainer, Trainer):
        trainer.fix_noise(1.0)  # the whole penalty
    trained = trainer.objective
    network = copy.deepcopy(trained.network).astype(np.float64)
    network.theta += AWAY_FROM_KINKS * rng.standard_normal(len(network.theta))
    objective = trained.of(network)
    objective.tie(network.params)
    table: dict[str, list[Any]] = {"layer": [], "name": [], "parameters": [], "relative_error": []}
    for i, (layer, size) in enumerate(zip(network.layers, network.sizes(), strict=True)):
        if size:
            error = float(np.median(_errors(objective, some, i, rng)))
            for column, entry in zip(table.values(), (i, repr(layer), size, error), strict=True):
                column.append(entry)
    cells = [("layer", "name", "parameters", "relative error")]
    cells += [(str(i), name, f"{n:,}", f"{error:.0e}") for i, name, n, error in zip(*table.values(), strict=True)]
    print("\n".join(in_columns(cells, "><>>")))
    return table


def _errors(objective: Objective, rows: Rows, layer: int, rng: np.random.Generator) -> list[float]:
    """Return the relative errors of the derivatives in some random directions of the parameters of a layer."""
    network = objective.network
    theta = network.theta

    def value() -> float:
        seeded = np.random.default_rng(0)
        return objective.value_and_gradient(rows, Mode(True, seeded, seeded, Arena(np.float64)))

    value()
    gradient, here = network.gradient.copy(), theta.copy()
    step = network.twin()  # for its gradient, with the views of each layer
    errors = []
    for _ in range(N_DIRECTIONS):
        step.gradient[:] = 0
        for window in vars(step.grads[layer]).values():
            window[...] = rng.standard_normal(window.shape)
        objective.tie(step.grads)
        step.gradient *= STEP / np.linalg.norm(step.gradient)
        theta[:] = here + step.gradient
        difference = value()
        theta[:] = here - step.gradient
        difference = (difference - value()) / 2
        slope = float(gradient @ step.gradient)
        errors.append(abs(slope - difference) / max(abs(slope), abs(difference), TINY))
    theta[:] = here
    return errors
