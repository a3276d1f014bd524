"""Callers: who calls `fit`. One of many fits, as in a search, is not the user's own."""

import sys
from types import FrameType

# Modules of scikit-learn that fit several estimators for one call of the user. A search's last fit, of the best
# parameters on all rows, has none of them above it.
MANY_FITS = (
    "sklearn.calibration",
    "sklearn.ensemble",
    "sklearn.feature_selection._rfe",
    "sklearn.model_selection._classification_threshold",
    "sklearn.model_selection._validation",
    "sklearn.multiclass",
    "sklearn.multioutput",
)


def many_fits() -> str | None:
    """Return the module of scikit-learn that makes many fits, of which this is one: the outermost; or None."""
    found = None
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if any(name == module or name.startswith(module + ".") for module in MANY_FITS):
            found = name
        frame = frame.f_back
    return found
