"""What a row is: numbers, an image, a sequence, of any number of dimensions, and the same network for flat rows."""

import pickle
import re
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone, is_classifier

from sknn_scratch import ConvNetClassifier, MLPClassifier, MLPRegressor, NetworkClassifier, NetworkRegressor
from sknn_scratch.nn.layers import Conv2D, Dense, Flatten, MaxPool2D, ReLU, Reshape, Tanh
from tests.learned import numbers

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N = 40
LABELS = np.arange(N) % 3
NUMBERS = np.sin(np.arange(N))
QUICK = {"max_iter": 3, "random_state": 0}

CASES = {  # shape of a row, layers that take it
    "numbers": ((5,), [Dense(4), ReLU()]),
    "sequence, each position on its own": ((12, 2), [Dense(4), Tanh(), Dense(3), Tanh()]),
    "sequence, flat": ((12, 2), [Flatten(), Dense(4), Tanh()]),
    "grey image, no channels": ((8, 8), [Dense(3), ReLU(), Flatten(), Dense(4), ReLU()]),
    "grey image, reshaped": ((8, 8), [Reshape((8, 8, 1)), Conv2D(2), ReLU(), Flatten()]),
    "colour image": ((8, 8, 3), [Conv2D(2), ReLU(), MaxPool2D(), Flatten(), Dense(4), ReLU()]),
    "colour image, no Flatten": ((8, 8, 3), [Conv2D(2), ReLU()]),
    "four dimensions": ((2, 3, 2, 2), [Dense(4), Tanh()]),
    "no hidden layers": ((3, 4), []),
}
NETWORKS = [NetworkClassifier(**QUICK), NetworkRegressor(**QUICK)]


def draw(shape, seed=0):
    return np.random.default_rng(seed).normal(size=(N, *shape))


def target(model):
    return LABELS if is_classifier(model) else NUMBERS


def outputs(model, X):
    return model.decision_function(X) if is_classifier(model) else model.predict(X)


def flat(X):
    return X.reshape(len(X), -1)


each_network = pytest.mark.parametrize("model", NETWORKS, ids=lambda model: type(model).__name__)
each_case = pytest.mark.parametrize("case", CASES)


@each_network
@each_case
def test_rows_of_any_shape_are_learned(model, case):
    shape, layers = CASES[case]
    X = draw(shape)
    model = clone(model).set_params(layers=layers).fit(X, target(model))
    assert model.n_features_in_ == np.prod(shape)
    assert outputs(model, X).shape == ((N, 3) if is_classifier(model) else (N,))
    assert_array_equal(outputs(model, flat(X)), outputs(model, X))
    assert_array_equal(outputs(model, X.tolist()), outputs(model, X))
    loss = model.loss_
    assert model.partial_fit(X, target(model)).n_iter_ == 4
    assert model.loss_ != loss


@each_network
@each_case
def test_pickles_and_clones_know_the_shape(model, case):
    shape, layers = CASES[case]
    X = draw(shape)
    model = clone(model).set_params(layers=layers).fit(X, target(model))
    copy = pickle.loads(pickle.dumps(model))
    assert_array_equal(outputs(copy, X), outputs(model, X))
    assert_array_equal(outputs(copy.partial_fit(X, target(model)), X), outputs(model.partial_fit(X, target(model)), X))
    again = clone(model)
    assert not hasattr(again, "coefs_")
    assert_array_equal(outputs(again.fit(X, target(model)).partial_fit(X, target(model)), X), outputs(model, X))


@each_network
def test_a_clone_forgets_the_shape(model):
    layers = [Dense(4), Tanh()]
    first = clone(model).set_params(layers=layers).fit(draw((12, 2)), target(model))
    other = clone(first).fit(draw((8, 3)), target(model))
    assert [first.coefs_[0].shape, other.coefs_[0].shape] == [(2, 4), (3, 4)]
    assert_array_equal(first.fit(draw((8, 3)), target(model)).coefs_[0], other.coefs_[0])  # so does another fit


def test_dense_layer_is_the_same_at_each_position():
    """Two positions that hold the same numbers add up as two equal hidden units would."""
    X = np.repeat(draw((1, 2)), 3, axis=1)
    model = NetworkRegressor([Dense(4), Tanh()], standardize=False, **QUICK).fit(X, NUMBERS)
    assert [W.shape for W in model.coefs_] == [(2, 4), (3 * 4, 1)]
    hidden = np.tanh(X[:, 0] @ model.coefs_[0] + model.intercepts_[0])
    by_hand = np.hstack([hidden] * 3) @ model.coefs_[1][:, 0] + model.intercepts_[1]
    np.testing.assert_allclose(model.predict(X), by_hand * NUMBERS.std() + NUMBERS.mean())


