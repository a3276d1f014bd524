"""Augmentations: laws that all of them obey, and where the pixels of known images go.

An image whose numbers are the places of its pixels (`PLACES`) shows where each pixel of the result came from.
"""

import math
from contextlib import nullcontext

import numpy as np
import pytest
from scipy import ndimage

from sknn_scratch.nn import objective as objective_module
from sknn_scratch.nn.arena import Arena
from sknn_scratch.nn.layers import (
    Dense,
    ElasticDistortion,
    Flatten,
    GaussianNoise,
    RandomBrightness,
    RandomColor,
    RandomFlip,
    RandomRotation,
    RandomScaling,
    RandomShift,
    Reshape,
)
from sknn_scratch.nn.losses import SquaredError
from sknn_scratch.nn.network import Network
from sknn_scratch.nn.objective import Objective
from sknn_scratch.nn.penalty import ElasticNet
from sknn_scratch.nn.rows import Rows
from sknn_scratch.nn.warp import warp
from tests.nn.tables import AUGMENTATIONS, GEOMETRIC, label, mode

NOTHING = [
    RandomRotation(0),
    RandomScaling(0),
    ElasticDistortion(0),
    RandomShift(0),
    RandomShift((0, 0), fill=5.0),
    RandomFlip(False, False),
    RandomBrightness(0),
    RandomColor(0),
]
H, W = 9, 12
PLACES = np.moveaxis(np.indices((H, W), dtype=float), 0, -1)

every_augmentation = pytest.mark.parametrize("layer", AUGMENTATIONS, ids=label)


def augment(layer, x, seed=0, dtype=np.float64):
    """Return what becomes of the images x, with the same random numbers each time."""
    network = Network([layer], x.shape[1:], dtype)
    return layer.forward(network.params[0], x, mode(dtype, seed=seed))[0].copy()


def images(n=6, shape=(H, W, 3), seed=0):
    return np.random.default_rng(seed).normal(size=(n, *shape))


def copies(n, image):
    return np.repeat(image[None], n, axis=0)


class Highest:
    """Stands for a generator whose numbers are always the largest that can be asked for."""

    def uniform(self, low, high, size):
        return np.full(size, float(high))


def with_highest(layer, x):
    highest = mode()
    highest.rng = Highest()
    return layer.forward(None, x, highest)[0]


@every_augmentation
def test_prediction_sees_the_images_as_they_are(layer):
    x = images()
    y, backward = layer.forward(None, x, mode(training=False))
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(backward(2 * x, None, True), 2 * x)


@every_augmentation
def test_same_random_numbers_same_images(layer):
    x = images()
    np.testing.assert_array_equal(augment(layer, x), augment(layer, x))
    assert (augment(layer, x) != augment(layer, x, seed=1)).any()


@every_augmentation
def test_each_image_is_changed_in_its_own_way(layer):
    y = augment(layer, copies(64, images(1)[0]))
    as_the_first = (y == y[0]).all(axis=(1, 2, 3))
    assert as_the_first.sum() < 48  # flips that come up the same 48 times of 64: 1 in 10,000


@every_augmentation
def test_other_images_do_not_matter(layer):
    x = images()
    others = images(seed=1)
    others[2] = x[2]
    np.testing.assert_array_equal(augment(layer, others)[2], augment(layer, x)[2])


@every_augmentation
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_stays_and_input_is_not_written_to(layer, dtype):
    x = images().astype(dtype)
    before = x.copy()
    x.flags.writeable = False
    y = augment(layer, x, dtype=dtype)
    assert y.dtype == dtype
    assert y.shape == x.shape
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("layer", [a for a in AUGMENTATIONS if not isinstance(a, ElasticDistortion)], ids=label)
def test_float32_is_float64_rounded(layer):
    """Elastic distortions draw other numbers in float32."""
    x = images().astype(np.float32)
    np.testing.assert_allclose(augment(layer, x, dtype=np.float32), augment(layer, x.astype(float)), atol=1e-4)


@pytest.mark.parametrize("layer", NOTHING, ids=label)
def test_nothing_changes_nothing(layer):
    x = images()
    np.testing.assert_allclose(augment(layer, x), x, rtol=1e-14)


@every_augmentation
def test_huge_numbers_stay_finite(layer):
    x = np.where(images() > 0, 1e30, -1e30).astype(np.float32)
    with np.errstate(all="raise", under="ignore"):
        assert np.isfinite(augment(layer, x, dtype=np.float32)).all()


