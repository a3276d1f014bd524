"""The playground: a page in the browser on which an estimator of this package is trained on points in the plane."""

from .page import Playground, Recording, playground, record
from .problem import make_dataset

__all__ = ["Playground", "Recording", "make_dataset", "playground", "record"]
