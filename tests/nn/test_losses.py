"""Losses: a table of them times a list of laws, second implementations, and numbers worked by hand."""

import math

import numpy as np
import pytest
from scipy.special import huber, softmax
from sklearn.metrics import (
    log_loss,
    mean_absolute_error,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
)

from sknn_scratch.nn.links import LINKS
from sknn_scratch.nn.losses import (
    AbsoluteError,
    BinaryCrossEntropy,
    Focal,
    Huber,
    Loss,
    PerceptronLoss,
    Poisson,
    Quantile,
    Quantiles,
    SoftmaxCrossEntropy,
    SquaredError,
)
from tests.differences import assert_gradient
from tests.nn.tables import LOSSES, apart, bits, counts, label, one_hot, shares

every_loss = pytest.mark.parametrize(("loss", "draw_target"), LOSSES, ids=label)
every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def evaluate(loss, target, raw, sample_weight=None):
    return loss.value_and_gradient(target, raw, sample_weight, len(raw))


def draw(draw_target, n=7, k=3):
    """Return random numbers, raw outputs that are not near zero, and targets."""
    rng = np.random.default_rng(0)
    raw = rng.normal(size=(n, k))
    raw += 0.1 * np.sign(raw)
    return rng, raw, draw_target(rng, raw)


@every_loss
@pytest.mark.parametrize("weighted", [False, True])
def test_gradient(loss, draw_target, weighted):
    rng, raw, target = draw(draw_target)
    weight = rng.random(len(raw)) + 0.5 if weighted else None
    _, gradient = evaluate(loss, target, raw, weight)
    assert_gradient(lambda x: evaluate(loss, target, x, weight)[0], raw, gradient, rng)


@every_loss
def test_weight_k_is_k_rows(loss, draw_target):
    """A weight of 0 is a row that is not there. The sum is over n rows, whatever they weigh."""
    _, raw, target = draw(draw_target)
    weight = np.array([2, 0, 1, 3, 0, 1, 1])
    value, gradient = evaluate(loss, target, raw, weight.astype(float))
    value_k, gradient_k = evaluate(loss, target.repeat(weight, axis=0), raw.repeat(weight, axis=0))
    assert value * len(raw) == pytest.approx(value_k * weight.sum(), rel=1e-14)
    of_copies = np.zeros_like(raw)
    np.add.at(of_copies, np.arange(len(raw)).repeat(weight), gradient_k)
    np.testing.assert_allclose(gradient * len(raw), of_copies * weight.sum(), rtol=1e-14, atol=1e-16)


@every_loss
@pytest.mark.parametrize("weighted", [False, True])
def test_shards_add_up_to_the_batch(loss, draw_target, weighted):
    """Each part of a mini-batch is divided by the rows of all of it."""
    rng, raw, target = draw(draw_target)
    weight = rng.random(7) if weighted else None
    value, gradient = evaluate(loss, target, raw, weight)
    parts = [
        loss.value_and_gradient(target[part], raw[part], None if weight is None else weight[part], 7)
        for part in (slice(0, 3), slice(3, 7))
    ]
    assert sum(value for value, _ in parts) == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(np.concatenate([gradient for _, gradient in parts]), gradient, rtol=1e-14)


@every_loss
@every_dtype
def test_finite_for_wild_outputs(loss, draw_target, dtype):
    _, raw, target = draw(draw_target)
    wild = np.where(raw > 0, dtype(1e4), dtype(-1e4))
    with np.errstate(all="raise", under="ignore"):
        value, gradient = evaluate(loss, target.astype(dtype), wild)
        prediction = loss.predict(wild)
    assert 0 <= value < math.inf
    assert np.isfinite(gradient).all()
    assert np.isfinite(prediction).all()


@every_loss
@every_dtype
def test_dtype_stays(loss, draw_target, dtype):
    rng, raw, target = draw(draw_target)
    raw, target = raw.astype(dtype), target.astype(dtype)
    weight = rng.random(len(raw)).astype(dtype)
    for sample_weight in (None, weight):
        value, gradient = evaluate(loss, target, raw, sample_weight)
        assert isinstance(value, float)
        assert gradient.dtype == dtype
    assert loss.predict(raw).dtype == dtype


@every_loss
def test_arguments_are_not_written_to(loss, draw_target):
    rng, raw, target = draw(draw_target)
    weight = rng.random(len(raw))
    raw.flags.writeable = target.flags.writeable = weight.flags.writeable = False
    _, gradient = evaluate(loss, target, raw, weight)
    gradient[:] = 0  # the network may use it up
    loss.predict(raw)


