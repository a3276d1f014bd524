"""Networks inside of pipelines, searches and FrozenEstimator, for displays and studies."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import neural_network
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sknn_scratch import MLPClassifier, MLPRegressor, check_gradient, diagnose, find_learning_rate
from sknn_scratch.estimators.fitted import fitted_way, way_to_network
from sknn_scratch.inspection import (
    ActivationMaximizationDisplay,
    LearningRateDisplay,
    NetworkDisplay,
    SaliencyDisplay,
    TrainingHistoryDisplay,
    input_gradient,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)
FRAME = load_iris(as_frame=True).data


def net(**params):
    return MLPClassifier((4,), max_iter=5, random_state=0, **params)


def pipeline(*first):
    return make_pipeline(*(first or (StandardScaler(), PCA(2))), net())


def search(model, **params):
    name = "mlpclassifier__alpha" if hasattr(model, "steps") else "alpha"
    return GridSearchCV(model, {name: [0.0, 0.1]}, cv=2, **params)


WRAPPED = {  # an estimator that is fitted, the steps that X goes through
    "network": (lambda: net().fit(X, Y), []),
    "pipeline": (lambda: pipeline().fit(X, Y), [StandardScaler, PCA]),
    "pipeline in a pipeline": (lambda: make_pipeline(StandardScaler(), pipeline(PCA(3), "passthrough")).fit(X, Y),
                               [StandardScaler, PCA]),
    "search": (lambda: search(net()).fit(X, Y), []),
    "search over a pipeline": (lambda: search(pipeline()).fit(X, Y), [StandardScaler, PCA]),
    "search in a pipeline": (lambda: make_pipeline(StandardScaler(), search(net())).fit(X, Y), [StandardScaler]),
    "frozen pipeline": (lambda: FrozenEstimator(pipeline().fit(X, Y)), [StandardScaler, PCA]),
    "frozen step": (lambda: make_pipeline(StandardScaler().fit(X), FrozenEstimator(net().fit(X, Y))), [StandardScaler]),
}  # fmt: skip


@pytest.mark.parametrize("name", WRAPPED)
def test_way(name):
    make, steps = WRAPPED[name]
    model = make()
    way = fitted_way(model)
    assert [type(step) for step in way.steps] == steps
    assert_array_equal(way.estimator.predict(way.transform(X)), model.predict(X))
    assert diagnose(model, X, Y) == diagnose(way.estimator, way.transform(X), Y)
    for study in (check_gradient, find_learning_rate):
        a, b = study(model, X, Y), study(way.estimator, way.transform(X), Y)
        assert a.keys() == b.keys()
        assert all(np.array_equal(a[key], b[key]) for key in a)
    assert_array_equal(input_gradient(model, X[:5]), input_gradient(way.estimator, way.transform(X[:5])))


def test_studies_of_what_is_not_fitted_fit_the_steps():
    model = pipeline()
    rows = PCA(2).fit_transform(StandardScaler().fit_transform(X))
    assert check_gradient(model, X, Y) == check_gradient(net(), rows, Y)
    assert_allclose(find_learning_rate(model, X, Y).losses, find_learning_rate(net(), rows, Y).losses)
    assert not hasattr(model[0], "mean_")
    with pytest.raises(NotFittedError):
        diagnose(model, X, Y)


def test_names_are_those_of_the_steps():
    assert fitted_way(net().fit(FRAME, Y)).feature_names() == list(FRAME)
    assert fitted_way(net().fit(X, Y)).feature_names() == ["x0", "x1", "x2", "x3"]
    assert fitted_way(pipeline().fit(FRAME, Y)).feature_names() == ["pca0", "pca1"]
    assert fitted_way(pipeline(StandardScaler()).fit(FRAME, Y)).feature_names() == list(FRAME)
    assert fitted_way(pipeline(FunctionTransformer(), PCA(2)).fit(X, Y)).feature_names() == ["x0", "x1"]
    frames = pipeline(StandardScaler().set_output(transform="pandas")).fit(FRAME, Y)
    assert fitted_way(frames).feature_names() == list(FRAME)
    texts = pipeline(TfidfVectorizer()).fit(["to be", "or not", "not be"], [0, 1, 1])
    assert fitted_way(texts).feature_names() == ["be", "not", "or", "to"]


def test_displays():
    pytest.importorskip("matplotlib")
    model = pipeline().fit(FRAME, Y)
    assert SaliencyDisplay.from_estimator(model, FRAME[:2]).feature_names == ["pca0", "pca1"]
    assert NetworkDisplay.from_estimator(model).feature_names == ["pca0", "pca1"]
    assert ActivationMaximizationDisplay.from_estimator(model).feature_names == ["pca0", "pca1"]
    assert len(TrainingHistoryDisplay.from_estimator(search(model).fit(FRAME, Y)).history["loss"]) == 5
    assert len(LearningRateDisplay.from_estimator(model, FRAME, Y, n_steps=5).rates) == 5


def test_sparse_steps():
    texts, labels = ["to be", "or not", "not be", "to or"] * 10, [0, 1, 1, 0] * 10
    model = pipeline(TfidfVectorizer()).fit(texts, labels)
    assert input_gradient(model, texts[:3]).shape == (3, 4)
    check_gradient(model, pd.Series(texts), labels)


def test_what_has_no_way():
    for unfitted in (search(net()), search(net(), refit=False).fit(X, Y)):
        with pytest.raises(NotFittedError, match=r"GridSearchCV has no best_estimator_.*refit=True"):
            way_to_network(unfitted)
    with pytest.raises(NotFittedError, match="MLPClassifier instance is not fitted"):
        fitted_way(pipeline())
    for other in (
        StandardScaler(),
        TransformedTargetRegressor(MLPRegressor()),
        make_pipeline(net(), "passthrough"),
        net,
    ):
        with pytest.raises(TypeError, match=r"Only networks have layers.*Pass the network in it"):
            way_to_network(other)
    with pytest.raises(TypeError, match=r"got the MLPClassifier of sklearn\. Fit sknn_scratch\.MLPClassifier instead"):
        way_to_network(make_pipeline(neural_network.MLPClassifier()))
    with pytest.raises(TypeError, match=r"got the class MLPRegressor\. Pass an instance"):
        way_to_network(MLPRegressor)
