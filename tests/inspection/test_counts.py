"""Displays of several pictures refuse to draw none."""

import pytest

from sknn_scratch.inspection import DeconvolutionDisplay, FeatureMapsDisplay
from tests.inspection.models import DIGITS, fitted

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
pytest.importorskip("matplotlib")


@pytest.mark.parametrize("n", [0, -1])
def test_counts_start_at_1(n):
    model = fitted("convnet")[0]
    with pytest.raises(ValueError, match=f"max_maps == {n}, must be >= 1"):
        FeatureMapsDisplay.from_estimator(model, DIGITS[:1], max_maps=n)
    with pytest.raises(ValueError, match=f"n_images == {n}, must be >= 1"):
        DeconvolutionDisplay.from_estimator(model, DIGITS[:5], n_images=n)
