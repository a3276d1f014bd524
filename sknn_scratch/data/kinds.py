"""Kinds of entries: tables and lists as arrays of numbers or labels; what is neither is refused in words."""

import re
import reprlib
from collections.abc import Set, ValuesView
from datetime import date, time, timedelta
from numbers import Integral, Real
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import unique_labels

from .._typing import MatrixLike
from ..nn.arena import Array

DATES = (date, time, timedelta, np.datetime64, np.timedelta64)
DTYPES_OF_DATES = re.compile(r"(sparse\[)?(date|time|period|duration)", re.I)  # of numpy, pandas, polars, pyarrow
NUMBERS_OF_DATES = (
    'Make numbers of them: subtract a date and divide by a unit, as (dates - start) / pd.Timedelta("1D").'
)
SEVERAL_LABELS = "Code several labels a row as columns of 0 and 1, e.g. with sklearn.preprocessing.MultiLabelBinarizer."
STACK = "Pass an array of shape (n_samples,) or (n_samples, n_outputs), e.g. by np.stack."


def read_X(X: MatrixLike, name: str = "X") -> MatrixLike:
    """Return X, lists as an array; refuse dates, which would become numbers in whatever unit they came."""
    X = _as_array(X) if isinstance(X, list | tuple) else _filled(X)
    types = _types(X)
    if where := _dates(X, types):
        raise ValueError(f"{name} has dates or durations {where}. {NUMBERS_OF_DATES}")
    if any(each.__name__ == "NAType" for each in types):
        raise ValueError(
            f"Input {name} contains NaN (pd.NA). Impute what is missing, e.g. with sklearn.impute.SimpleImputer."
        )
    return X


def read_y(y: Any, *, labels: bool, name: str = "y") -> Any:
    """Return y as an array, nullable columns in their own kind; refuse dates and missing entries, and odd labels."""
    if y is None or sparse.issparse(y):
        return y
    y = _as_array(y) if isinstance(y, list | tuple) else _filled(y)
    if isinstance(y, list | tuple):
        raise ValueError(f"{name} has entries of different lengths. {SEVERAL_LABELS if labels else STACK}")
    if where := _dates(y, _types(y)):
        text = f"Labels are text or whole numbers: pass np.asarray({name}, dtype=str), for example."
        raise ValueError(f"{name} has dates or durations {where}. {text if labels else NUMBERS_OF_DATES}")
    given, y = y, _as_numpy(y)
    if y.ndim == 0 or y.dtype.kind == "V":
        kind = f"{type(given).__name__}: {reprlib.repr(given)}"
        raise ValueError(f"{name} should be an array-like of {'labels' if labels else 'numbers'}, got a {kind}.")
    if y.dtype == object:
        _check_objects(y, labels, name)
    return y if labels or y.dtype.kind not in "OUS" else y.astype(np.float64)


def read_classes(classes: Any) -> Array:
    """Return the labels that a user named, sorted."""
    classes = list(classes) if isinstance(classes, Set | ValuesView) else classes
    classes = read_y(classes, labels=True, name="classes")
    assert_all_finite(classes, input_name="classes")
    return unique_labels(classes)


def _as_array(entries: Any) -> Any:
    """Return a list as an array, of objects where text and others are mixed; return it as it is where it is ragged."""
    try:
        array = np.asarray(entries)
    except (TypeError, ValueError):  # dates beside numbers, or entries of different lengths
        try:
            array = np.array(entries, dtype=object)
        except ValueError:
            return entries
        return entries if any(isinstance(entry, list | tuple) for entry in array.flat) else array
    if array.dtype.kind not in "US":
        return array
    objects = np.array(entries, dtype=object)
    return array if {str, np.str_, bytes}.issuperset(_types(objects)) else objects


