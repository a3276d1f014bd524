"""Class weights are factors of the weights of rows, one for each class."""

from numbers import Real
from typing import Any

import numpy as np

from .._typing import Floats
from .._warn import warn
from ..nn.arena import Array
from ..nn.rows import Index
from .targets import Labels

ClassWeight = dict[Any, float] | str  # labels are of any type


def class_weighted(
    class_weight: ClassWeight | list[ClassWeight],
    target: Labels,
    numbers: Floats,
    sample_weight: Floats | None,
) -> Floats:
    """Return the weights of rows, multiplied with the weights of their classes.

    Parameters
    ----------
    class_weight : dict, "balanced" or list of these
        As the estimator has it: a list has an entry for each label of a multilabel target.
    target : Labels
        The classes.
    numbers : ndarray of shape (n_rows, n_outputs)
        What `target` makes of y.
    sample_weight : ndarray of shape (n_rows,) or None
        Weights of the rows; None for 1.

    Returns
    -------
    weight : ndarray of shape (n_rows,)
        Weights of the rows.

    Raises
    ------
    ValueError
        If the class weights do not fit the target, or leave no row a weight above zero.
    """
    codes = target.truth(numbers)
    given = np.ones(len(codes)) if sample_weight is None else sample_weight
    columns, classes = (codes.T, np.arange(2)) if target.multilabel else ([codes], target.classes)
    factors = class_weight if isinstance(class_weight, list) else [class_weight] * len(columns)
    fits = all(factor == "balanced" or isinstance(factor, dict) for factor in factors)
    if isinstance(class_weight, list) and not (target.multilabel and fits and len(factors) == len(columns)):
        raise ValueError(
            "class_weight as a list is for multilabel targets, a dict or 'balanced' for each label; got "
            f"{class_weight} for a target with {len(columns)} columns."
        )
    weight = given
    for column, factor in zip(columns, factors, strict=True):
        weight = weight * factor_of_rows(factor, column, classes, given)
    if not weight.any():
        raise ValueError(f"class_weight must leave some row a weight above zero, got {factors}.")
    return weight


def factor_of_rows(
    class_weight: ClassWeight,
    codes: Index,
    classes: Array,
    sample_weight: Floats,
) -> Floats:
    """Return the factor of each row.

    Parameters
    ----------
    class_weight : dict or "balanced"
        Factors by class, 1 for those not named; "balanced" gives each class that is present the same sum of weights.
    codes : ndarray of shape (n_rows,)
        The place of each row's class in `classes`.
    classes : ndarray of shape (n_classes,)
        All classes.
    sample_weight : ndarray of shape (n_rows,)
        Weights of the rows, which "balanced" counts.

    Returns
    -------
    factor : ndarray of shape (n_rows,)
        Factors, not negative.

    Raises
    ------
    ValueError
        If a factor is no finite number >= 0, or leaves no row a weight above zero.
    """
    if isinstance(class_weight, str):
        totals = np.bincount(codes, weights=sample_weight, minlength=len(classes))
        present = totals > 0
        factors = np.where(present, totals.sum() / (present.sum() * np.where(present, totals, 1)), 0)
    else:
        if any(not isinstance(value, Real) or not 0 <= value < np.inf for value in class_weight.values()):
            raise ValueError(f"class_weight must hold finite numbers >= 0, none negative, got {class_weight}.")
        factors = np.array([class_weight.get(label, 1) for label in classes.tolist()], np.float64)
    factor = factors[codes]
    if not (factor * sample_weight).any():
        raise ValueError(f"class_weight must leave some row a weight above zero, not all 0, got {class_weight}.")
    return factor


def warn_of_unknown_classes(class_weight: ClassWeight | list[ClassWeight] | None, classes: Array) -> None:
    """Name the keys of class weights that are no class, as in a fold without a rare class, or by a slip."""
    factors = class_weight if isinstance(class_weight, list) else [class_weight]
    keys = {key for factor in factors if isinstance(factor, dict) for key in factor}
    if unknown := keys.difference(classes.tolist()):
        warn(
            f"class_weight names {sorted(unknown, key=str)}, but the classes are {classes.tolist()}: these weights "
            "have no effect, and classes not named have weight 1."
        )