@pytest.mark.parametrize("model", [MLPClassifier((6,), **QUICK), MLPRegressor((6,), **QUICK)])
@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 3), (12, 2)])
def test_mlp_flattens_rows(model, shape):
    X = draw(shape)
    arrays = clone(model).fit(X, target(model), X_val=X[:9], y_val=target(model)[:9])
    rows = clone(model).fit(flat(X), target(model), X_val=flat(X)[:9], y_val=target(model)[:9])
    assert_array_equal(numbers(arrays), numbers(rows))
    assert arrays.history_["validation_loss"] == rows.history_["validation_loss"]
    assert_array_equal(outputs(arrays, X), outputs(rows, flat(X)))
    assert_array_equal(outputs(arrays, flat(X)), outputs(rows, flat(X)))
    assert arrays.n_features_in_ == rows.n_features_in_ == np.prod(shape)
    assert_array_equal(numbers(arrays.partial_fit(X, target(model))), numbers(rows.partial_fit(flat(X), target(model))))


def test_flat_rows_and_arrays_are_standardised_by_what_a_layer_sees():
    """Flat rows by column, arrays by the last axis: each channel of an image has one unit."""
    X = draw((4, 4, 2)) * [1.0, 1e6]
    model = NetworkClassifier([Conv2D(2), ReLU()], **QUICK | {"batch_size": len(X), "dtype": "float64"}).fit(X, LABELS)
    same = clone(model).fit(X / [1.0, 1e6], LABELS)
    np.testing.assert_allclose(model.decision_function(X), same.decision_function(X / [1.0, 1e6]), rtol=1e-6)


@each_network
def test_validation_rows_have_the_shape_of_the_others(model):
    X = draw((8, 8, 3))
    model = clone(model).set_params(layers=[Conv2D(2), ReLU()])
    arrays, rows = (
        clone(model).fit(X, target(model), X_val=V, y_val=target(model)).history_["validation_loss"]
        for V in (X, flat(X))
    )
    assert arrays == rows


MISFITS = {  # rows, layers -> what the error says
    "image without channels": ((8, 8), [Conv2D(2)], ["Conv2D", "(8, 8)", "Reshape((height, width, channels))"]),
    "flat image": ((64,), [MaxPool2D()], ["MaxPool2D", "(64,)", "Reshape"]),
    "wrong reshape": ((8, 8), [Reshape((4, 4, 1))], ["Reshape", "(4, 4, 1)", "16", "(8, 8)", "64"]),
    "image too small": ((2, 2, 1), [Conv2D(2, 3)], ["Conv2D", "3 x 3", "2 x 2"]),
}


@each_network
@pytest.mark.parametrize("case", MISFITS)
def test_a_shape_that_does_not_fit_a_layer_is_an_error_that_names_both(model, case):
    shape, layers, words = MISFITS[case]
    model = clone(model).set_params(layers=layers)
    with pytest.raises(ValueError, match=re.escape(words[0])) as error:
        model.fit(draw(shape), target(model))
    assert [word for word in words if word not in str(error.value)] == []
    assert not hasattr(model, "n_iter_")


LATER = {
    "predict": lambda model, X, other: model.predict(other),
    "score": lambda model, X, other: model.score(other, target(model)),
    "partial_fit": lambda model, X, other: model.partial_fit(other, target(model)),
    "X_val of partial_fit": lambda model, X, other: model.partial_fit(
        X, target(model), X_val=other, y_val=target(model)
    ),
    "X_val of fit": lambda model, X, other: model.fit(X, target(model), X_val=other, y_val=target(model)),
    "fit with warm_start": lambda model, X, other: model.set_params(warm_start=True).fit(other, target(model)),
}


@pytest.mark.parametrize("model", [NetworkClassifier([Dense(4), Flatten()], **QUICK), MLPClassifier((4,), **QUICK),
                                   NetworkRegressor([Dense(4), Flatten()], **QUICK)])  # fmt: skip
@pytest.mark.parametrize("use", LATER)
@pytest.mark.parametrize("shape", [(2, 12), (6, 4), (12, 2, 1), (24, 1)])
def test_another_shape_later_is_an_error_that_names_both(model, use, shape):
    model, X = clone(model), draw((12, 2))
    model.fit(X, target(model))
    before = outputs(model, X)
    with pytest.raises(ValueError, match=rf"rows of shape {re.escape(str(shape))}.*expecting.*\(12, 2\)"):
        LATER[use](model, X, X.reshape(N, *shape))
    assert_array_equal(outputs(model, X), before)


@pytest.mark.parametrize("model", [MLPClassifier((6,), **QUICK), MLPRegressor((6,), **QUICK)])
def test_an_mlp_of_flat_rows_takes_arrays(model):
    X = draw((8, 8))
    model = clone(model).fit(flat(X), target(model))
    for images in (X, X[..., None]):
        assert_array_equal(outputs(model, images), outputs(model, flat(X)))
    same = clone(model).fit(flat(X), target(model)).partial_fit(flat(X), target(model))
    assert_array_equal(numbers(model.partial_fit(X, target(model))), numbers(same))


@each_case
def test_tuples_are_lists(case):
    def tuples(X):
        return tuple(map(tuples, X)) if isinstance(X, list) else X

    shape, layers = CASES[case]
    X = draw(shape)
    model = NetworkRegressor(layers, **QUICK).fit(tuples(X.tolist()), NUMBERS)
    assert_array_equal(model.predict(tuples(X.tolist())), NetworkRegressor(layers, **QUICK).fit(X, NUMBERS).predict(X))


