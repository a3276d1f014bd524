"""scikit-learn's own displays around our estimators: nothing of ours is needed for them."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.inspection import DecisionBoundaryDisplay, PartialDependenceDisplay
from sklearn.metrics import ConfusionMatrixDisplay, PredictionErrorDisplay, RocCurveDisplay, confusion_matrix

from sknn_scratch import MLPClassifier, PerceptronClassifier
from tests.inspection.models import IRIS, SPECIES, fitted

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
pytest.importorskip("matplotlib")


@pytest.mark.parametrize("name", ["mlp", "convnet", "network"])
def test_confusion_matrix(name):
    model, X = fitted(name)
    y = np.arange(len(X)) % len(model.classes_)
    display = ConfusionMatrixDisplay.from_estimator(model, X, y)
    expected = confusion_matrix(y, model.predict(X))
    assert_array_equal([[int(text.get_text()) for text in line] for line in display.text_], expected)


@pytest.mark.parametrize("response_method", ["predict", "predict_proba", "decision_function"])
@pytest.mark.parametrize("model", [MLPClassifier((4,), max_iter=3), PerceptronClassifier()])
def test_decision_boundary(model, response_method):
    model.fit(IRIS[:, :2], SPECIES > 0)
    display = DecisionBoundaryDisplay.from_estimator(
        model, IRIS[:, :2], response_method=response_method, grid_resolution=5
    )
    grid = np.c_[display.xx0.ravel(), display.xx1.ravel()]
    expected = getattr(model, response_method)(grid)
    expected = expected[:, 1] if expected.ndim == 2 else expected
    assert_array_equal(display.response.ravel(), expected)


def test_curves_and_errors():
    model, X = fitted("mlp two classes")
    assert RocCurveDisplay.from_estimator(model, X, SPECIES > 1).roc_auc > 0.5
    assert PartialDependenceDisplay.from_estimator(model, X, [0], grid_resolution=5).lines_.shape == (1, 1)
    model, X = fitted("network numbers")
    display = PredictionErrorDisplay.from_estimator(model, X, IRIS[:, 3], kind="actual_vs_predicted", subsample=None)
    assert_array_equal(display.scatter_.get_offsets()[:, 0], model.predict(X))