SECOND = [  # loss, target, the same loss with mean-1 weights by somebody else
    (
        SoftmaxCrossEntropy(),
        one_hot,
        lambda t, raw, w: log_loss(t.argmax(axis=1), np.exp(raw) / np.exp(raw).sum(axis=1)[:, None], sample_weight=w),
    ),
    (
        BinaryCrossEntropy(),
        bits,
        lambda t, raw, w: sum(
            log_loss(a, 1 / (1 + np.exp(-b)), sample_weight=w, labels=[0, 1]) for a, b in zip(t.T, raw.T, strict=True)
        ),
    ),
    (
        Focal(1.5),
        shares,
        lambda t, raw, w: np.average(
            -(t * (1 - softmax(raw, axis=1)) ** 1.5 * np.log(softmax(raw, axis=1))).sum(axis=1), weights=w
        ),
    ),
    (
        Focal(1.5, "logistic"),  # label or not are two classes, of raw outputs r and 0
        bits,
        lambda t, raw, w: sum(
            evaluate(Focal(1.5), np.stack([a, 1 - a], 1), np.stack([b, 0 * b], 1), w)[0]
            for a, b in zip(t.T, raw.T, strict=True)
        ),
    ),
    (SquaredError(), apart, lambda t, raw, w: mean_squared_error(t, raw, sample_weight=w) / 2),
    (AbsoluteError(), apart, lambda t, raw, w: mean_absolute_error(t, raw, sample_weight=w)),
    (Quantile(0.3), apart, lambda t, raw, w: mean_pinball_loss(t, raw, alpha=0.3, sample_weight=w)),
    (Huber(0.8), apart, lambda t, raw, w: np.average(huber(0.8, raw - t).mean(axis=1), weights=w)),
    (
        Poisson(),
        counts,
        lambda t, raw, w: np.mean(
            [mean_poisson_deviance(a, np.exp(b), sample_weight=w) / 2 for a, b in zip(t.T, raw.T, strict=True)]
        ),
    ),
]


@pytest.mark.parametrize(("loss", "draw_target", "second"), SECOND, ids=label)
def test_value_is_that_of_scikit_learn_or_scipy(loss, draw_target, second):
    rng, raw, target = draw(draw_target, n=30)
    weight = rng.random(len(raw))
    weight /= weight.mean()
    assert evaluate(loss, target, raw, weight)[0] == pytest.approx(second(target, raw, weight), rel=1e-12)