@pytest.mark.parametrize("layer", GEOMETRIC, ids=label)
def test_channels_move_together(layer):
    x = images()
    x[..., 1] = x[..., 0]
    y = augment(layer, x)
    np.testing.assert_array_equal(y[..., 1], y[..., 0])


@pytest.mark.parametrize("layer", GEOMETRIC, ids=label)
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 9, 1), (9, 1, 2)])
def test_signals_are_images_too(layer, shape):
    y = augment(layer, np.full((5, *shape), 3.0))
    lowest = 3 if getattr(layer, "fill", "nearest") == "nearest" else layer.fill
    assert lowest - 1e-12 <= y.min() <= y.max() <= 3 + 1e-12


BORDERS = [("nearest", {"mode": "nearest"}), (-7.0, {"mode": "grid-constant", "cval": -7.0})]


@pytest.mark.parametrize(("fill", "scipys"), BORDERS, ids=label)
@pytest.mark.parametrize("place", [lambda far: far, np.round], ids=["between pixels", "on pixels"])
def test_warp_is_scipys_map_coordinates(fill, scipys, place):
    x, rng = images(), np.random.default_rng(1)
    down, across = place(rng.normal(scale=5, size=(2, *x.shape[:3])))
    y = warp(x, down.copy(), across.copy(), fill, Arena(float))
    for k, c in np.ndindex(len(x), 3):
        places = PLACES[..., 0] + down[k], PLACES[..., 1] + across[k]
        expected = ndimage.map_coordinates(x[k, ..., c], places, order=1, **scipys)
        np.testing.assert_allclose(y[k, ..., c], expected, atol=1e-12)


@pytest.mark.parametrize(("fill", "scipys"), BORDERS, ids=label)
def test_rotation_and_scaling_are_scipys_affine_transform(fill, scipys):
    """By 30 degrees to the left, and by 1.75."""
    x = images()
    cosine, sine = math.sqrt(3) / 2, 0.5
    for layer, matrix in (
        (RandomRotation(30, fill=fill), np.array([[cosine, sine], [-sine, cosine]])),
        (RandomScaling(0.75, fill=fill), np.eye(2) / 1.75),
    ):
        centre = np.array([(H - 1) / 2, (W - 1) / 2])
        y = with_highest(layer, x)
        for k, c in np.ndindex(len(x), 3):
            expected = ndimage.affine_transform(x[k, ..., c], matrix, centre - matrix @ centre, order=1, **scipys)
            np.testing.assert_allclose(y[k, ..., c], expected, atol=1e-12)


@pytest.mark.parametrize("shape", [(8, 8, 1), (9, 9, 3)])
def test_rotation_by_90_degrees_is_rot90(shape):
    x = images(shape=shape)
    np.testing.assert_allclose(with_highest(RandomRotation(90), x), np.rot90(x, axes=(1, 2)), atol=1e-12)
    np.testing.assert_allclose(with_highest(RandomRotation(180), x), x[:, ::-1, ::-1], atol=1e-12)


def test_rotation_angles():
    """Seen in two pixels in the middle: what is one to the right comes from a cosine to the right, a sine down."""
    y = augment(RandomRotation(30), copies(2000, PLACES))
    sine, cosine = (y[:, 4, 6] - y[:, 4, 5]).T
    angle = np.degrees(np.arctan2(sine, cosine))
    assert_uniform(angle, -30, 30)


def test_scaling_factors():
    y = augment(RandomScaling(0.25), copies(2000, PLACES))
    growth = 1 / (y[:, 5, 6] - y[:, 4, 5])
    np.testing.assert_allclose(growth[:, 0], growth[:, 1])
    assert_uniform(growth[:, 0], 0.75, 1.25)


def assert_uniform(values, low, high):
    """Within the limits, and mean and spread as they have to be, to five standard errors."""
    assert low <= values.min() < low + 0.05 * (high - low)
    assert high - 0.05 * (high - low) < values.max() <= high
    std = (high - low) / math.sqrt(12)
    assert values.mean() == pytest.approx((low + high) / 2, abs=5 * std / math.sqrt(len(values)))
    assert values.std() == pytest.approx(std, rel=5 * math.sqrt(0.2 / len(values)))  # its kurtosis is 1.8


