"""Class weights are factors of the weights of rows, one for each class."""

from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils import compute_class_weight


def factor_of_rows(
    class_weight: dict[Any, float] | str,
    codes: npt.NDArray[np.intp],
    classes: npt.NDArray[Any],
    sample_weight: npt.NDArray[np.floating],
) -> npt.NDArray[np.floating]:
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
        factors = compute_class_weight(class_weight, classes=classes, y=classes)
    factor = factors[codes]
    if not (factor * sample_weight).any():
        raise ValueError(f"class_weight must leave some row a weight above zero, not all 0, got {class_weight}.")
    return factor


def needs_all_rows(estimator: Any) -> None:
    """Raise an AttributeError that says why there is no `partial_fit` where a class weight is "balanced"."""
    class_weight = getattr(estimator, "class_weight", None)
    if "balanced" in (class_weight if isinstance(class_weight, list) else [class_weight]):
        raise AttributeError(
            "class_weight='balanced' needs all rows at once, and partial_fit sees some of them. Pass a dict: "
            "sklearn.utils.compute_class_weight('balanced', classes=classes, y=y) gives its values."
        )
