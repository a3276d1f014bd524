"""Which estimators have a `partial_fit`: those that can learn from a part of the rows at a time."""

from sklearn.base import BaseEstimator


def learns_from_parts(estimator: BaseEstimator) -> bool:
    """Return whether there is a `partial_fit`; an AttributeError says why not."""
    if getattr(estimator, "solver", None) == "lbfgs":
        raise AttributeError("partial_fit is for the stochastic solvers: solver='lbfgs' needs all rows at once.")
    if estimator.checkpoint is not None:
        raise AttributeError("A checkpoint is of one fit. With partial_fit, save the estimator with joblib.dump.")
    class_weight = getattr(estimator, "class_weight", None)
    if "balanced" in (class_weight if isinstance(class_weight, list) else [class_weight]):
        raise AttributeError(
            "class_weight='balanced' needs all rows at once, and partial_fit sees some of them. Pass a dict: "
            "sklearn.utils.compute_class_weight('balanced', classes=classes, y=y) gives its values."
        )
    return True