def shifts(layer, n=2000):
    """Return how far n images came down and across, from a pixel in the middle."""
    y = augment(layer, copies(n, PLACES))
    return (PLACES - y)[:, H // 2, W // 2].T


def test_shifts_are_whole_and_uniform():
    down, across = shifts(RandomShift(2))
    for way in (down, across):
        steps, counts = np.unique(way, return_counts=True)
        np.testing.assert_array_equal(steps, [-2, -1, 0, 1, 2])
        np.testing.assert_allclose(counts, 400, atol=5 * math.sqrt(2000 * 0.2 * 0.8))
    assert abs(np.corrcoef(down, across)[0, 1]) < 5 / math.sqrt(2000)


def test_shifts_have_two_directions():
    down, across = shifts(RandomShift((0, 3)))
    assert set(down) == {0}
    assert set(across) == {-3, -2, -1, 0, 1, 2, 3}


@pytest.mark.parametrize("fill", ["nearest", -7.0])
def test_shift_by_slices(fill):
    """Image by image: rolled, and what came round the corner painted over."""
    x = images(50)
    y = augment(RandomShift((2, 3), fill=fill), x)
    # The same random numbers move the places as well.
    moved = augment(RandomShift((2, 3)), copies(50, PLACES))
    for k, (i, j) in enumerate((PLACES - moved)[:, H // 2, W // 2].astype(int)):
        expected = np.roll(x[k], (i, j), axis=(0, 1))
        for axis, step in ((0, i), (1, j)):
            image = np.moveaxis(expected, axis, 0)
            gap, edge = (slice(None, step), step) if step > 0 else (slice(len(image) + step, None), step - 1)
            image[gap] = image[edge] if fill == "nearest" else fill
        np.testing.assert_array_equal(y[k], expected)


def test_shift_farther_than_the_image():
    y = augment(RandomShift(30, fill=-7.0), images(20, (2, 2, 1)))
    assert (y.reshape(20, -1) == -7).all(axis=1).any()


@pytest.mark.parametrize(
    ("layer", "ways"),
    [
        (RandomFlip(), [PLACES, PLACES[:, ::-1]]),
        (RandomFlip(horizontal=False, vertical=True), [PLACES, PLACES[::-1]]),
        (RandomFlip(vertical=True), [PLACES, PLACES[:, ::-1], PLACES[::-1], PLACES[::-1, ::-1]]),
    ],
    ids=label,
)
def test_flips_are_equally_frequent(layer, ways):
    y = augment(layer, copies(1000, PLACES))
    counts = [(y == way).all(axis=(1, 2, 3)).sum() for way in ways]
    p = 1 / len(ways)
    assert sum(counts) == 1000
    np.testing.assert_allclose(counts, 1000 * p, atol=5 * math.sqrt(1000 * p * (1 - p)))


def test_brightness_is_one_factor_for_an_image():
    x = images(2000, (2, 2, 3))
    factors = (augment(RandomBrightness(0.2), x) / x).reshape(2000, -1)
    np.testing.assert_allclose(factors, np.repeat(factors[:, :1], 12, axis=1), rtol=1e-12)
    assert_uniform(factors[:, 0], 0.8, 1.2)


def test_colour_is_one_factor_for_a_channel():
    x = images(2000, (2, 2, 3))
    factors = (augment(RandomColor(0.2), x) / x).reshape(2000, 4, 3)
    np.testing.assert_allclose(factors, np.repeat(factors[:, :1], 4, axis=1), rtol=1e-12)
    for channel in factors[:, 0].T:
        assert_uniform(channel, 0.8, 1.2)
    assert np.abs(np.corrcoef(factors[:, 0].T) - np.eye(3)).max() < 5 / math.sqrt(2000)


@pytest.fixture(scope="module")
def displacements():
    """400 fields of displacements of alpha = 34, sigma = 4, down and across, (800, 61, 61)."""
    places = np.moveaxis(np.indices((61, 61), dtype=float), 0, -1)
    return np.moveaxis(augment(ElasticDistortion(34, 4), copies(400, places)) - places, 3, 0).reshape(800, 61, 61)


def test_elastic_displacements_have_the_documented_size(displacements):
    """1.38 pixels in the middle, where 17 pixels on all sides see whole Gaussians and no border."""
    middle = displacements[:, 20:41, 20:41]
    five_errors = 5 / math.sqrt(800)  # of a mean of independent fields, each counted as one number
    assert abs(middle.mean()) < 1.38 * five_errors
    assert middle.std() == pytest.approx(34 / (4 * math.sqrt(12 * math.pi)), rel=five_errors / math.sqrt(2))


def test_elastic_displacements_are_smooth(displacements):
    """What two Gaussians of standard deviation 4 share falls off as exp(-distance^2 / (4 4^2))."""
    for distance, correlation in ((1, 0.9845), (4, 0.7788), (8, 0.3679)):
        pairs = displacements[:, 30, 30], displacements[:, 30, 30 + distance]
        error = (1 - correlation**2) / math.sqrt(800)
        assert np.corrcoef(*pairs)[0, 1] == pytest.approx(correlation, abs=5 * error)
    down, across = displacements[:400, 30, 30], displacements[400:, 30, 30]
    assert abs(np.corrcoef(down, across)[0, 1]) < 5 / math.sqrt(400)


def test_elastic_displacements_are_scipys_gaussian():
    """Over the same uniform noise, in the order in which the layer draws it."""
    noise = mode().rng.random((2, 3, H, W)) * 2 - 1
    fields = 5 * ndimage.gaussian_filter(noise, (0, 0, 1.5, 1.5), mode="constant")
    place = np.clip(np.moveaxis(fields, 0, -1) + PLACES, 0, [H - 1, W - 1])
    np.testing.assert_allclose(augment(ElasticDistortion(5, 1.5), copies(3, PLACES)), place, atol=1e-12)


@pytest.mark.parametrize("layer", [RandomShift(), RandomFlip(), RandomColor(), ElasticDistortion()], ids=label)
@pytest.mark.parametrize("input_shape", [(64,), (8, 8), ()])
def test_rows_that_are_no_images(layer, input_shape):
    name = type(layer).__name__
    with pytest.raises(ValueError, match=rf"{name} needs images .*, got rows of shape \(.*\)\. Put Reshape\("):
        Network([layer, Dense(3)], input_shape, np.float64)


@pytest.mark.parametrize(
    ("recipe", "settings", "message"),
    [
        (RandomShift, {"pixels": -1}, "pixels to be a whole number >= 0 .* got pixels=-1"),
        (RandomShift, {"pixels": 0.1}, "pixels to be a whole number >= 0 .* got pixels=0.1"),
        (RandomShift, {"pixels": (1, 2, 3)}, r"pair of them \(down, across\), got pixels=\(1, 2, 3\)"),
        (RandomShift, {"fill": "constant"}, "fill=\"nearest\" or -inf < fill < inf, got fill='constant'"),
        (RandomRotation, {"fill": math.nan}, 'fill="nearest" or -inf < fill < inf, got fill=nan'),
        (RandomRotation, {"degrees": -1}, "0 <= degrees < inf, got degrees=-1"),
        (RandomScaling, {"factor": 1.0}, "0 <= factor < 1, got factor=1.0"),
        (RandomBrightness, {"factor": -0.1}, "0 <= factor < 1, got factor=-0.1"),
        (RandomColor, {"factor": math.nan}, "0 <= factor < 1, got factor=nan"),
        (ElasticDistortion, {"alpha": math.inf}, "0 <= alpha < inf, got alpha=inf"),
        (ElasticDistortion, {"sigma": 0}, "0 < sigma < inf, got sigma=0"),
    ],
)
def test_wrong_settings(recipe, settings, message):
    with pytest.raises(ValueError, match=f"{recipe.__name__} needs .*{message}"):
        recipe(**settings)


LAYERS = [Reshape((8, 8, 1)), RandomShift(1), RandomRotation(), ElasticDistortion(8), GaussianNoise(), Flatten()]


def gradient(layers):
    """Return the gradient of 70 rows of an augmented network, two shards."""
    network = Network([*layers, Dense(3)], (64,), np.float32)
    network.initialize(np.random.default_rng(0))
    rows = Rows(np.random.default_rng(1).normal(size=(70, 64)).astype(np.float32), np.ones((70, 3), np.float32))
    objective = Objective(network, SquaredError(), ElasticNet())
    with objective.in_threads(70):
        objective.value_and_gradient(rows, mode(np.float32))
    return network.gradient.copy()


def test_shards_may_go_in_any_order(monkeypatch):
    gradients = []
    for way in (1, -1):

        def run(task, items, way=way):
            assert len(items) == 2
            return [task(item) for item in items[::way]][::way]

        monkeypatch.setattr(objective_module, "workers", lambda run=run: nullcontext(run))
        gradients.append(gradient(LAYERS))
    np.testing.assert_array_equal(*gradients)


def test_no_gradient_through_an_augmentation():
    with pytest.raises(ValueError, match=r"RandomFlip has no gradient\. Put it before all layers with weights"):
        gradient([Dense(64), Reshape((8, 8, 1)), RandomFlip(), Flatten()])
