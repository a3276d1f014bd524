"""Warnings that point at the user's line."""

import sys
import warnings

PASSED_THROUGH = (__package__, "sklearn.base")  # whose `fit` context lies between a user's call and ours


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn as if the first caller outside of this package did."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(PASSED_THROUGH):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
