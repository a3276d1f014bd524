"""RecurrentClassifier and RecurrentRegressor: forms of X and y, lengths, one answer a step, errors."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.ensemble import BaggingClassifier
from sklearn.inspection import permutation_importance
from sklearn.metrics import d2_pinball_score
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from threadpoolctl import threadpool_limits

from sknn_scratch import RecurrentClassifier, RecurrentRegressor
from sknn_scratch.fitting.checkpoint import Checkpoint

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL = {"hidden_layer_sizes": (6,), "max_iter": 4, "batch_size": 16, "random_state": 0}


def pad(sequences, n_steps):
    """Return sequences as one array, NaN at the end."""
    X = np.full((len(sequences), n_steps, sequences[0].shape[1]), np.nan, sequences[0].dtype)
    for row, sequence in zip(X, sequences, strict=True):
        row[: len(sequence)] = sequence
    return X


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    sequences = [rng.normal(size=(rng.integers(2, 8), 2)) for _ in range(60)]
    return sequences, np.array(["up" if x[:, 0].sum() > 0 else "down" for x in sequences])


def objects(sequences):
    X = np.empty(len(sequences), dtype=object)
    X[:] = sequences
    return X


FORMS = {
    "padded": (lambda s: pad(s, 7), None),
    "more padding": (lambda s: pad(s, 11), None),
    "object array": (objects, None),
    "tuple": (tuple, None),
    "nested lists": (lambda s: [x.tolist() for x in s], None),
    "flat": (lambda s: pad(s, 7).reshape(len(s), -1), (7, 2)),
    "flat, more padding": (lambda s: pad(s, 11).reshape(len(s), -1), (11, 2)),
    "DataFrame": (lambda s: pd.DataFrame(pad(s, 7).reshape(len(s), -1)).add_prefix("c"), (7, 2)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "settings", [{}, {"cell": "gru", "pooling": "max", "bidirectional": True, "dropout": 0.2}], ids=str
)
def test_all_forms_of_X_are_the_same_to_the_bit(data, form, settings):
    X, y = data
    make, shape = FORMS[form]
    expected = RecurrentClassifier(**SMALL | settings, input_noise=0.1).fit(X, y)
    model = RecurrentClassifier(**SMALL | settings, input_noise=0.1, sequence_shape=shape).fit(make(X), y)
    for a, b in zip(expected.coefs_ + expected.intercepts_, model.coefs_ + model.intercepts_, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(expected.predict_proba(X), model.predict_proba(make(X)))


def test_series_of_single_numbers(data):
    sequences = [x[:, 0] for x in data[0]]
    a = RecurrentClassifier(**SMALL).fit(sequences, data[1])
    b = RecurrentClassifier(**SMALL).fit([x[:, None] for x in sequences], data[1])
    np.testing.assert_array_equal(a.predict_proba(sequences), b.predict_proba(sequences))
    assert a.predict([sequences[0]]).shape == (1,)  # a list of one sequence, of any length
    assert a.sequence_shape_ == (7, 1)


@pytest.mark.parametrize("fitted", [list, np.asarray], ids=["list", "rows"])
def test_series_that_are_shorter_than_those_of_fit(fitted):
    X = np.random.default_rng(0).normal(size=(40, 5))
    model = RecurrentRegressor(**SMALL).fit(fitted(X), X.sum(axis=1))
    shorter = [x[:3] for x in X]
    expected = model.predict([*shorter, X[0]])[:-1]  # of different lengths
    np.testing.assert_allclose(model.predict(shorter), expected, rtol=1e-10)


@pytest.mark.parametrize("column", [pd.Series, lambda X: pl.Series([x.tolist() for x in X])], ids=["pandas", "polars"])
def test_columns_of_sequences(data, column):
    X = [x[:, 0] for x in data[0]]
    expected, model = (RecurrentClassifier(**SMALL).fit(each, data[1]) for each in (X, column(X)))
    np.testing.assert_array_equal(model.predict_proba(column(X)), expected.predict_proba(X))
    y = [np.arange(len(x)) % 2 for x in X]
    model = RecurrentClassifier(**SMALL, targets="step").fit(column(X), column(y))
    assert [len(p) for p in model.predict(column(X))] == [len(x) for x in X]


def test_equal_lengths_as_lists_and_as_rows():
    X = np.random.default_rng(0).normal(size=(40, 5))
    y = X.sum(axis=1)
    a, b = RecurrentRegressor(**SMALL).fit(X, y), RecurrentRegressor(**SMALL).fit(list(X), y)
    c = RecurrentRegressor(**SMALL).fit(X[:, :, None], y)
    np.testing.assert_array_equal(a.predict(X), b.predict(list(X)))
    np.testing.assert_array_equal(a.predict(X), c.predict(X[:, :, None]))


def test_the_order_of_the_rows_means_nothing(data):
    X, y = data
    order = np.random.default_rng(1).permutation(len(X))
    a = RecurrentClassifier(**SMALL).fit(X, y)
    b = RecurrentClassifier(**SMALL).fit([X[i] for i in order], y[order])
    for W, V in zip(a.coefs_, b.coefs_, strict=True):
        np.testing.assert_array_equal(W, V)


def test_a_sequence_is_predicted_the_same_alone_and_among_longer_ones(data):
    X, y = data
    model = RecurrentClassifier(**SMALL, bidirectional=True).fit(X, y)
    together = model.predict_proba([*X, np.ones((40, 2))])  # longer than any that was learned from
    alone = np.vstack([model.predict_proba([x]) for x in X])
    np.testing.assert_allclose(together[:-1], alone, rtol=1e-10)


def test_a_weight_of_two_is_the_sequence_twice(data):
    X, y = data
    weight = np.random.default_rng(0).integers(0, 3, len(X))
    a = RecurrentClassifier(**SMALL).fit(X, y, sample_weight=weight)
    b = RecurrentClassifier(**SMALL).fit(
        [x for x, k in zip(X, weight, strict=True) for _ in range(k)], y.repeat(weight)
    )
    for W, V in zip(a.coefs_, b.coefs_, strict=True):
        np.testing.assert_allclose(W, V, rtol=1e-5, atol=1e-7)


def test_nothing_that_was_passed_is_changed(data):
    X = pad(data[0], 7)
    X.flags.writeable = False
    before = X.copy()
    RecurrentClassifier(**SMALL).fit(X, data[1]).predict(X)
    np.testing.assert_array_equal(X, before)


def test_time_stamps_keep_their_accuracy():
    # 1.7e9 + t has no digits left for t in float32; it is centred and scaled in float64 first.
    X = np.random.default_rng(0).normal(size=(200, 4, 1))
    y = X[:, -1, 0]
    model = RecurrentRegressor((8,), pooling="last", random_state=0).fit(X + 1.7e9, y)
    assert model.score(X + 1.7e9, y) > 0.95  # rounded to float32 first, all numbers would be equal


# One answer a step


def test_one_class_a_step(data):
    X = data[0]
    y = [np.where(x[:, 0].cumsum() > 0, "high", "low") for x in X]
    model = RecurrentClassifier((16,), targets="step", max_iter=150, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.95
    predictions = model.predict(X)
    assert isinstance(predictions, list)
    assert [len(p) for p in predictions] == [len(x) for x in X]
    right = np.concatenate([p == t for p, t in zip(predictions, y, strict=True)])
    assert model.score(X, y) == pytest.approx(right.mean())
    p = model.predict_proba(pad(X, 9))
    assert p.shape == (60, 9, 2)  # as wide as X, so that the parts of cross-validation fit together
    np.testing.assert_array_equal(np.isnan(p[:, :, 0]), np.isnan(pad(X, 9)[:, :, 0]))
    np.testing.assert_allclose(p[0, : len(X[0])].sum(axis=1), 1)
    np.testing.assert_array_equal(model.predict(pad(X, 7))[0, : len(X[0])], predictions[0])


@pytest.mark.parametrize("k", [0, 2])
def test_one_number_a_step(data, k):
    X = data[0]
    y = [x.cumsum(axis=0) if k else x[:, 0].cumsum() for x in X]
    model = RecurrentRegressor((16,), targets="step", max_iter=100, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.9
    assert [p.shape for p in model.predict(X)] == [t.shape for t in y]
    padded = np.stack([np.pad(t, [(0, 7 - len(t))] + [(0, 0)] * (t.ndim - 1), constant_values=np.nan) for t in y])
    same = RecurrentRegressor((16,), targets="step", max_iter=100, random_state=0).fit(pad(X, 7), padded)
    np.testing.assert_array_equal(np.isnan(same.predict(pad(X, 7))), np.isnan(padded))
    np.testing.assert_array_equal(
        np.concatenate(model.predict(X)), same.predict(pad(X, 7))[~np.isnan(padded).reshape(60, 7, -1)[:, :, 0]]
    )


def test_steps_with_early_stopping_validation_rows_and_partial_fit(data):
    X = data[0]
    y = [x[:, 0].cumsum() for x in X]
    model = RecurrentRegressor(**SMALL, targets="step", early_stopping=True).fit(X, y)
    assert len(model.validation_scores_) == model.n_iter_
    longer = [np.ones((12, 2))]
    model = RecurrentRegressor(**SMALL, targets="step").fit(X, y, X_val=longer, y_val=[np.ones(12)])
    assert len(model.history_["validation_loss"]) == model.n_iter_
    model.partial_fit(longer, [np.ones(12)])
    assert model.predict(longer)[0].shape == (12,)


def test_steps_of_flat_rows_that_are_all_padded(data):
    X = pad(data[0], 11).reshape(60, -1)  # none has more than 7 steps
    y = pad([x.cumsum(axis=0) for x in data[0]], 11)
    settings = SMALL | {"targets": "step", "sequence_shape": (11, 2), "early_stopping": True}
    model = RecurrentRegressor(**settings).fit(X, y)
    assert np.isfinite(model.validation_scores_).all()
    assert model.predict(X).shape == (60, 11, 2)


@pytest.mark.filterwarnings("error:scoring=")
def test_scoring_of_longer_validation_sequences(data):
    X, y = data
    X_val, y_val = [np.ones((12, 2)), -np.ones((1, 2))] * 3, ["up", "down"] * 3
    model = RecurrentClassifier(**SMALL, early_stopping=True, scoring="accuracy").fit(X, y, X_val=X_val, y_val=y_val)
    assert model.validation_scores_[-1] in np.arange(7) / 6


def test_several_quantiles_a_step(data):
    X = data[0]
    y = [x[:, 0] for x in X]
    levels = (0.1, 0.5, 0.9)
    model = RecurrentRegressor(**SMALL, targets="step", loss="quantile", quantile=levels, early_stopping=True)
    model.fit(X, y, X_val=X, y_val=y)
    p = model.predict(X)
    assert [each.shape for each in p] == [(len(x), 3) for x in X]
    of_levels = zip(np.concatenate(p).T, levels, strict=True)
    d2 = np.mean([d2_pinball_score(np.concatenate(y), column, alpha=level) for column, level in of_levels])
    assert model.score(X, y) == pytest.approx(d2)
    best = np.argmin(model.history_["validation_loss"])
    assert model.validation_scores_[best] == pytest.approx(d2, rel=1e-5)


def test_several_labels_a_step(data):
    X = data[0]
    y = [(x > 0).astype(int) for x in X]
    model = RecurrentClassifier((16,), targets="step", max_iter=60, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.9
    assert [p.shape for p in model.predict_proba(X)] == [t.shape for t in y]


def test_weights_are_of_sequences(data):
    X = data[0]
    y = [x[:, 0].cumsum() for x in X]
    weight = np.random.default_rng(0).integers(0, 3, len(X))
    model = RecurrentRegressor(**SMALL, targets="step").fit(X, y, sample_weight=weight)
    rows = np.arange(len(X)).repeat(weight)
    assert model.score(X, y, weight) == pytest.approx(model.score([X[i] for i in rows], [y[i] for i in rows]))
    with pytest.raises(ValueError, match=r"sample_weight.shape == \(59,\)"):
        model.score(X, y, weight[1:])


def test_the_loss_counts_steps():
    # With weights that stay zero the mean loss is that of all steps, whatever the sequences they are in.
    X = [np.zeros((2, 1)), np.zeros((6, 1))]
    y = [np.array([3.0, 3.0]), np.zeros(6)]
    model = RecurrentRegressor(
        **SMALL | {"max_iter": 1}, targets="step", alpha=0.0, init="zeros", learning_rate_init=1e-9
    )
    assert model.fit(X, y).loss_curve_[0] == pytest.approx(0.5, rel=1e-5)  # half of the variance, which is scaled to 1


# In scikit-learn


def test_splits_searches_and_pipelines_take_sequences(data):
    X, y = data
    padded = pad(X, 7)
    model = RecurrentClassifier(**SMALL)
    for form in (X, padded, objects(X)):
        assert np.isfinite(cross_val_score(model, form, y, cv=3)).all()
        assert cross_val_predict(model, form, y, cv=3).shape == (60,)
        GridSearchCV(model, {"cell": ["gru", "simple"]}, cv=2).fit(form, y).predict(form)
        train_test_split(form, y)
    make_pipeline(FunctionTransformer(lambda x: 2 * x), model).fit(padded, y).predict(padded)
    steps = [np.where(x[:, 0] > 0, 1, 0) for x in X]
    assert np.isfinite(cross_val_score(RecurrentClassifier(**SMALL, targets="step"), X, objects(steps), cv=3)).all()


def test_flat_rows_go_through_all_of_scikit_learn(data):
    X, y = pad(data[0], 7).reshape(60, -1), data[1]
    model = RecurrentClassifier(**SMALL, sequence_shape=(7, 2))
    BaggingClassifier(model, n_estimators=2).fit(X, y).predict(X)
    full = X[~np.isnan(X).any(axis=1)]
    permutation_importance(model.fit(X, y), full, y[: len(full)], n_repeats=1)


@pytest.mark.parametrize("targets", ["sequence", "step"])
def test_partial_fit_is_fit_in_parts(data, targets):
    X, y = data
    y = y if targets == "sequence" else [np.where(x[:, 0] > 0, "a", "b") for x in X]
    settings = SMALL | {"targets": targets, "learning_rate": "constant", "batch_size": 16, "cell": "gru"}
    whole, parts = RecurrentClassifier(**settings, n_iter_no_change=99).fit(X, y), RecurrentClassifier(**settings)
    for _ in range(4):
        parts.partial_fit(X, y, classes=whole.classes_)
    for a, b in zip(whole.coefs_, parts.coefs_, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "settings", [{}, {"cell": "gru", "dropout": 0.2, "targets": "step", "early_stopping": True}], ids=str
)
def test_a_killed_fit_goes_on_to_the_same_bits(data, settings, tmp_path, monkeypatch):
    X, y = data
    y = [np.where(x[:, 0] > 0, "a", "b") for x in X] if "targets" in settings else y
    whole = RecurrentClassifier(**SMALL | settings).fit(X, y)
    model = RecurrentClassifier(**SMALL | settings, checkpoint=tmp_path / "state")
    update, epochs = Checkpoint.update, []

    def dying(self, state):
        update(self, state)
        epochs.append(state)
        if len(epochs) == 2:
            raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "update", dying)
        with pytest.raises(MemoryError):
            model.fit(X, y)
    assert len(model.fit(X, y).loss_curve_) == 4
    for a, b in zip(whole.coefs_, model.coefs_, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_number_of_threads_changes_no_bit(data):
    models = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads, user_api="blas"):
            models.append(RecurrentClassifier((64, 32), max_iter=2, random_state=0).fit(*data))
    for a, b in zip(models[0].coefs_, models[1].coefs_, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(models[0].predict_proba(data[0]), models[1].predict_proba(data[0]))


def test_pickles_hold_the_weights(data):
    model = RecurrentClassifier((64,), max_iter=2, random_state=0).fit(*data)
    size = sum(array.nbytes for array in model.coefs_ + model.intercepts_)
    pickled = pickle.dumps(model)
    assert len(pickled) < 1.1 * size + 4000
    np.testing.assert_array_equal(pickle.loads(pickled).predict_proba(data[0]), model.predict_proba(data[0]))


def test_no_parameter_is_ignored(data):
    X, y = data
    of_layers = {
        "hidden_layer_sizes": (3,),
        "cell": "gru",
        "bidirectional": True,
        "pooling": "max",
        "dense_layer_sizes": (4,),
        "dropout": 0.5,
        "recurrent_dropout": 0.5,
        "drop_connect": 0.5,
        "recurrent_init": "identity",
        "init": "he",
        "gradient_clip": 1e-3,
    }
    base = RecurrentClassifier(**SMALL).fit(X, y)
    for name, value in of_layers.items():
        other = clone(base).set_params(**{name: value}).fit(X, y)
        assert not np.array_equal(base.predict_proba(X), other.predict_proba(X)), name
    simple = RecurrentClassifier(**SMALL, cell="simple").fit(X, y)
    relu = RecurrentClassifier(**SMALL, cell="simple", activation="relu").fit(X, y)
    assert not np.array_equal(simple.predict_proba(X), relu.predict_proba(X))
    dense = SMALL | {"dense_layer_sizes": (4,)}
    first = RecurrentClassifier(**dense).fit(X, y).predict_proba(X)
    for settings in ({"dense_activation": "tanh"}, {"dense_activation": "maxout", "maxout_pieces": 3}):
        assert not np.array_equal(first, RecurrentClassifier(**dense | settings).fit(X, y).predict_proba(X))


def test_poolings_side_by_side(data):
    X, y = data
    both = RecurrentClassifier(**SMALL | {"pooling": ["mean", "max"]}).fit(X, y)
    assert (
        both.coefs_[-1].shape[0] == 2 * RecurrentClassifier(**SMALL | {"pooling": "mean"}).fit(X, y).coefs_[-1].shape[0]
    )
    alone = (RecurrentClassifier(**SMALL | {"pooling": pooling}).fit(X, y) for pooling in ("last", ["last"]))
    np.testing.assert_array_equal(*(model.predict_proba(X) for model in alone))


# Errors


@pytest.mark.parametrize("pooling", [(), ("last", "median")], ids=str)
def test_poolings_that_do_not_exist(data, pooling):
    with pytest.raises(ValueError, match="pooling must be one or several of"):
        RecurrentClassifier(pooling=pooling).fit(*data)


def hole(sequences):
    X = pad(sequences, 7)
    long = next(i for i, x in enumerate(sequences) if len(x) > 2)
    X[long, 1] = np.nan
    return X


def infinite(sequences):
    return [x if i != 3 else np.full_like(x, np.inf) for i, x in enumerate(sequences)]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda s: [*s[:-1], np.zeros((0, 2))], "no steps in row 59"),
        (lambda s: np.where(np.arange(60)[:, None, None] == 5, np.nan, pad(s, 7)), "no steps, or of NaN alone: row 5"),
        (hole, r"contains NaN: row \d+ has one at step 1"),
        (lambda s: [*s[:-1], np.zeros((3, 3))], "Row 0 has 2 features, row 59 has 3"),
        (lambda s: [*s[:-1], np.zeros(3)], "row 59"),
        (infinite, "infinity"),
        (lambda s: [np.char.add(x.astype(str), "a") for x in s], "convert string to float"),
    ],
)
def test_errors_name_the_row(data, make, message):
    with pytest.raises(ValueError, match=message):
        RecurrentClassifier(**SMALL).fit(make(data[0]), data[1])


def test_errors_say_which_axis_is_time(data):
    model = RecurrentClassifier(**SMALL).fit(pad(data[0], 7), data[1])
    with pytest.raises(ValueError, match=r"time along the second axis.*\(3, 2, 7\).*transpose\(0, 2, 1\)"):
        model.predict(np.zeros((3, 2, 7)))
    with pytest.raises(ValueError, match=r"\(n, steps, 2\)"):
        model.predict(np.zeros((3, 5, 4)))
    with pytest.raises(ValueError, match=r"arrays of shape .* Got an array of 4 dimensions"):
        model.predict(np.zeros((3, 5, 2, 2)))
    with pytest.raises(ValueError, match=r"as sequence_shape=\(7, 2\) has it, got .*transpose\(0, 2, 1\)"):
        RecurrentClassifier(**SMALL, sequence_shape=(7, 2)).fit(np.zeros((60, 2, 7)), data[1])


def test_errors_of_targets_for_each_step(data):
    X = data[0]
    y = [np.zeros(len(x)) for x in X]
    model = RecurrentRegressor(**SMALL, targets="step")
    y[4] = np.zeros(len(X[4]) + 1)
    with pytest.raises(ValueError, match="Row 4 of X has"):
        model.fit(X, y)
    with pytest.raises(ValueError, match="an entry for each step"):
        model.fit(X, np.zeros(60))
    with pytest.raises(ValueError, match=r"Row 0 of X has 7 steps, and its y has shape \(8,\)"):
        model.fit(pad(X, 7), np.zeros((60, 8)))
    y[4] = np.full(len(X[4]), np.nan)
    with pytest.raises(ValueError, match="y contains NaN"):
        model.fit(X, y)
    with pytest.raises(ValueError, match="pass targets='step'"):
        RecurrentRegressor(**SMALL).fit(X, [np.zeros(len(x)) for x in X])
    with pytest.raises(ValueError, match="scoring='r2' knows no answers for each step"):
        model.set_params(scoring="r2", early_stopping=True).fit(X, [np.zeros(len(x)) for x in X])
    with pytest.raises(ValueError, match="class_weight"):
        RecurrentClassifier(**SMALL, targets="step", class_weight="balanced").fit(X, [np.zeros(len(x)) for x in X])


@pytest.mark.parametrize(
    "sequences",
    [
        lambda days: [days[:3], days],
        lambda days: [days[:3, None], days[:, None]],
        lambda days: [pd.Series(days[:3]), pd.Series(days)],
        lambda days: [pd.DataFrame({"when": days[:3]}), pd.DataFrame({"when": days})],
        lambda days: [days[:3].tolist(), days.tolist()],
        lambda days: [np.ones(3), days - days[0]],
        lambda days: np.array([days, days])[:, :, None],
    ],
    ids=["arrays", "columns", "series", "tables", "lists", "one of them", "array"],
)
def test_dates_are_no_steps(sequences):
    X = sequences(np.arange("2024-01-01", "2024-01-05", dtype="datetime64[D]"))
    model, numbers = RecurrentRegressor(**SMALL), [np.arange(3.0), np.arange(4.0)]
    with pytest.raises(ValueError, match="X has dates or durations"):
        model.fit(X, [0, 1])
    with pytest.raises(ValueError, match="X_val has dates or durations"):
        model.fit(numbers, [0, 1], X_val=X, y_val=[0, 1])
    with pytest.raises(ValueError, match="X has dates or durations"):
        model.fit(numbers, [0, 1]).predict(X)


@pytest.mark.parametrize("model", [RecurrentClassifier, RecurrentRegressor])
@pytest.mark.parametrize("form", ["list", "array", "objects"])
def test_dates_are_no_targets_of_steps(model, form):
    X = np.random.default_rng(0).normal(size=(6, 4, 2))
    days = np.tile(np.arange("2024-01-01", "2024-01-05", dtype="datetime64[D]"), (6, 1))
    y = {"list": list(days), "array": days, "objects": days.tolist()}[form]
    with pytest.raises(ValueError, match=r"y\[0\] has dates or durations"):
        model(**SMALL, targets="step").fit(X, y)
    numbers = np.zeros((6, 4), int)
    with pytest.raises(ValueError, match=r"y_val\[0\] has dates or durations"):
        model(**SMALL, targets="step").fit(X, numbers, X_val=X, y_val=y)
    with pytest.raises(ValueError, match=r"y\[0\] has dates or durations"):
        model(**SMALL, targets="step").fit(X, numbers).score(X, y)


@pytest.mark.parametrize(
    "y",
    [
        [["a", "b"], [1, 2, 1]],
        [[1, 2], ["a", "b", "a"]],
        [np.array(["a", "b"], object), pd.Series([True, False, True])],
        [["a", "b"], [1.0, 2.0, 1.0]],
    ],
    ids=["text first", "numbers first", "objects", "floats"],
)
def test_text_beside_numbers_in_other_sequences_is_refused(y):
    X = [np.ones((2, 1)), np.ones((3, 1))]
    model, good = RecurrentClassifier(**SMALL, targets="step"), [["a", "b"], ["b", "a", "b"]]
    with pytest.raises(ValueError, match=r"Unknown label type: y\[\d\] has text, and y\[\d\] numbers"):
        model.fit(X, y)
    with pytest.raises(ValueError, match=r"Unknown label type: y_val\[\d\] has text, and y_val\[\d\] numbers"):
        model.fit(X, good, X_val=X, y_val=y)
    with pytest.raises(ValueError, match="has text, and"):
        model.fit(X, good).score(X, y)
    model.fit(X, [np.asarray(part, dtype=str) for part in y])  # as advised


def test_nullable_targets_of_steps_are_those_of_their_kind(data):
    X = data[0]
    y = [pd.Series(np.arange(len(x)) % 2, dtype="Int64") for x in X]
    model = RecurrentClassifier(**SMALL, targets="step").fit(X, y)
    assert model.classes_.dtype == np.int64
    assert model.score(X, y) == model.score(X, [part.to_numpy(int) for part in y])
