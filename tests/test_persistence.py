"""What is saved is the numbers: small, stamped with the version, safe to load, and the same model afterwards."""

import copy
import pickle
import warnings

import joblib
import numpy as np
import pytest
import skops.io
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, clone, is_regressor
from sklearn.exceptions import InconsistentVersionWarning, NotFittedError

import sknn_scratch
from sknn_scratch import (
    Autoencoder,
    BernoulliRBM,
    ConvNetClassifier,
    HiddenFeatures,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    PerceptronClassifier,
    RecurrentClassifier,
)
from sknn_scratch.nn.layers import Dense, ReLU, Tanh

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(80, 200))
LABELS = np.array(["a", "b", "c"])[np.arange(80) % 3]
NUMBERS = X[:, 0] + 1
MULTILABEL = (X[:, :3] > 0).astype(int)
COUNTS = np.arange(80) % 5

MODELS = {
    "adam": (MLPClassifier(max_iter=3), LABELS),
    "float32": (MLPClassifier(max_iter=3), LABELS),
    "early stopping": (MLPClassifier(max_iter=3, early_stopping=True), LABELS),
    "rmsprop": (MLPRegressor(max_iter=3, solver="rmsprop", momentum=0.9), NUMBERS),
    "lbfgs": (MLPRegressor(max_iter=3, solver="lbfgs"), NUMBERS),
    "multilabel": (MLPClassifier(max_iter=3), MULTILABEL),
    "poisson": (MLPRegressor(max_iter=3, loss="poisson"), COUNTS),
    "huber": (MLPRegressor(max_iter=3, loss="huber"), np.c_[NUMBERS, NUMBERS]),
    "layers": (NetworkClassifier([Dense(90), ReLU(), Dense(50), Tanh()], max_iter=3), LABELS),
    "convnet": (ConvNetClassifier(filters=(4,), hidden_layer_sizes=(200,), max_iter=1), LABELS),
    "recurrent": (RecurrentClassifier((64,), sequence_shape=(10, 20), bidirectional=True, max_iter=2), LABELS),
    "warm start": (MLPClassifier((50,), max_iter=3, warm_start=True), LABELS),
}
SMALL = [name for name in MODELS if name != "warm start"]
METHODS = ("predict", "predict_proba", "predict_log_proba", "decision_function", "score")


def fit(name):
    model, y = MODELS[name]
    return clone(model).set_params(random_state=0).fit(X.astype(np.float32) if name == "float32" else X, y)


def weights(model):
    return [*model.coefs_, *model.intercepts_]


def assert_same_model(a, b):
    for got, expected in zip(weights(a), weights(b), strict=True):
        assert_array_equal(got, expected)
    assert_array_equal(a.predict(X), b.predict(X))
    assert (a.n_iter_, a.loss_curve_) == (b.n_iter_, b.loss_curve_)


@pytest.mark.parametrize("name", SMALL)
def test_pickle_is_hardly_larger_than_the_weights(name):
    model = fit(name)
    assert len(pickle.dumps(model)) <= 1.1 * sum(a.nbytes for a in weights(model))


@pytest.mark.parametrize("name", MODELS)
def test_pickle_deepcopy_and_copy_are_the_same_model(name):
    model = fit(name)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model), copy.copy(model)):
        assert_same_model(other, model)


def test_copies_are_independent():
    model = fit("warm start")
    before = copy.deepcopy(model)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        other.partial_fit(X, LABELS)
        other.set_weights([0 * a for a in other.coefs_], other.intercepts_)
        assert_same_model(model, before)
    copy.copy(model).set_params(warm_start=False).fit(X[::2], LABELS[::2])  # a new network
    assert_same_model(model, before)


@pytest.mark.parametrize("name", MODELS)
def test_clone_keeps_parameters_alone(name):
    model = fit(name)
    other = clone(model)
    assert other.get_params() == model.get_params()
    assert vars(other).keys() == other.get_params().keys()
    with pytest.raises(NotFittedError):
        other.predict(X)


def test_version_is_stamped_and_another_one_warns():
    model = fit("adam")
    state = model.__getstate__()
    assert sknn_scratch.__version__ in state.values()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pickle.loads(pickle.dumps(model))
    old = MLPClassifier.__new__(MLPClassifier)
    stamped = {key: "0.0.old" if value == sknn_scratch.__version__ else value for key, value in state.items()}
    with pytest.warns(InconsistentVersionWarning, match="MLPClassifier from version 0.0.old") as record:
        old.__setstate__(stamped)
    assert record[0].message.current_sklearn_version == sknn_scratch.__version__
    assert_same_model(old, model)


