"""What is done to an estimator is done wholly or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager

from sklearn.base import BaseEstimator


@contextmanager
def all_or_nothing(estimator: BaseEstimator) -> Iterator[None]:
    """Put an estimator's attributes back as they were where what is done to it fails.

    What these attributes hold is not changed in place while training: it works on copies of them.
    """
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        running = {name: value for name, value in vars(estimator).items() if "callback" in name}
        vars(estimator).clear()
        vars(estimator).update(before | running)  # scikit-learn has yet to tear the callbacks down
        raise
