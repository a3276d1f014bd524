"""What entries of X and y may be: dates, labels of any coding and kind, missing ones, at every door of every family."""

import datetime
import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from sknn_scratch import (
    Autoencoder,
    BernoulliRBM,
    ConvNetClassifier,
    ConvNetRegressor,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
    PerceptronClassifier,
)
from sknn_scratch.nn.layers import Dense, ReLU

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore::sklearn.exceptions.DataConversionWarning"
)

N = 12
X = np.random.default_rng(0).normal(size=(N, 4))
CODES = np.arange(N) % 2
BOOLS = CODES == 1
WORDS = np.where(BOOLS, "yes", "no")
DAYS = pd.date_range("2024-01-30", periods=N)
PYTHON_DAYS = [day.date() for day in DAYS]
QUICK = {"max_iter": 1, "random_state": 0}

NETWORK_CLASSIFIERS = [
    MLPClassifier((3,), **QUICK),
    ConvNetClassifier(filters=2, hidden_layer_sizes=(3,), **QUICK),
    NetworkClassifier([Dense(3), ReLU()], **QUICK),
]
CLASSIFIERS = [*NETWORK_CLASSIFIERS, PerceptronClassifier(**QUICK)]
REGRESSORS = [
    MLPRegressor((3,), **QUICK),
    ConvNetRegressor(filters=2, hidden_layer_sizes=(3,), **QUICK),
    NetworkRegressor([Dense(3), ReLU()], **QUICK),
]


def named(models):
    return [pytest.param(model, id=type(model).__name__) for model in models]


def pairs(kinds, models):
    """All kinds with one family of each sort, and the first kind with the others, which share its checks."""
    first = next(iter(kinds))
    return [
        pytest.param(model, kind, id=f"{type(model).__name__}-{kind}")
        for kind in kinds
        for model in models
        if kind == first or isinstance(model, MLPClassifier | MLPRegressor | PerceptronClassifier)
    ]


def doors(model, X=X, y=CODES, good_X=X, good_y=CODES, classes=None):
    """Every way to pass rows, with the prefix of their names in errors."""
    named = {"classes": np.unique(good_y) if classes is None else classes} if model in CLASSIFIERS else {}
    yield "", lambda: model.fit(X, y)
    yield "", lambda: type(model)(**model.get_params()).partial_fit(X, y, **named)
    if model not in CLASSIFIERS[-1:]:
        yield "_val", lambda: model.fit(good_X, good_y, X_val=X, y_val=y)
        yield "_val", lambda: type(model)(**model.get_params()).partial_fit(good_X, good_y, X_val=X, y_val=y, **named)
    if X is not good_X:
        yield "", lambda: model.fit(good_X, good_y).predict(X)


def assert_refused(model, words, what="y", **data):
    """The data are refused at every door, in these words, which may hold the name of X or y as {name}."""
    for suffix, door in doors(model, **data):
        with pytest.raises(ValueError, match=words.format(name=what + suffix)):
            door()


# Dates


def with_column(column):
    return pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "when": column})


COLUMNS_OF_DATES = {
    "dates": DAYS,
    "seconds": DAYS.astype("datetime64[s]"),
    "time zone": DAYS.tz_localize("UTC"),
    "periods": DAYS.to_period("M"),
    "durations": DAYS - DAYS[0],
    "categories": pd.Series(DAYS).astype("category"),
    "python's dates": PYTHON_DAYS,
    "python's times": [datetime.time(3)] * N,
    "timestamps": pd.Series(list(DAYS), dtype=object),
    "timedeltas": pd.Series(list(DAYS - DAYS[0]), dtype=object),
    "numpy's, as objects": pd.Series(list(DAYS.to_numpy()), dtype=object),
    "NaT": pd.Series(DAYS).where(BOOLS),
    "one NaT": pd.Series([pd.NaT] + [1.0] * (N - 1), dtype=object),
}
TABLES_OF_DATES = {
    **{kind: with_column(column) for kind, column in COLUMNS_OF_DATES.items()},
    "polars' dates": pl.DataFrame(with_column(PYTHON_DAYS).to_dict("list")),
    "polars' datetimes": pl.DataFrame(with_column(DAYS).to_dict("list")),
    "polars' durations": pl.DataFrame(with_column([datetime.timedelta(k) for k in range(N)]).to_dict("list")),
}
ARRAYS_OF_DATES = {
    "datetime64": np.column_stack([DAYS.to_numpy()] * 4),
    "timedelta64": (X * 9).astype("timedelta64[D]"),
    "images": (X * 9).astype("timedelta64[D]").reshape(N, 2, 2),
    "list": [[1.0, 2.0, 3.0, day] for day in PYTHON_DAYS],
    "tuples": tuple((1.0, 2.0, 3.0, day) for day in DAYS.to_numpy()),
}