def _as_numpy(y: Any) -> Array:
    """Return a column, or a table of columns, in numpy's dtype of their kind."""
    if _is_table(y):
        columns = y.iter_columns() if hasattr(y, "iter_columns") else (column for _, column in y.items())
        return np.column_stack([_as_numpy(column) for column in columns] or [np.empty((len(y), 0))])
    if hasattr(getattr(y, "dtype", None), "numpy_dtype") and not y.isna().any():
        return y.to_numpy(y.dtype.numpy_dtype)  # pandas' Int64 and boolean, which would become objects
    return np.asarray(y)


def _is_table(data: Any) -> bool:
    return hasattr(data, "columns") and hasattr(data, "dtypes")


def _filled(data: Any) -> Any:
    """Return an array with None for entries that are masked, in place of what lies below the mask."""
    if not (isinstance(data, np.ma.MaskedArray) and np.ma.is_masked(data)):
        return data
    objects = np.ma.getdata(data).astype(object)
    objects[np.ma.getmaskarray(data)] = None
    return objects


def _kinds(data: Any) -> list[str]:
    """Return the name of the dtype of each column, of categories that of each category."""
    dtypes = list(data.dtypes) if _is_table(data) else [getattr(data, "dtype", None)]
    kinds = {dtype: str(getattr(getattr(dtype, "categories", None), "dtype", dtype)) for dtype in set(dtypes)}
    return [kinds[dtype] for dtype in dtypes]


def _objects(data: Any) -> Array:
    """Return all entries where some of them may be any objects; else nothing."""
    return np.asarray(data) if {"object", "Object"}.intersection(_kinds(data)) else np.empty(0, object)


def _types(data: Any) -> set[type]:
    """Return the types of its objects; none where it holds numbers alone."""
    return set(map(type, _objects(data).ravel().tolist()))


def _dates(data: Any, types: set[type]) -> str:
    """Return where there are dates or durations, "" where there are none."""
    names = list(data.columns) if _is_table(data) else None
    for column, kind in enumerate(_kinds(data)):
        if DTYPES_OF_DATES.match(kind):
            return f"in column {names[column]!r} ({kind})" if names else f"({kind})"
    dates = tuple(each for each in types if issubclass(each, DATES) or hasattr(each, "strftime"))
    if not dates:
        return ""
    objects = _objects(data)
    place, entry = next((place, entry) for place, entry in enumerate(objects.flat) if isinstance(entry, dates))
    if objects.ndim == 1:
        return f"({entry!r})"
    column = int(np.unravel_index(place, objects.shape)[-1])
    return f"in column {(names[column] if names else column)!r} ({entry!r})"


def _check_objects(y: Array, labels: bool, name: str) -> None:
    """Refuse objects that are missing or sequences, and as labels all but text."""
    missing = [place for place, entry in enumerate(y.flat) if _is_missing(entry)]
    if missing:
        row = missing[0] // (y.size // len(y))
        more = f" and {len(missing) - 1} more" if missing[1:] else ""
        raise ValueError(
            f"Input {name} contains missing values (NaN, None, pd.NA): {y.flat[missing[0]]} in row {row}{more}. Leave "
            f"them out{', or give them a label of their own' if labels else ''}."
        )
    others = {each for each in _types(y) if not issubclass(each, str)}
    names = ", ".join(sorted(each.__name__ for each in others))
    what = f"{'Unknown label type: ' if labels else ''}{name} has the dtype object, with entries of type {names}"
    if any(hasattr(each, "__len__") and not issubclass(each, bytes) for each in others):
        raise ValueError(f"{what}. {SEVERAL_LABELS if labels else STACK}")
    if labels and others:
        mixed = others != _types(y)
        bases: dict[str, Any] = {"bool": (bool, np.bool_), "int": Integral, "float": Real}
        fitting = [kind for kind, base in bases.items() if all(issubclass(each, base) for each in _types(y))]
        kind = next(iter(fitting), "str")
        raise ValueError(f"{what}{' beside text' if mixed else ''}. Pass np.asarray({name}, dtype={kind}).")


def _is_missing(entry: object) -> bool:
    return entry is None or type(entry).__name__ == "NAType" or (isinstance(entry, float) and entry != entry)