def test_arrays_after_flat_rows_are_refused():
    model = NetworkClassifier([Dense(4)], **QUICK).fit(draw((24,)), LABELS)
    with pytest.raises(ValueError, match=r"rows of shape \(12, 2\).*expecting rows of shape \(24,\)"):
        model.predict(draw((12, 2)))


def test_another_number_of_features_is_refused():
    model = NetworkClassifier([Dense(4)], **QUICK).fit(draw((12, 2)), LABELS)
    for other in (draw((12, 3)), flat(draw((12, 3)))):
        with pytest.raises(ValueError, match=r"36 features.*expecting 24|\(12, 3\).*expecting.*\(12, 2\)"):
            model.predict(other)


def test_axes_of_length_one_may_be_left_out_where_they_have_names():
    """A convolutional network knows its axes: without channels there is one."""
    X = draw((6, 6))
    model = ConvNetClassifier(filters=2, hidden_layer_sizes=4, **QUICK).fit(X, LABELS)
    assert_array_equal(model.decision_function(X[..., None]), model.decision_function(X))


ONE_ROW = {  # rows that a model is fitted with, what is passed in place of X[:1]
    "flat": ((5,), [Dense(4)], lambda X: X[0]),
    "image": ((8, 8), [Dense(4)], lambda X: X[0]),
    "colour image": ((8, 8, 3), [Conv2D(2)], lambda X: X[0]),
    "flat row of an image": ((8, 8), [Dense(4)], lambda X: X[0].ravel()),
    "image of one line": ((1, 12, 2), [Conv2D(2, 1)], lambda X: X[0]),
}


@each_network
@pytest.mark.parametrize("case", ONE_ROW)
def test_one_row_is_named_in_the_error(model, case):
    shape, layers, take = ONE_ROW[case]
    X = draw(shape)
    model = clone(model).set_params(layers=layers).fit(X, target(model))
    row = take(X)
    words = rf"one row, {re.escape(str(row.shape))}. Pass X\[None\]"
    with pytest.raises(ValueError, match=words):
        model.predict(row)
    assert_array_equal(model.predict(row[None]), model.predict(X[:1]))
    with pytest.raises(ValueError, match=r"features|dimension|2D") as other:
        model.predict(X[0].ravel()[:-1])
    assert "X[None]" not in str(other.value)


@pytest.mark.parametrize("named", [False, True])
def test_one_row_that_is_a_series(named):
    table = pd.DataFrame(draw((4,)), columns=list("abcd") if named else None)
    model = MLPClassifier((3,), **QUICK).fit(table, LABELS)
    for X in (table.iloc[0], pl.Series(table.iloc[0].to_numpy())):
        with pytest.raises(ValueError, match="X has the shape of one row") as error:
            model.predict(X)
        [advice] = re.findall(r"Pass (\S*), which has one row", str(error.value))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "X does not have valid feature names")  # as a series of polars has none
            assert_array_equal(model.predict(eval(advice, {"X": X, "np": np})), model.predict(table[:1]))


@pytest.mark.parametrize("fitted", [(6, 6), (36,), (6, 6, 1)])
@pytest.mark.parametrize("passed", [(6, 6), (36,), (6, 6, 1)])
def test_one_image_is_named_in_the_error(fitted, passed):
    X = draw((6, 6))
    model = ConvNetClassifier(filters=2, **QUICK).fit(X.reshape(N, *fitted), LABELS)
    with pytest.raises(ValueError, match=r"Pass X\[None\]"):
        model.predict(X[0].reshape(passed))
    with pytest.raises(ValueError, match=r"Pass np\.asarray\(X\)\[None\]"):
        model.predict(X[0].reshape(passed).tolist())
    assert model.predict(X[0].reshape(1, *passed)).shape == (1,)
    with pytest.raises(ValueError, match="7 features, but ConvNetClassifier is expecting 36") as other:
        model.predict(np.zeros((6, 7)))
    assert "X[None]" not in str(other.value)


@pytest.mark.parametrize("n", [1, 6, 36])
def test_rows_that_could_be_one_row_are_rows(n):
    """An array of (1, 36) numbers is one flat row, also of images of 1 x 36."""
    model = ConvNetClassifier(image_shape=(n, 36 // n), filters=2, **QUICK).fit(draw((36,)), LABELS)
    assert model.predict(np.zeros((n, 36))).shape == (n,)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(5, 4), (6, 4)], "different shapes, such as (5, 4) and (6, 4). Give all rows the same shape"),
        ([(5, 4), (5, 4, 3)], "different shapes, such as (5, 4) and (5, 4, 3)"),
        ([(5, 4), (5, 4)], "arrays of shape (5, 4). Pass one array: np.stack(list(X))."),
    ],
)
def test_arrays_that_are_no_array_are_refused(shapes, message):
    images = [np.zeros(shape) for shape in shapes]
    for X in (images, pd.Series(images)) if len(set(shapes)) > 1 else (pd.Series(images),):
        with pytest.raises(ValueError, match=re.escape(message)):
            ConvNetClassifier().fit(X, [0, 1])
