"""HiddenFeatures: a layer's output as features, of a clone that it fits or of a frozen network."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from sknn_scratch import ConvNetClassifier, HiddenFeatures, MLPClassifier, MLPRegressor, PerceptronClassifier
from sknn_scratch.inspection import FeatureMapsDisplay
from tests.inspection.models import DIGITS, IRIS, IRIS_FRAME, LABELS, SPECIES, fitted
from tests.learned import numbers

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@parametrize_with_checks(
    [
        HiddenFeatures(MLPClassifier((5,), max_iter=5, random_state=0)),
        HiddenFeatures(MLPRegressor((5,), max_iter=5, random_state=0), layer=1),
    ]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_features_are_those_of_the_layer():
    """By hand: relu((1, 2) W + b) with W = ((1, 0), (1, -1)), b = (0, 1) is relu((3, -1)) = (3, 0)."""
    network = MLPClassifier((2,)).set_weights([[[1, 0], [1, -1]], [[1], [1]]], [[0, 1], [0]])
    frozen = FrozenEstimator(network)
    assert_array_equal(HiddenFeatures(frozen).fit([[1, 2]]).transform([[1, 2]]), [[3, 0]])
    assert_array_equal(HiddenFeatures(frozen, layer=0).fit([[1, 2]]).transform([[1, 2]]), [[3, -1]])


def test_a_frozen_network_stays_as_it_is_and_another_is_cloned():
    model, X = fitted("mlp")
    before = numbers(model)
    features = HiddenFeatures(FrozenEstimator(model)).fit(X).transform(X)
    assert_array_equal(numbers(model), before)
    assert_allclose(features @ model.coefs_[1] + model.intercepts_[1], model.decision_function(X))
    fresh = MLPClassifier((8,), max_iter=5, random_state=0)
    assert_allclose(HiddenFeatures(fresh).fit_transform(X, SPECIES), features)
    assert not hasattr(fresh, "coefs_")


def test_feature_maps_become_flat_rows():
    model, X = fitted("convnet")
    transformer = HiddenFeatures(FrozenEstimator(model), layer=6).fit(X)
    rows = transformer.transform(X)
    assert rows.shape == (len(X), 2 * 2 * 6)
    assert len(transformer.get_feature_names_out()) == 2 * 2 * 6
    assert_array_equal(transformer.transform(X.reshape(-1, 8, 8)), rows)
    maps = FeatureMapsDisplay.from_estimator(model, X[:1]).maps
    assert_allclose(rows[0], next(part for part in maps if part.shape == (2, 2, 6) and (part >= 0).all()).ravel())


@pytest.mark.parametrize("layer", [0, 1, 2, -1])
def test_sparse_rows(layer):
    X = sparse.csr_array(np.maximum(IRIS - 3, 0))
    model = HiddenFeatures(MLPClassifier((5,), input_dropout=0.1, max_iter=2, random_state=0), layer).fit(X, SPECIES)
    assert_allclose(model.transform(X), model.transform(X.toarray()), rtol=1e-12)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames(library):
    pytest.importorskip(library)
    frame = HiddenFeatures(MLPClassifier((3,), max_iter=2)).set_output(transform=library).fit(IRIS_FRAME, SPECIES)
    assert list(frame.transform(IRIS_FRAME).columns) == [f"hiddenfeatures{i}" for i in range(3)]
    assert list(frame.feature_names_in_) == list(IRIS_FRAME.columns)


def test_in_a_search():
    model = make_pipeline(HiddenFeatures(MLPClassifier(max_iter=10, random_state=0)), LogisticRegression())
    grid = {"hiddenfeatures__estimator__hidden_layer_sizes": [(1,), (16, 8)]}
    search = GridSearchCV(model, grid, cv=3).fit(IRIS, SPECIES)
    assert search.best_params_ == {"hiddenfeatures__estimator__hidden_layer_sizes": (16, 8)}
    assert search.best_score_ > 0.9


def test_weights_of_rows_reach_the_network():
    weight = 1.0 + (SPECIES == 1)
    network = MLPClassifier((4,), max_iter=2, random_state=0)
    expected = network.fit(IRIS, SPECIES, sample_weight=weight).coefs_[0]
    given = HiddenFeatures(MLPClassifier((4,), max_iter=2, random_state=0)).fit(IRIS, SPECIES, sample_weight=weight)
    assert_array_equal(given.estimator_.coefs_[0], expected)
    with config_context(enable_metadata_routing=True):
        routed = HiddenFeatures(MLPClassifier((4,), max_iter=2, random_state=0).set_fit_request(sample_weight=True))
        assert_array_equal(routed.fit(IRIS, SPECIES, sample_weight=weight).estimator_.coefs_[0], expected)


def test_says_what_is_wrong():
    with pytest.raises(TypeError, match="Only networks have layers to look into"):
        HiddenFeatures(PerceptronClassifier()).fit(IRIS, SPECIES)
    with pytest.raises(ValueError, match="layer must be a line of summary"):
        HiddenFeatures(MLPClassifier((3,), max_iter=1), layer=7).fit(IRIS, SPECIES)
    with pytest.raises(NotFittedError, match="This MLPClassifier instance is not fitted yet"):
        HiddenFeatures(FrozenEstimator(MLPClassifier())).fit(IRIS)
    with pytest.raises(NotFittedError, match="This HiddenFeatures instance is not fitted yet"):
        HiddenFeatures(MLPClassifier()).transform(IRIS)
    with pytest.raises(ValueError, match="X has 3 features"):
        HiddenFeatures(ConvNetClassifier(max_iter=1)).fit(DIGITS, LABELS).transform(np.zeros((1, 3)))
