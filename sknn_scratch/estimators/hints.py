"""Hints: which of the allowed values a wrong value of a parameter was probably meant to be."""

from collections.abc import Iterable
from difflib import get_close_matches
from numbers import Real

from sklearn.base import BaseEstimator

from .._compat import InvalidParameterError, StrOptions

# What other libraries and textbooks call our names.
SYNONYMS = {
    "sigmoid": "logistic",
    "linear": "identity",
    "swish": "silu",
    "mse": "squared_error",
    "mae": "absolute_error",
    "crossentropy": "log_loss",
    "cross_entropy": "log_loss",
    "binary_crossentropy": "log_loss",
    "categorical_crossentropy": "log_loss",
    "xavier": "glorot",
    "glorot_uniform": "glorot",
    "glorot_normal": "glorot",
    "kaiming": "he",
    "he_uniform": "he",
    "he_normal": "he",
    "avg": "average",
    "mean": "average",
}


class Hinting(BaseEstimator):
    """Mixin whose errors of parameters say what was probably meant."""

    def _validate_params(self) -> None:
        try:
            super()._validate_params()
        except InvalidParameterError as error:
            name = str(error).split("'")[1]  # The 'name' parameter of ...
            constraints = self._parameter_constraints[name]
            names = {each for options in constraints if isinstance(options, StrOptions) for each in options.options}
            raise InvalidParameterError(f"{error}{hint(name, getattr(self, name), names)}") from None


def hint(name: str, value: object, names: Iterable[str]) -> str:
    """Return a sentence that names the value which was probably meant, "" where none is likely.

    Parameters
    ----------
    name : str
        The parameter.
    value : object
        What came.
    names : iterable of str
        The names that are allowed.
    """
    if name == "learning_rate" and isinstance(value, Real) and not isinstance(value, bool):
        return f" A number is the rate at the start: learning_rate_init={value}."
    called = value if isinstance(value, str) else getattr(value, "__name__", "")  # a class, a function
    meant = called.lower().replace("-", "_").replace(" ", "_")
    close = get_close_matches(SYNONYMS.get(meant, meant), sorted(names), n=1, cutoff=0.7)
    return f" Did you mean {close[0]!r}?" if close else ""