@pytest.mark.parametrize(
    ("loss", "target", "raw", "value", "gradient"),
    [
        # p = (.75, .25): the loss is log 4 for the second class
        (SoftmaxCrossEntropy(), [0, 1], [math.log(3), 0], math.log(4), [0.75, -0.75]),
        (SoftmaxCrossEntropy(), [1, 0], [1e4, -1e4], 0, [0, 0]),
        (SoftmaxCrossEntropy(), [0, 1], [1e4, -1e4], 2e4, [1, -1]),
        (BinaryCrossEntropy(), [0, 1], [math.log(3), 0], math.log(4) + math.log(2), [0.75, -0.5]),
        (BinaryCrossEntropy(), [0, 1], [-1e4, 1e4], 0, [0, 0]),
        (BinaryCrossEntropy(), [1], [-1e4], 1e4, [-1]),
        # p = (.75, .25), with gamma = 1: .75 log 4; (1 - p) (-log p) falls by 1 / p - 1 - log p for each p,
        # and p_2 rises by 3/16 for each raw_2
        (Focal(1), [0, 1], [math.log(3), 0], 0.75 * math.log(4), [(3 + math.log(4)) * f for f in (3 / 16, -3 / 16)]),
        (Focal(1, "logistic"), [0], [math.log(3)], 0.75 * math.log(4), [(3 + math.log(4)) * 3 / 16]),
        (Focal(1, "logistic"), [1], [-math.log(3)], 0.75 * math.log(4), [(3 + math.log(4)) * -3 / 16]),
        (Focal(0.5), [1, 0], [1e4, -1e4], 0, [0, 0]),
        (Focal(0.5), [0, 1], [1e4, -1e4], 2e4, [1, -1]),
        (Focal(0.5, "logistic"), [0, 1], [-1e4, 1e4], 0, [0, 0]),
        (Focal(0.5, "logistic"), [1], [-1e4], 1e4, [-1]),
        (PerceptronLoss(), [1, 0, 1], [2, 3, -5], 8, [0, 1, -1]),
        (PerceptronLoss(), [1, 0], [0, 0], 0, [-1, 1]),  # on the boundary is a mistake
        (SquaredError(), [1, 5], [4, 4], 2.5, [1.5, -0.5]),  # (9/2 + 1/2) / 2
        (AbsoluteError(), [1, 5, 2], [4, 4, 2], 4 / 3, [1 / 3, -1 / 3, 0]),
        (Huber(), [0, 0], [0.5, -3], (0.125 + 2.5) / 2, [0.25, -0.5]),
        (Quantile(0.9), [3], [1], 1.8, [-0.9]),
        (Quantile(0.9), [1], [3], 0.2, [0.1]),
        (Quantile(0.9), [1], [1], 0, [0]),
        (Quantiles((0.1, 0.5, 0.9)), [3, 3, 3], [1, 3, 4], (0.2 + 0.1) / 3, [-0.1 / 3, 0, 0.1 / 3]),
        (Poisson(), [0], [math.log(2)], 2, [2]),
        (Poisson(), [2], [math.log(2)], 0, [0]),
        (Poisson(), [4], [math.log(2)], -2 + 4 * math.log(2), [-2]),  # mu - t + t log(t / mu)
    ],
    ids=label,
)
def test_one_row_by_hand(loss, target, raw, value, gradient):
    got, d_raw = evaluate(loss, np.array([target], float), np.array([raw], float))
    assert got == pytest.approx(value, abs=1e-15)
    np.testing.assert_allclose(d_raw, [gradient], rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(
    ("loss", "link", "raw", "prediction"),
    [
        (SoftmaxCrossEntropy(), "softmax", [math.log(1), math.log(2), math.log(5)], [0.125, 0.25, 0.625]),
        (SoftmaxCrossEntropy(), "softmax", [1e4, 0], [1, 0]),
        (BinaryCrossEntropy(), "logistic", [math.log(3), 0, -1e4], [0.75, 0.5, 0]),
        (Focal(), "softmax", [math.log(1), math.log(2), math.log(5)], [0.125, 0.25, 0.625]),
        (Focal(link="logistic"), "logistic", [math.log(3), 0, -1e4], [0.75, 0.5, 0]),
        (SquaredError(), "identity", [-2, 3], [-2, 3]),
        (AbsoluteError(), "identity", [-2, 3], [-2, 3]),
        (Huber(), "identity", [-2, 3], [-2, 3]),
        (Quantile(), "identity", [-2, 3], [-2, 3]),
        (Quantiles((0.1, 0.9)), "sorted", [3, -2], [-2, 3]),
        (PerceptronLoss(), "identity", [-2, 3], [-2, 3]),
        (Poisson(), "exp", [0, math.log(7)], [1, 7]),
    ],
    ids=label,
)
def test_link(loss, link, raw, prediction):
    assert loss.link == link
    np.testing.assert_allclose(loss.predict(np.array([raw], float)), [prediction], rtol=1e-14)


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
@every_dtype
def test_log_of_prediction(link, dtype):
    raw = np.random.default_rng(0).uniform(0.1, 3, size=(7, 3)).astype(dtype)  # identity has a log of these too
    np.testing.assert_allclose(link.log_predict(raw), np.log(link.predict(raw)), rtol=1e3 * np.finfo(dtype).eps)
    assert link.log_predict(raw).dtype == dtype


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_the_inverse_of_a_link(link):
    predictions = link.predict(np.array([[-1.0, 0.5, 2.0], [0.0, 0.0, 3.0]]))
    np.testing.assert_allclose(link.predict(link.inverse(predictions)), predictions, rtol=1e-12)
    assert np.isfinite(link.inverse(np.array([[0.0, 1.0]]))).all()


@pytest.mark.parametrize("link", ["softmax", "logistic", "exp"])
@every_dtype
def test_log_of_wild_predictions_is_finite(link, dtype):
    assert np.isfinite(LINKS[link].log_predict(np.array([[-1e4, 1e4, 0]], dtype))).all()


@every_loss
def test_predicts_by_its_link(loss, draw_target):
    _, raw, _ = draw(bits)
    np.testing.assert_array_equal(loss.predict(raw), LINKS[loss.link].predict(raw))
    np.testing.assert_array_equal(loss.log_predict(abs(raw)), LINKS[loss.link].log_predict(abs(raw)))


def every_loss_that(is_one):
    """Parametrize a test over the losses of the table that are such ones."""
    return pytest.mark.parametrize("loss", dict.fromkeys(loss for loss, _ in LOSSES if is_one(loss)), ids=label)


def is_linked(loss):
    return type(loss).linked is not Loss.linked


@pytest.mark.parametrize("link", ["softmax", "logistic"])
@every_loss_that(is_linked)
def test_loss_of_classes_takes_either_link(loss, link):
    linked = loss.linked(link)
    assert linked.link == link
    assert linked.linked(loss.link) == loss


@every_loss_that(lambda loss: not is_linked(loss))
def test_other_losses_keep_their_link(loss):
    assert loss.linked("softmax") is loss.linked("logistic") is loss


@pytest.mark.parametrize(("loss", "draw_target"), LOSSES, ids=label)
def test_losses_for_classes_are_those_of_labels(loss, draw_target):
    assert loss.for_classes is (draw_target in (one_hot, shares, bits))


every_loss_for_numbers = every_loss_that(lambda loss: not loss.for_classes)


@every_loss_for_numbers
def test_loss_whose_best_constant_is_the_mean_says_so(loss):
    target = np.array([[0.0], [0], [0], [1], [7]])
    raw = np.linspace(-3, 8, 22001)[:, None]
    best = sum(loss.rows(np.broadcast_to(t, raw.shape), raw)[0] for t in target).argmin()
    is_mean = loss.predict(raw[[best]])[0, 0] == pytest.approx(target.mean(), abs=2e-3)
    assert loss.estimates_mean or not is_mean


@every_loss_for_numbers
def test_loss_that_negative_targets_make_no_number_says_so(loss):
    with np.errstate(invalid="ignore"):
        losses, _ = loss.rows(np.array([[-1.0], [-3.0]]), np.ones((2, 1)))
    assert loss.positive or np.isfinite(losses).all()


def test_what_losses_say_of_themselves():
    assert not AbsoluteError().estimates_mean  # the median
    assert not Quantile().estimates_mean
    assert not Quantiles((0.1, 0.9)).estimates_mean
    assert SquaredError().estimates_mean
    assert Poisson().positive


@pytest.mark.parametrize(
    ("link", "cross_entropy"), [("softmax", SoftmaxCrossEntropy()), ("logistic", BinaryCrossEntropy())]
)
def test_focal_loss_without_focus_is_cross_entropy(link, cross_entropy):
    _, raw, target = draw(shares)
    for factor in (1, 1e4):
        ours, theirs = (evaluate(loss, target, factor * raw) for loss in (Focal(0, link), cross_entropy))
        assert ours[0] == pytest.approx(theirs[0], rel=1e-14)
        np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("link", ["softmax", "logistic"])
def test_focal_loss_is_not_calibrated(link):
    """Where 80% of the rows are of a class, the best probability is nearer to a half, the more so the larger gamma."""
    p = np.linspace(0.5, 0.99, 491)[:, None]
    raw, target = np.log(p / (1 - p)) * [1, 0], np.tile([0.8, 0.2], (491, 1))
    if link == "logistic":
        raw, target = raw[:, :1], target[:, :1]
    best = [p[Focal(gamma, link).rows(target, raw)[0].argmin(), 0] for gamma in (0, 0.5, 2)]
    np.testing.assert_allclose(best, [0.8, 0.735, 0.627], atol=6e-4)  # minima of -.8 q^gamma log p - .2 p^gamma log q


@pytest.mark.parametrize("gamma", [0.01, 0.5, 1, 2, 5])
@pytest.mark.parametrize("link", ["softmax", "logistic"])
@every_dtype
def test_focal_loss_at_every_size_of_the_output(gamma, link, dtype):
    """Also where probabilities round to 0 or 1 and a power of them would be infinite; compared with long doubles."""
    raw = np.logspace(-4, 4, 50)
    raw = np.concatenate([-raw, raw])[:, None] * [1, 0]
    target = np.tile([0.9, 0.1], (100, 1))
    with np.errstate(all="raise", under="ignore"):
        value, d_raw = Focal(gamma, link).rows(target.astype(dtype), raw.astype(dtype))
    exact, exact_d_raw = Focal(gamma, link).rows(target.astype(np.longdouble), raw.astype(np.longdouble))
    np.testing.assert_allclose(value, exact.astype(float), rtol=1e2 * np.finfo(dtype).eps)
    np.testing.assert_allclose(d_raw, exact_d_raw.astype(float), atol=1e2 * np.finfo(dtype).eps)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"gamma": -1}, "Focal needs 0 <= gamma < inf, got gamma=-1"),
        ({"gamma": math.nan}, "Focal needs 0 <= gamma < inf, got gamma=nan"),
        ({"link": "exp"}, 'Focal needs link="softmax" or link="logistic", got link=\'exp\''),
    ],
)
def test_focal_loss_refuses_what_it_cannot_do(settings, message):
    with pytest.raises(ValueError, match=message):
        Focal(**settings)


def test_lowest_mean_of_absolute_error_is_the_median_of_quantile_the_quantile():
    target = np.array([[1.0], [2], [3], [4], [100]])
    grid = np.arange(0, 101.0)

    def best(loss):
        return grid[np.argmin([evaluate(loss, target, np.full((5, 1), c))[0] for c in grid])]

    assert best(AbsoluteError()) == 3
    assert best(Quantile(0.5)) == 3
    assert best(Quantile(0.7)) == 4
    assert best(SquaredError()) == 22
