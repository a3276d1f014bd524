"""Displays of codes, reconstructions and Gibbs sampling: what is drawn is what the estimators return."""

from functools import cache

import matplotlib as mpl
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from threadpoolctl import threadpool_limits

from sknn_scratch import Autoencoder, BernoulliRBM, MLPClassifier
from sknn_scratch.inspection import CodeDisplay, GibbsDisplay, ReconstructionDisplay, WeightsDisplay
from tests.inspection.models import DIGITS, IRIS, LABELS, SPECIES

mpl.use("agg")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = DIGITS / 16
MODELS = {
    "autoencoder": (Autoencoder((2,), max_iter=2, random_state=0), X),
    "machine": (BernoulliRBM(6, n_iter=1, random_state=0), X),
    "of iris": (Autoencoder((3,), max_iter=2, random_state=0), IRIS),
}


@cache
def fitted(name):
    model, rows = MODELS[name]
    return model.fit(rows)


def drawn(image):
    return np.ma.filled(image.get_array(), np.nan)


def test_two_units_are_drawn_as_they_are():
    display = CodeDisplay.from_estimator(fitted("autoencoder"), X, LABELS)
    codes = fitted("autoencoder").transform(X)
    assert [text.get_text() for text in display.legend_.get_texts()] == [str(label) for label in range(10)]
    for label, points in enumerate(display.points_):
        assert_allclose(points.get_offsets(), codes[label == LABELS])
    assert display.ax_.get_xlabel() == "unit 0"
    first_two = CodeDisplay.from_estimator(fitted("of iris"), IRIS, method="units").points
    assert_array_equal(first_two, fitted("of iris").transform(IRIS)[:, :2])


def test_more_units_are_projected():
    display = CodeDisplay.from_estimator(fitted("machine"), X, X[:, 20])
    assert_allclose(display.points, PCA(2).fit_transform(fitted("machine").transform(X)))
    assert_array_equal(display.points_[0].get_array(), X[:, 20])
    assert display.colorbar_ is not None
    with threadpool_limits(1):  # whose OpenMP threads wait for each other
        near = CodeDisplay.from_estimator(fitted("machine"), X[:40], method="tsne")
        assert_array_equal(near.points, TSNE(random_state=0).fit_transform(fitted("machine").transform(X[:40])))


def test_what_is_no_plane():
    with pytest.raises(ValueError, match="two units or more, got 1"):
        CodeDisplay.from_estimator(Autoencoder((1,), max_iter=1).fit(X), X)
    with pytest.raises(ValueError, match='must be "auto", "units", "pca" or "tsne", got \'umap\''):
        CodeDisplay.from_estimator(fitted("autoencoder"), X, method="umap")
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        CodeDisplay.from_estimator(fitted("autoencoder"), X, LABELS[:5])


@pytest.mark.parametrize("name", ["autoencoder", "machine"])
def test_reconstructions_stand_where_their_originals_do(name):
    estimator = fitted(name)
    display = ReconstructionDisplay.from_estimator(estimator, X, n_rows=4, image_shape=(8, 8))
    left, right = map(drawn, display.images_)
    assert_array_equal(left[:8, 10:18], X[1].reshape(8, 8))
    assert_allclose(right[10:18, :8], estimator.reconstruct(X)[2].reshape(8, 8))
    assert display.images_[0].get_clim() == display.images_[1].get_clim()


def test_reconstructions_behind_a_pipeline_and_of_rows_that_are_no_images():
    pipeline = make_pipeline(FunctionTransformer(lambda X: X / 16), fitted("autoencoder"))
    through = ReconstructionDisplay.from_estimator(pipeline.fit(DIGITS), DIGITS, image_shape=(8, 8))
    assert_array_equal(through.originals, X[:16])
    display = ReconstructionDisplay.from_estimator(fitted("of iris"), sparse.csr_array(IRIS), n_rows=5)
    assert_array_equal(drawn(display.images_[0]), IRIS[:5])
    assert_allclose(drawn(display.images_[1]), fitted("of iris").reconstruct(IRIS)[:5])
    with pytest.raises(TypeError, match="for Autoencoder and BernoulliRBM; got an instance of MLPClassifier"):
        ReconstructionDisplay.from_estimator(MLPClassifier(max_iter=1).fit(IRIS, SPECIES), IRIS)


def test_chains_go_on_from_step_to_step():
    display = GibbsDisplay.from_estimator(fitted("machine"), X, steps=(0, 1, 3), n_chains=4, image_shape=(8, 8))
    assert_array_equal(display.means[0], X[:4])
    rng = np.random.RandomState(0)
    after_one = fitted("machine").gibbs(X[:4], 1, rng)
    assert_allclose(display.means[1], fitted("machine").reconstruct(after_one))
    assert_allclose(display.means[2], fitted("machine").reconstruct(fitted("machine").gibbs(after_one, 2, rng)))
    image = drawn(display.image_)
    assert_allclose(image[20:28, 10:18], display.means[2, 1].reshape(8, 8))
    assert [text.get_text() for text in display.texts_] == ["0 steps", "1 steps", "3 steps"]
    at_random = GibbsDisplay.from_estimator(fitted("machine"), n_chains=3, steps=[0])
    assert set(np.unique(at_random.means)) == {0, 1}
    for steps in ((), (1, 1), (-1,), (0.5,)):
        with pytest.raises(ValueError, match="whole numbers >= 0 in rising order"):
            GibbsDisplay.from_estimator(fitted("machine"), steps=steps)
    with pytest.raises(TypeError, match="for BernoulliRBM"):
        GibbsDisplay.from_estimator(fitted("autoencoder"))


def test_receptive_fields_of_a_machine():
    display = WeightsDisplay.from_estimator(fitted("machine"), image_shape=(8, 8), units=[4])
    assert_array_equal(display.weights, fitted("machine").components_[4:5].reshape(1, 8, 8))
    assert_array_equal(WeightsDisplay.from_estimator(fitted("machine")).weights, fitted("machine").components_.T)