@pytest.mark.parametrize("name", MODELS)
def test_skops_distrusts_our_classes_alone(name):
    model = fit(name)
    data = skops.io.dumps(model)
    untrusted = skops.io.get_untrusted_types(data=data)
    assert untrusted
    assert all(name.startswith("sknn_scratch.") for name in untrusted)
    assert_same_model(skops.io.loads(data, trusted=untrusted), model)


@pytest.mark.parametrize("name", MODELS)
def test_predicting_leaves_no_trace(name):
    model = fit(name)
    before, y = joblib.hash(vars(model)), MODELS[name][1]
    for method in METHODS:
        if hasattr(model, method):
            getattr(model, method)(*([X, y] if method == "score" else [X]))
    assert joblib.hash(vars(model)) == before


@pytest.mark.parametrize("name", MODELS)
def test_model_in_a_read_only_file_predicts(name, tmp_path):
    model = fit(name)
    joblib.dump(model, tmp_path / "model")
    mapped = joblib.load(tmp_path / "model", mmap_mode="r")
    assert not mapped.coefs_[0].flags.writeable
    assert_same_model(mapped, model)


def test_perceptron_is_stamped_small_and_safe():
    model = PerceptronClassifier(random_state=0).fit(np.tile(X, 20), LABELS)
    pickled = pickle.dumps(model)
    assert sknn_scratch.__version__.encode() in pickled
    assert len(pickled) <= 1.1 * (model.coef_.nbytes + model.intercept_.nbytes)
    assert skops.io.get_untrusted_types(data=skops.io.dumps(model)) == ["sknn_scratch.PerceptronClassifier"]
    assert_array_equal(pickle.loads(pickled).predict(np.tile(X, 20)), model.predict(np.tile(X, 20)))


UNSUPERVISED = {
    "autoencoder": Autoencoder((20,), tied=True, corruption=0.1, max_iter=2, random_state=0),
    "machine": BernoulliRBM(20, n_iter=2, random_state=0),
    "gaussian machine": BernoulliRBM(20, visible="gaussian", learning_rate=0.01, n_iter=2, random_state=0),
    "pre-trained": MLPClassifier((20,), "logistic", pretrain=BernoulliRBM(n_iter=1), max_iter=2, random_state=0),
}


@pytest.mark.parametrize("name", UNSUPERVISED)
def test_what_learned_without_labels_is_the_same_after_skops_and_pickle(name):
    rows = X[:, :30] - X[:, :30].min()
    rows /= rows.max()
    model = clone(UNSUPERVISED[name]).fit(rows, LABELS)
    data = skops.io.dumps(model)
    untrusted = skops.io.get_untrusted_types(data=data)
    assert all(name.startswith("sknn_scratch.") for name in untrusted)
    method = "predict_proba" if name == "pre-trained" else "transform"
    for other in (skops.io.loads(data, trusted=untrusted), pickle.loads(pickle.dumps(model))):
        assert_array_equal(getattr(other, method)(rows), getattr(model, method)(rows))
        both = [each.partial_fit(rows, LABELS) for each in (copy.deepcopy(model), other)]  # with chains and memory
        assert_array_equal(*(getattr(each, method)(rows) for each in both))


# A pickle names classes by their module: where the files of the package lie is not part of it.

PUBLIC = [getattr(sknn_scratch, name) for name in sknn_scratch.__all__ if name[0].isupper()]


def test_public_classes_are_the_estimators():
    assert all(issubclass(cls, BaseEstimator) for cls in PUBLIC)
    assert len(PUBLIC) == 12


@pytest.mark.parametrize("cls", PUBLIC)
def test_public_classes_are_found_in_the_package(cls):
    assert cls.__module__ == "sknn_scratch"
    assert cls.__qualname__ == cls.__name__


@pytest.mark.parametrize("cls", PUBLIC)
def test_pickles_name_the_package_alone(cls):
    model = cls(MLPClassifier((5,))) if cls is HiddenFeatures else cls()
    model.set_params(**{name: 2 for name in model.get_params() if name.rpartition("__")[2] == "max_iter"})
    for made in (model, clone(model).fit(X[:, :4], NUMBERS if is_regressor(model) else LABELS)):
        pickled = pickle.dumps(made)
        assert f"sknn_scratch\x94\x8c{chr(len(cls.__name__))}{cls.__name__}".encode("latin-1") in pickled
        again = pickle.loads(pickled)
        assert type(again) is cls
        assert repr(again) == repr(made)
    method = "predict" if hasattr(made, "predict") else "transform"
    assert_array_equal(getattr(again, method)(X[:, :4]), getattr(made, method)(X[:, :4]))
