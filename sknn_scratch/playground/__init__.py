"""A page in the browser where a network learns points of the plane: what moves is an estimator of this package."""

from .page import Playground, Recording, playground, record
from .problem import make_dataset

__all__ = ["Playground", "Recording", "make_dataset", "playground", "record"]
