"""Scores of predictions: R2, or accuracy and two scores in which all classes count the same."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import accuracy_score, balanced_accuracy_score, r2_score, roc_auc_score
from sklearn.preprocessing import label_binarize

NAMES = {"regression": ("R2",), "classification": ("accuracy", "balanced accuracy", "ROC AUC")}  # the main score first


def scores(
    task: str, model: Any, X: npt.NDArray[Any], y: npt.NDArray[Any], predicted: npt.NDArray[Any]
) -> dict[str, float | None]:
    """Return all scores of a fitted model on rows X, for which it has `predicted`; None where one is not defined."""
    if task == "regression":
        return {"R2": float(r2_score(y, predicted))}
    return {
        "accuracy": float(accuracy_score(y, predicted)),
        "balanced accuracy": float(balanced_accuracy_score(y, predicted)),
        "ROC AUC": _roc_auc(model, X, y),
    }


def _roc_auc(model: Any, X: npt.NDArray[Any], y: npt.NDArray[Any]) -> float | None:
    """Return the mean over the classes of the AUC of each against all others; None where the rows lack a class."""
    if not np.array_equal(np.unique(y), model.classes_):
        return None
    values = (model.predict_proba if hasattr(model, "predict_proba") else model.decision_function)(X)
    if values.ndim == 2 and values.shape[1] == 2:
        values = values[:, 1]
    # a column for each class, in place of multi_class="ovr", which takes probabilities only
    return float(roc_auc_score(label_binarize(y, classes=model.classes_), values))
