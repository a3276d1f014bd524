"""A pickle says which version of the package wrote it."""

import warnings

from sklearn.base import BaseEstimator
from sklearn.exceptions import InconsistentVersionWarning

from .._version import __version__


class Versioned(BaseEstimator):
    """Mixin that stamps pickles with the version of this package and warns where another one reads them."""

    def __getstate__(self) -> dict[str, object]:
        return {**super().__getstate__(), "_sknn_scratch_version": __version__}

    def __setstate__(self, state: dict[str, object]) -> None:
        state = dict(state)
        version = state.pop("_sknn_scratch_version", "unknown")
        if version != __version__:
            warnings.warn(
                InconsistentVersionWarning(
                    estimator_name=type(self).__name__,
                    current_sklearn_version=__version__,
                    original_sklearn_version=version,
                ),
                stacklevel=2,
            )
        super().__setstate__(state)
