"""Which learner trains a network, mini-batches or L-BFGS, and what to say where it diverged or came to no end."""

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator

from ..fitting.session import EPOCHS
from ..nn.lbfgs import LBFGS
from ..nn.objective import Objective
from ..nn.rows import Matrix, Rows
from ..nn.trainer import Trainer
from . import automatic, recipes

UNSEEN_NAN = (
    "X or y contains NaN or infinity, which scikit-learn does not look for under assume_finite=True. Fill it in, for "
    "example with sklearn.impute.SimpleImputer, or leave such rows out."
)


def make_learner(estimator: BaseEstimator, objective: Objective, n_rows: int, seed: int) -> Trainer | LBFGS:
    """Return what trains the network, by the estimator's parameters, and note what "auto" meant in its attributes."""
    gradient_clip = automatic.gradient_clip(estimator)
    if estimator.solver == "lbfgs":
        if estimator.max_norm is not None or gradient_clip is not None:
            raise ValueError(
                f"max_norm={estimator.max_norm} and gradient_clip={gradient_clip} change single steps, and "
                "solver='lbfgs' chooses its steps itself. Use a stochastic solver such as solver='adam'."
            )
        return LBFGS(objective, estimator.tol, estimator.max_fun)
    solver = recipes.solver(estimator)
    estimator.batch_size_ = automatic.batch_size(estimator, n_rows)
    estimator.learning_rate_init_ = automatic.learning_rate_init(estimator, solver)
    return Trainer(
        objective=objective,
        solver=solver,
        schedule=recipes.schedule(estimator),
        base_rate=estimator.learning_rate_init_,
        batch_size=estimator.batch_size_,
        shuffle=estimator.shuffle,
        seed=(seed, EPOCHS),
        max_norm=None if estimator.max_norm is None else float(estimator.max_norm),
        gradient_clip=gradient_clip,
        rates=automatic.rates(estimator, solver, objective.network),
    )


def has_nan(X: Matrix) -> bool:
    """Return whether there is NaN in a matrix."""
    return bool(np.isnan(X if isinstance(X, np.ndarray) else X.data).any())


def divergence(estimator: BaseEstimator, rows: Rows, epoch: int) -> str:
    """Return what to say of a training on these rows that diverged in this epoch."""
    if get_config()["assume_finite"] and (has_nan(rows.X) or has_nan(rows.target)):
        return UNSEEN_NAN
    advice = [] if estimator.standardize else ["scale the inputs (standardize=True)"]
    if estimator.solver == "lbfgs":
        what = "L-BFGS"
        advice.append("raise alpha")
    else:
        rate = estimator.learning_rate_init_
        what = f"learning_rate_init={rate:g} and solver={estimator.solver!r}"
        advice.insert(0, f"lower learning_rate_init, to {rate / 10:g} for example")
    return (
        f"Training diverged in epoch {epoch}: under {what} the loss grew beyond all numbers. "
        f"Try to {' or '.join(advice)}."
    )


def too_short(estimator: BaseEstimator, n_epochs: int) -> str:
    """Return what to say of a training whose loss was still falling after its last epoch."""
    if estimator.solver == "lbfgs":
        limits = f"max_iter={estimator.max_iter_} and max_fun={estimator.max_fun}"
        return (
            f"The loss was still falling after {n_epochs} iterations of L-BFGS, so going on would help. Raise max_iter "
            f"or max_fun, whichever ended it: they are {limits}."
        )
    return (
        f"The loss was still falling after max_iter={estimator.max_iter_} epochs, so going on would help. Raise "
        "max_iter, or learning_rate_init to get there in fewer epochs."
    )
