"""Settings of recipes: plain numbers, checked; an error names the recipe, what it needs and the value that came."""

import math
from dataclasses import fields, is_dataclass, replace
from numbers import Integral, Real
from typing import Any

import numpy as np


def plain(recipe: Any) -> Any:
    """Return a recipe with Python's numbers in place of numpy's, which would make float32 arrays float64."""
    if isinstance(recipe, np.generic):
        return recipe.item()
    if not is_dataclass(recipe) or isinstance(recipe, type):
        return recipe
    settings = {field.name: getattr(recipe, field.name) for field in fields(recipe) if field.init}
    new = {name: value for name, old in settings.items() if (value := plain(old)) is not old}
    return replace(recipe, **new) if new else recipe


FORMS = {  # of a setting that holds whole numbers
    "number": "a whole number >= {}",
    "pair": "a whole number >= {} or a pair of them (down, across)",
    "tuple": "a tuple of whole numbers >= {}",
}


def check_whole(recipe: Any, name: str, least: int = 1, *, form: str = "number", words: tuple[str, ...] = ()) -> None:
    """Refuse a setting that is neither one of these words nor made of whole numbers from `least` on, in this form."""
    value = getattr(recipe, name)
    several = isinstance(value, tuple)
    fits = {"number": not several, "pair": not several or len(value) == 2, "tuple": several}[form]
    whole = all(isinstance(n, Integral) and int(n) >= least for n in (value if several else (value,)))
    if value not in words and not (fits and whole):
        expected = ", ".join([*map(repr, words), FORMS[form].format(least)])
        raise ValueError(f"{type(recipe).__name__} needs {name} to be {expected}, got {name}={value!r}.")


def check_number(
    recipe: Any, name: str, low: float, high: float = math.inf, *, closed: bool = True, words: tuple[str, ...] = ()
) -> None:
    """Refuse a setting that is neither one of these words nor a number from `low`, if `closed`, to below `high`."""
    value = getattr(recipe, name)
    number = float(value) if isinstance(value, Real) else math.nan
    inside = low <= number < high and (closed or number != low)
    if value not in words and not inside:
        expected = [*(f'{name}="{word}"' for word in words), f"{low} {'<=' if closed else '<'} {name} < {high}"]
        raise ValueError(f"{type(recipe).__name__} needs {' or '.join(expected)}, got {name}={value!r}.")