@pytest.mark.parametrize(("model", "kind"), pairs(TABLES_OF_DATES, CLASSIFIERS + REGRESSORS))
def test_dates_are_no_inputs(model, kind):
    assert_refused(model, r"{name} has dates or durations in column 'when'.*Timedelta\(\"1D\"\)", "X",
                   X=TABLES_OF_DATES[kind])  # fmt: skip


@pytest.mark.parametrize(("model", "kind"), pairs(ARRAYS_OF_DATES, CLASSIFIERS + REGRESSORS))
def test_dates_in_arrays_are_no_inputs(model, kind):
    assert_refused(model, "{name} has dates or durations", "X", X=ARRAYS_OF_DATES[kind])


@pytest.mark.parametrize("kind", ARRAYS_OF_DATES)
def test_dates_in_lists_are_found_in_their_column(kind):
    where = {"list": "in column 3 ", "tuples": "in column 3 "}.get(kind, "")
    with pytest.raises(ValueError, match=re.escape(f"X has dates or durations {where}(")):
        MLPRegressor().fit(ARRAYS_OF_DATES[kind], CODES)


TARGETS_OF_DATES = {
    **{kind: pd.Series(column) for kind, column in COLUMNS_OF_DATES.items()},
    "index": DAYS,
    "datetime64": DAYS.to_numpy(),
    "column": pd.DataFrame({"when": DAYS}),
    "one of two columns": pd.DataFrame({"number": CODES, "when": PYTHON_DAYS}),
    "list": PYTHON_DAYS,
    "list of numpy's": list(DAYS.to_numpy()),
    "list beside numbers": [1.0, np.datetime64("2024")] * (N // 2),
    "polars": pl.Series(PYTHON_DAYS),
    "polars' durations": pl.Series([datetime.timedelta(k) for k in range(N)]),
}


@pytest.mark.parametrize(("model", "kind"), pairs(TARGETS_OF_DATES, CLASSIFIERS + REGRESSORS))
def test_dates_are_no_targets(model, kind):
    advice = "dtype=str" if model in CLASSIFIERS else "Timedelta"
    assert_refused(model, f"{{name}} has dates or durations.*{advice}", y=TARGETS_OF_DATES[kind])


@pytest.mark.parametrize("model", named([*CLASSIFIERS, REGRESSORS[0], BernoulliRBM(2), Autoencoder(2, max_iter=1)]))
@pytest.mark.parametrize("kind", ["index", "datetime64", "list", "polars", "python's dates"])
def test_dates_are_no_weights(model, kind):
    weight = TARGETS_OF_DATES[kind]
    with pytest.raises(ValueError, match=r"sample_weight has dates or durations .*Timedelta"):
        model.fit(X, CODES, sample_weight=weight)
    if isinstance(model, MLPClassifier | MLPRegressor):
        with pytest.raises(ValueError, match="sample_weight_val has dates or durations"):
            model.fit(X, CODES, X_val=X, y_val=CODES, sample_weight_val=weight)


@pytest.mark.parametrize("kind", ["index", "one of two columns", "polars"])
def test_dates_are_not_scored(kind):
    for model in (CLASSIFIERS[0], REGRESSORS[0]):
        with pytest.raises(ValueError, match="y has dates or durations"):
            model.fit(X, CODES).score(X, TARGETS_OF_DATES[kind])


@pytest.mark.parametrize("model", named(CLASSIFIERS + REGRESSORS))
def test_what_the_messages_advise_works(model):
    days = with_column((DAYS - DAYS[0]) / pd.Timedelta("1D"))
    model.fit(days, CODES).predict(days)
    if model in CLASSIFIERS:
        assert set(model.fit(X, np.asarray(DAYS[CODES], dtype=str)).classes_) == set(map(str, DAYS[:2].to_numpy()))


@pytest.mark.parametrize("model", named(CLASSIFIERS + REGRESSORS))
def test_missing_entries_of_X(model):
    missing = np.eye(N, 4, dtype=bool)
    for table in (pd.DataFrame(X).astype(object).mask(missing, pd.NA), np.ma.array(X, mask=missing)):
        assert_refused(model, "Input {name} contains NaN", "X", X=table)


# Labels

TWO = np.c_[CODES, CODES[::-1]]
CODINGS = {
    "1 and 2": TWO + 1,
    "-1 and 1": 2 * TWO - 1,
    "0 and 255": TWO.astype(np.uint8) * 255,
    "0.0 and 2.0": TWO * 2.0,
    "-1 and 0": sparse.csr_array(-TWO),
    "2": np.full((N, 2), 2),
    "0 and 7": pd.DataFrame(7 * TWO).astype("Int64"),
    "0 and 3": pl.DataFrame(3 * TWO),
    "3 and 4": (TWO + 3).tolist(),
}


@pytest.mark.parametrize("class_weight", [None, "balanced", {1: 2.0}])
@pytest.mark.parametrize(("model", "coding"), pairs(CODINGS, NETWORK_CLASSIFIERS))
def test_labels_in_columns_are_0_and_1(model, coding, class_weight):
    model = type(model)(**model.get_params() | {"class_weight": class_weight})
    words = f"has columns of {re.escape(coding.replace(' and ', ', '))}.*0 and 1.*MultiLabelBinarizer"
    with pytest.raises(ValueError, match=f"y {words}"):
        model.fit(X, CODINGS[coding])
    with pytest.raises(ValueError, match=f"y_val {words}"):
        model.fit(X, TWO, X_val=X, y_val=CODINGS[coding])


@pytest.mark.parametrize(
    ("Y", "values"),
    [
        (sparse.csr_array(TWO + 1), "1, 2"),
        (sparse.csr_array(np.c_[CODES, 2 * CODES]), "0, 1, 2"),
        (sparse.csr_array(TWO * 0.5), "0.0, 0.5"),
        (np.where(TWO == 1, "yes", "no"), "no, yes"),
        (pd.DataFrame(np.where(TWO == 1, "yes", "no")).astype("category"), "no, yes"),
        (np.arange(2 * N).reshape(N, 2), "0, 1, 2, 3, 4 and 19 more values"),
    ],
    ids=["sparse", "sparse three", "sparse float", "text", "categories", "many"],
)
def test_labels_in_columns_name_the_values_that_came(Y, values):
    words = f"has columns of {values}. Code several labels a row as columns of 0 and 1.*MultiOutputClassifier"
    with pytest.raises(ValueError, match=f"y {words}"):
        MLPClassifier((3,), **QUICK).fit(X, Y)
    with pytest.raises(ValueError, match=f"y_val {words}"):
        MLPClassifier((3,), **QUICK).fit(X, TWO, X_val=X, y_val=Y)


@pytest.mark.parametrize("model", named(NETWORK_CLASSIFIERS))
def test_columns_of_0_and_1_of_any_kind(model):
    expected, right = model.fit(X, TWO).predict_proba(X), model.score(X, TWO)
    frame = pd.DataFrame(TWO)
    kinds = [
        TWO.astype(bool),
        TWO * 1.0,
        TWO.tolist(),
        sparse.csr_array(TWO),
        sparse.csc_array(TWO.astype(bool)),
        frame,
    ]
    kinds += [frame.astype(kind) for kind in ("Int64", "boolean", "category", {0: bool}, {0: "boolean", 1: "Float64"})]
    for Y in [*kinds, pl.DataFrame(TWO), pl.DataFrame(TWO.astype(bool))]:
        assert model.score(X, Y) == right
        assert_array_equal(model.fit(X, Y).predict_proba(X), expected)


LABELS = {
    "boolean": (pd.Series(BOOLS, dtype="boolean"), BOOLS),
    "Int64": (pd.Series(CODES, dtype="Int64"), CODES),
    "UInt8": (pd.Series(CODES, dtype="UInt8"), CODES.astype(np.uint8)),
    "string": (pd.Series(WORDS, dtype="string"), WORDS),
    "array": (pd.array(BOOLS, dtype="boolean"), BOOLS),
    "index": (pd.Index(CODES, dtype="Int64"), CODES),
    "column of boolean": (pd.DataFrame({"y": BOOLS}, dtype="boolean"), BOOLS),
    "column of Int64": (pd.DataFrame({"y": CODES}, dtype="Int64"), CODES),
    "column of string": (pd.DataFrame({"y": WORDS}, dtype="string"), WORDS),
    "column of categories": (pd.DataFrame({"y": WORDS}).astype("category"), WORDS),
    "categories of bools": (pd.Series(BOOLS).astype("category"), BOOLS),
    "categories of ints": (pd.Series(CODES, dtype="Int64").astype("category"), CODES),
    "polars' bools": (pl.Series(BOOLS), BOOLS),
    "polars' categories": (pl.Series(WORDS).cast(pl.Categorical), WORDS),
    "polars' column": (pl.DataFrame({"y": WORDS}), WORDS),
    "tuple": (tuple(WORDS.tolist()), WORDS),
}


@pytest.mark.parametrize(("model", "kind"), pairs(LABELS, CLASSIFIERS))
def test_labels_keep_their_kind(model, kind):
    y, plain = LABELS[kind]
    for _, door in doors(model, y=y, good_y=plain):
        fitted = door()
        assert_array_equal(fitted.classes_, np.unique(plain))
        assert fitted.classes_.dtype.kind in plain.dtype.kind.replace("U", "UO")
        assert fitted.predict(X).dtype == fitted.classes_.dtype


def sometimes(missing, *values, kind=object):
    return pd.Series([missing, *(values * N)][:N], dtype=kind)


MISSING = {
    "None": sometimes(None, "no", "yes"),
    "nan": sometimes(np.nan, "no", "yes"),
    "NA": sometimes(pd.NA, "no", "yes"),
    "boolean": sometimes(pd.NA, False, True, kind="boolean"),
    "Int64": sometimes(pd.NA, 0, 1, kind="Int64"),
    "string": sometimes(pd.NA, "no", "yes", kind="string"),
    "categories": sometimes(None, "no", "yes", kind="category"),
    "categories of ints": sometimes(None, 0, 1, kind="category"),
    "column": pd.DataFrame({"y": sometimes(pd.NA, False, True, kind="boolean")}),
    "list": [None, *WORDS[1:].tolist()],
    "list with nan": [float("nan"), *WORDS[1:].tolist()],
    "list of ints": [None, *CODES[1:].tolist()],
    "polars' bools": pl.Series([None, *BOOLS[1:].tolist()]),
    "polars' words": pl.Series([None, *WORDS[1:].tolist()]),
    "mask": np.ma.array(CODES, mask=np.arange(N) == 0),
}


@pytest.mark.parametrize(("model", "kind"), pairs(MISSING, CLASSIFIERS + REGRESSORS))
def test_missing_entries_of_y(model, kind):
    assert_refused(model, r"Input {name} contains (NaN|missing values.*: (None|nan|<NA>) in row 0)", y=MISSING[kind])


SEQUENCES = {
    "arrays": pd.Series([np.zeros(2)] * N),
    "column of lists": pd.DataFrame({"y": [[0, 1]] * N}),
    "sets": [{0}, {1}] * (N // 2),
    "lists of different lengths": [[0], [0, 1]] * (N // 2),
    "no sequence": 3,
    "set": {0, 1},
    "fields": np.zeros(N, [("y", float)]),
}


@pytest.mark.parametrize(("model", "kind"), pairs(SEQUENCES, CLASSIFIERS + REGRESSORS))
def test_sequences_are_no_targets(model, kind):
    advice = "MultiLabelBinarizer|labels" if model in CLASSIFIERS else r"n_outputs|numbers"
    assert_refused(model, f"{{name}} (has|should be).*({advice})", y=SEQUENCES[kind])


OBJECTS = {
    "int": CODES.astype(object),
    "bool": pd.DataFrame({"y": BOOLS}, dtype=object),
    "float": np.array([1, 2.0] * (N // 2), dtype=object),
    "str": np.array([1, "a"] * (N // 2), dtype=object),
}


@pytest.mark.parametrize(("model", "kind"), pairs(OBJECTS, CLASSIFIERS))
def test_labels_that_are_objects(model, kind):
    assert_refused(model, rf"Unknown label type: {{name}} .*np.asarray\({{name}}, dtype={kind}\)", y=OBJECTS[kind])
    model.fit(X, np.asarray(OBJECTS[kind], dtype=kind).ravel())  # as advised


def test_text_is_not_a_number_beside_text():
    with pytest.raises(ValueError, match="int beside text"):
        MLPClassifier().fit(X, [1, "a"] * (N // 2))  # numpy would make "1" of it
    with pytest.raises(ValueError, match=r"labels \['0' '1'\] that.* did not start with: \[0 1\]"):
        MLPClassifier().partial_fit(X, CODES.astype(str), classes=[0, 1])
    with pytest.raises(ValueError, match="could not convert string to float"):
        MLPRegressor().fit(X, WORDS)
    with pytest.raises(ValueError, match="Input y contains NaN"):
        MLPRegressor().fit(X, ["nan", "1"] * (N // 2))


# Classes of partial_fit and set_weights


@pytest.mark.parametrize("model", named(CLASSIFIERS))
@pytest.mark.parametrize(
    "classes",
    [
        {1, 0},
        frozenset({0, 1}),
        {0: "no", 1: "yes"}.keys(),
        range(2),
        pd.Series([0, 1], dtype="Int64"),
        pl.Series([1, 0]),
    ],
    ids=repr,
)
def test_classes_of_any_kind(model, classes):
    model = type(model)(**model.get_params())
    for _ in range(2):  # the second time they are compared
        assert_array_equal(model.partial_fit(X, CODES, classes=classes).classes_, [0, 1])


@pytest.mark.parametrize("model", named(CLASSIFIERS))
@pytest.mark.parametrize(
    "classes", [3, "no yes", [0, None], [0.0, np.nan], DAYS[:2], [0, "yes"], [[0], [0, 1]]], ids=repr
)
def test_wrong_classes_are_named(model, classes):
    with pytest.raises(ValueError, match=r"classes (should|has|contains)"):
        type(model)(**model.get_params()).partial_fit(X, CODES, classes=classes)
    with pytest.raises(ValueError, match=r"classes (should|has|contains)"):
        MLPClassifier((3,)).set_weights([np.ones((4, 3)), np.ones((3, 1))], [np.zeros(3), [0.0]], classes=classes)


# Class weights


@pytest.mark.parametrize("model", named(CLASSIFIERS))
@pytest.mark.parametrize(
    ("y", "class_weight", "unknown"),
    [
        (CODES, {2: 10}, "[2]"),
        (CODES, {0: 1, 1: 1, "tpyo": 9}, "['tpyo']"),
        (WORDS, {"Yes": 2.0, "no": 1.0}, "['Yes']"),
        (CODES.astype(str), {0: 2.0}, "[0]"),
        (0 * CODES, {0: 1, 1: 2}, "[1]"),
        (pd.Series(CODES, dtype="Int64"), {1: 2.0, None: 3}, "[None]"),
    ],
    ids=repr,
)
def test_class_weights_of_no_class_are_named_once(model, y, class_weight, unknown):
    weighted = type(model)(**model.get_params() | {"class_weight": class_weight})
    known = {key: weight for key, weight in class_weight.items() if key in np.unique(y).tolist()}
    expected = type(model)(**model.get_params() | {"class_weight": known}).fit(X, y).decision_function(X)
    given = {} if model is CLASSIFIERS[-1] else {"X_val": X, "y_val": y}
    with pytest.warns(UserWarning, match="class_weight names") as caught:
        assert_array_equal(weighted.fit(X, y, **given).decision_function(X), expected)
    assert [unknown in str(warning.message) for warning in caught if "class_weight" in str(warning.message)] == [True]
    with pytest.warns(UserWarning, match=re.escape(f"class_weight names {unknown}")):
        stream = type(model)(**weighted.get_params()).partial_fit(X, y, classes=np.unique(y))
    stream.partial_fit(X, y)


@pytest.mark.parametrize("model", named(NETWORK_CLASSIFIERS))
def test_class_weights_of_labels_in_columns_are_those_of_0_and_1(model):
    for class_weight in ({2: 3.0}, [{0: 1.0}, {2: 3.0}]):
        with pytest.warns(UserWarning, match=r"class_weight names \[2\], but the classes are \[0, 1\]"):
            type(model)(**model.get_params() | {"class_weight": class_weight}).fit(X, TWO)


@pytest.mark.parametrize("model", named(CLASSIFIERS))
@pytest.mark.filterwarnings("error::UserWarning")
@pytest.mark.parametrize(
    ("y", "class_weight"),
    [(CODES, {1: 2}), (CODES, {}), (CODES * 1.0, {0: 1, 1: 2}), (BOOLS, {True: 2}), (BOOLS, {1: 2}),
     (WORDS, {np.str_("no"): 3}), (CODES, {np.int64(0): 2}), (CODES.astype(str), {"0": 2, "1": 1})],
    ids=repr,
)  # fmt: skip
def test_class_weights_of_classes_are_not_warned_about(model, y, class_weight):
    type(model)(**model.get_params() | {"class_weight": class_weight}).fit(X, y)
