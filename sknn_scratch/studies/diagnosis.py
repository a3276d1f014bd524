"""Diagnosis of a fitted network: a sentence for each problem, and what to try."""

import math
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.model_selection import KFold, cross_val_score
from sklearn.utils import resample

from .._typing import MatrixLike
from ..data.steps import Steps
from ..data.targets import Labels
from ..estimators.autoencoder import Autoencoder
from ..estimators.base import NetworkEstimator
from ..estimators.classification import NetworkClassification
from ..estimators.fitted import dense_rows, fitted_way
from ..nn.arena import Array
from ..nn.layers.activations import Activation, Identity, Step
from ..nn.layers.members import MemberMean
from ..nn.layers.recurrent import Bidirectional, RecurrentLayer
from ..nn.layers.sequence import count_steps, step_mask
from ..nn.trace import Trace
from ..nn.trainer import NOISE_AFTER, Trainer
from .rehearsal import rehearse

# Rows examined: a share of so many has a standard error of 0.016 at most.
MOST_ROWS = 1000
# Fewer rows are too few for a comparison by five folds.
FEWEST_ROWS = 50
# Below a twentieth of its steepest slope an activation is flat: |y| > 0.97 for tanh, y = 0 for ReLU. Through two such
# layers passes 1/400 of the gradient.
FLAT = 0.05
# A unit is saturated if it is flat for nine rows of ten.
MOSTLY = 0.9
# Initial values are made for inputs with a mean square of 1 (LeCun et al. 1998, Efficient BackProp, 4.3 and 4.6). The
# curvature goes with that square, so outside this range the first layer needs a learning rate 100 times another.
INPUT_RANGE = 0.1, 10.0
# Steps are too long if the loss rises by half of its total decrease. The noise of mini-batches is some percent of the
# decrease; if there is hardly any, the rise is compared with the loss itself.
LOST_OF_GAIN, LOST_OF_LOSS = 0.5, 0.1
# A loss like exp(-t) makes 3/4 of its decrease in the first half of training if training ends at t = 2.2, where more
# than a tenth of the decrease is still missing. A linear decrease, far from any minimum, has a share of 1/2. Time is
# the sum of the learning rates, since most schedules take short steps at the end.
FIRST_HALF = 0.75
# Loss, inputs and targets are of order 1 and weights smaller, so the derivative of the loss for a single weight stays
# far below 1, and that of the penalty, alpha w, below alpha.
MOST_PER_WEIGHT = 1.0
# Prechelt 1998, Early Stopping - But When?: the generalisation loss at which its slowest criterion, GL_5, stops.
GENERALIZATION_LOSS = 0.05
# The gradient of an answer vanishes or explodes through time if it differs by this factor between the first step of a
# sequence and the last. Factors of ten and a hundred are usual in networks that perform well.
THROUGH_TIME = 1e3
# A network has learned little if it removed less than a tenth of the error of predicting the mean or the largest class.
LITTLE = 0.1
# An autoencoder copies if of rows without any structure, each column shuffled for itself, less than a quarter of the
# variance is lost; a code is wasteful if more than a quarter of its units say nothing.
COPIED, WASTED = 0.25, 0.25
# A class is rare if it has less than half of an even share of the rows, neglected if its recall is below one half.
RARE, NEGLECTED = 0.5, 0.5


class Examination:
    """Measurements of a fitted network on some of its training set."""

    def __init__(self, estimator: NetworkEstimator, X: MatrixLike, y: MatrixLike) -> None:
        self.estimator = estimator
        self.history = estimator.history_
        trainer, rows, index = rehearse(estimator, X, y)
        start = trainer.objective.value(rows[index])
        losses = self.history.get("loss", [])
        if losses and any(layer.is_random for layer in estimator._network.layers):
            start = max(start, losses[0])  # the losses of epochs are with noise, this one without
        self.losses = np.array([start, *losses])  # the first one before training
        # A penalty that grows with the noise makes the loss rise.
        growing = isinstance(trainer, Trainer) and trainer.learns_noise
        self.losses_of_one_penalty = self.losses[: NOISE_AFTER + 1] if growing else self.losses
        self.X, self.y = resample(X, y, replace=False, n_samples=min(MOST_ROWS, len(rows)), random_state=0)
        self.network = estimator._network
        self.trace = Trace(self.network, dense_rows(estimator, self.X))
        self.lengths = count_steps(self.trace.x) if self.trace.x.ndim == 3 else None  # of rows that have steps

    @cached_property
    def table(self) -> tuple[Any, Any]:
        """Rows and targets without sequences: zeros where one has ended; with an answer for each step, the steps."""
        rows: Any = self.estimator._check_X(self.X)
        y = self.y
        if self.lengths is None:
            return rows, y
        if not isinstance(self.estimator._target, Steps):
            return np.nan_to_num(rows), y
        steps = self.trace.x[step_mask(self.lengths, self.trace.x.shape[1])]
        y = np.concatenate(list(self.estimator._check_X_y(self.X, y, reset=False)[1]))
        return resample(steps, y, replace=False, n_samples=min(MOST_ROWS, len(steps)), random_state=0)

    @cached_property
    def score(self) -> float:
        """The training score of the network."""
        return self.estimator.score(self.X, self.y)

    @cached_property
    def underfits(self) -> tuple[float, float] | None:
        """The training score of the network and the cross-validated score of k-NN, if the latter is better.

        A score needs a comparison, as some data are noise. None too if the network does not predict means, since the
        score measures means.
        """
        from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        if isinstance(self.estimator, Autoencoder):
            return None
        rows, y = self.table
        if rows.shape[0] < FEWEST_ROWS or not self.estimator._target.loss.estimates_mean:
            return None
        neighbours = KNeighborsClassifier() if is_classifier(self.estimator) else KNeighborsRegressor()
        model = make_pipeline(StandardScaler(with_mean=False), neighbours)
        folds = KFold(5, shuffle=True, random_state=0)
        scores = cross_val_score(model, rows, y, cv=folds)
        return (self.score, scores.mean()) if self.score < scores.mean() - scores.std() else None

    @cached_property
    def learned_little(self) -> bool:
        """Whether the training score is hardly better than that of the mean, or of the largest class."""
        from sklearn.dummy import DummyClassifier, DummyRegressor

        if not self.estimator._target.loss.estimates_mean:
            return False
        dummy = DummyClassifier() if is_classifier(self.estimator) else DummyRegressor()
        base = dummy.fit(*self.table).score(*self.table)
        return bool(self.score - base < LITTLE * (1 - base))

    @cached_property
    def through_time(self) -> float:
        """Length of the gradient of an answer at the first step of a sequence, as a multiple of that at the last step.

        With an answer for each step, of the last one. The median over the sequences, each with random weights of the
        outputs; 1 for networks without a recurrent layer.
        """
        if self.lengths is None or not any(
            isinstance(layer, RecurrentLayer | Bidirectional) for layer in self.network.layers
        ):
            return 1.0
        n, k = len(self.lengths), self.estimator._target.n_outputs
        rows, last = np.arange(n), self.lengths - 1
        answers = np.zeros((n, self.trace.outputs[-1].shape[1] // k, k))
        of_steps = isinstance(self.estimator._target, Steps)
        answers[rows, last if of_steps else 0] = np.random.default_rng(0).standard_normal((n, k))
        sizes = np.linalg.norm(self.trace.back(answers.reshape(n, -1)), axis=2)
        at_first, at_last = sizes[:, 0], sizes[rows, last]
        several = (last > 0) & (at_last > 0)
        return float(np.median(at_first[several] / at_last[several])) if several.any() else 1.0

    def activations(self) -> Iterator[tuple[str, Array, Array]]:
        """Yield of each activation the name, and of each unit the share of flat rows and whether it is at both ends."""
        inputs = [self.trace.x, *self.trace.outputs[:-1]]
        for i, (layer, x, y) in enumerate(zip(self.network.layers, inputs, self.trace.outputs, strict=True)):
            if not isinstance(layer, Activation) or isinstance(layer, Identity | Step):
                continue
            grid = np.linspace(-5, 5, 101)
            steepest = np.max(np.abs(layer.slope(grid, layer.activate(grid, np.empty_like(grid)))))
            units = math.prod(x.shape[1:] if isinstance(self.network.layers[-1], MemberMean) else x.shape[-1:])
            x, y = (numbers.reshape(-1, units) for numbers in (x, y))
            flat = np.abs(layer.slope(x, y)) < FLAT * steepest
            spread = np.where(flat, y, -np.inf).max(axis=0) - np.where(flat, y, np.inf).min(axis=0)
            yield f"Layer {i}, {layer},", flat.mean(axis=0), spread > steepest


def diagnose(estimator: BaseEstimator, X: MatrixLike, y: MatrixLike | None = None) -> list[str]:
    """Print why a network does not learn well and what to try, one problem per line.

    Each sentence is explained in the user guide, under "Diagnosing training problems".

    Parameters
    ----------
    estimator : network estimator
        A fitted network (it is not modified); or a fitted pipeline, search or FrozenEstimator that contains one, whose
        preceding steps transform X.
    X : array-like or sparse matrix of shape (n_samples, n_features), or sequences
        The training set, or a part of it; slow checks use a random sample of at most 1000 rows.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
        Targets; None for an autoencoder.

    Returns
    -------
    sentences : list of str
        The problems found: unscaled inputs, a learning rate that is too high or too low, an exploding gradient, a
        gradient that vanishes or explodes over the steps of sequences, dead or saturated units, overfitting,
        underfitting, a neglected class, an autoencoder that copies its input or has dead units in its code. Empty if
        there are none. Overfitting is detected only with a validation set, underfitting only with at least 50 rows.

    Raises
    ------
    TypeError
        If the estimator is not a network.
    NotFittedError
        Before `fit`.
    ValueError
        If X or y does not fit.

    See Also
    --------
    find_learning_rate : Tests a range of learning rates.
    check_gradient : Compares backpropagation with finite differences.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknn_scratch import MLPClassifier, diagnose
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = MLPClassifier((16,), solver="sgd", learning_rate_init=1e-4, max_iter=20, random_state=0).fit(X, y)
    >>> for sentence in diagnose(clf, X, y):
    ...     assert sentence.startswith("The learning rate is too low")
    The learning rate is too low, or training too short: ...
    """
    with np.errstate(all="ignore"):  # a diverging network may overflow
        way = fitted_way(estimator)
        rows = way.transform(X)
        given: Any = rows if isinstance(way.estimator, Autoencoder) else y
        examined = Examination(way.estimator, rows, given)
        sentences = [sentence for check in CHECKS if (sentence := check(examined))]
        if not sentences and examined.underfits:
            sentences = [underfitting(*examined.underfits)]
        sentences += [sentence] if (sentence := neglected_class(examined)) else []
    print("\n".join(sentences) or "No problem was found.")
    return sentences


def unscaled_inputs(examined: Examination) -> str | None:
    """Check the scale of the input of the first layer with weights, at the steps that are there."""
    lowest = next(i for i, size in enumerate(examined.network.sizes()) if size)
    x = examined.trace.outputs[lowest - 1] if lowest else examined.trace.x
    if examined.lengths is not None and x.ndim == 3:
        x = x[step_mask(examined.lengths, x.shape[1])]
    size = float(np.sqrt(np.mean(np.square(x, dtype=np.float64))))
    if INPUT_RANGE[0] <= size <= INPUT_RANGE[1]:
        return None
    return (
        f"The inputs are not scaled: what reaches the first weights has a root mean square of {size:.2g}, and should "
        "have about 1. Try standardize=True, or a StandardScaler before the network."
    )


def high_rate(examined: Examination) -> str | None:
    """Check for a rise of the loss."""
    losses = examined.losses_of_one_penalty
    if len(losses) == 1:
        return None
    best = np.minimum.accumulate(losses)[:-1]
    epoch = int(np.argmax(losses[1:] - best)) + 1
    lost = losses[epoch] - best[epoch - 1]
    if lost <= max(LOST_OF_GAIN * (losses[0] - losses.min()), LOST_OF_LOSS * losses.min()):
        return None
    return (
        f"The learning rate is too high: the loss had been {best[epoch - 1]:.2g} and was {losses[epoch]:.2g} in epoch "
        f"{epoch}. Try a tenth of learning_rate_init, or what find_learning_rate suggests."
    )


def low_rate(examined: Examination) -> str | None:
    """Check for a loss that is still decreasing; L-BFGS has no rate."""
    losses = examined.losses
    way = np.cumsum([0, *examined.history.get("learning_rate", [])])
    if len(losses) < 3 or not way[-1] > 0 or high_rate(examined) or not examined.underfits:
        return None
    share = (losses[0] - np.interp(way[-1] / 2, way, losses)) / (losses[0] - losses[-1])
    if share >= FIRST_HALF:
        return None
    return (
        f"The learning rate is too low, or training too short: the loss went from {losses[0]:.3g} to {losses[-1]:.3g}, "
        f"and {1 - share:.0%} of that in the second half. Try ten times learning_rate_init, what find_learning_rate "
        "suggests, or a larger max_iter."
    )


def exploding_gradient(examined: Examination) -> str | None:
    """Check for an epoch with a large gradient norm; one that is clipped makes no long step."""
    if "gradient_norm" not in examined.history or examined.estimator.gradient_clip is not None:
        return None
    longest = max(examined.history["gradient_norm"])
    if longest <= (MOST_PER_WEIGHT + examined.estimator.alpha_) * np.sqrt(examined.network.n_trained):
        return None
    return (
        f"The gradient explodes: its length was {longest:.2g}, for {examined.network.n_trained:,} weights and biases. "
        'Try init="glorot", scaled inputs, fewer layers, or gradient_clip=1.'
    )


def vanishing_through_time(examined: Examination) -> str | None:
    """Check for a gradient that does not reach the first steps; a network that performs well may not need them."""
    share = examined.through_time
    if share * THROUGH_TIME >= 1 or not (examined.learned_little or examined.underfits):
        return None
    return (
        f"The gradient vanishes through time: at the first step of a sequence it has {share:.0e} of its length at the "
        'last one, so that what is long ago is not learned. Try cell="lstm" or "gru", pooling="mean" or "max", or '
        "shorter sequences."
    )


def exploding_through_time(examined: Examination) -> str | None:
    """Check for a gradient that grows from step to step; a network that performs well may need the first steps most."""
    share = examined.through_time
    if share <= THROUGH_TIME or not (examined.learned_little or examined.underfits):
        return None
    return (
        f"The gradient explodes through time: at the first step of a sequence it has {share:.0e} times its length at "
        'the last one. Try gradient_clip=1., recurrent_init="orthogonal", a smaller learning_rate_init, or '
        'activation="tanh".'
    )


def dead_units(examined: Examination) -> str | None:
    """Check for layers of which most units have the same output for all rows.

    The penalty deactivates units that are not needed, up to two thirds of a layer in networks that perform well. So
    they count only in a network that underfits.
    """
    for name, flat, both_ends in examined.activations():
        dead = (flat == 1) & ~both_ends
        if dead.mean() > 0.5 and examined.underfits:
            return (
                f"{name} is dead: {dead.sum()} of its {len(dead)} units have the same output for every row and pass no "
                'gradient back. Try a smaller learning_rate_init, a smaller alpha, or activation="leaky_relu".'
            )
    return None


def saturated_units(examined: Examination) -> str | None:
    """Check for layers of which most units are fully on or off; a network that performs well may have them."""
    for name, flat, both_ends in examined.activations():
        saturated = (flat >= MOSTLY) & both_ends
        if saturated.mean() > 0.5 and examined.underfits:
            return (
                f"{name} is saturated: {saturated.sum()} of its {len(saturated)} units are fully on or off for nearly "
                'every row and pass little gradient back. Try init="glorot", scaled inputs, a smaller '
                'learning_rate_init, or activation="relu".'
            )
    return None


def copying(examined: Examination) -> str | None:
    """Check for an autoencoder that reconstructs rows without any structure."""
    if not isinstance(examined.estimator, Autoencoder):
        return None
    rows = dense_rows(examined.estimator, examined.X)
    shuffled = np.random.default_rng(0).permuted(rows, axis=0)
    encoded = examined.estimator._target.encode(shuffled)
    lost = -examined.estimator.score(shuffled) / max(float(encoded.var(axis=0).sum()), np.finfo(rows.dtype).tiny)
    if lost >= COPIED:
        return None
    return (
        f"The autoencoder copies: of rows with shuffled columns it loses only {lost:.1%} of the variance. Its code "
        f"of {examined.estimator._n_features_out} units need not know how columns belong together. Try fewer "
        "units in the code, corruption=0.3, sparsity or activity_l1."
    )


def dead_code(examined: Examination) -> str | None:
    """Check for units of a code that are the same for every row."""
    if not isinstance(examined.estimator, Autoencoder):
        return None
    codes = examined.estimator.transform(examined.X)
    dead = np.ptp(codes, axis=0) == 0
    if dead.mean() <= WASTED:
        return None
    return (
        f"The code has dead units: {dead.sum()} of {len(dead)} are the same for every row. Try "
        'activation="identity" in the last layer to the code, a smaller learning_rate_init, alpha or activity_l1, or '
        "fewer units."
    )


def overfitting(examined: Examination) -> str | None:
    """Check for a validation loss that rose while the training loss fell; early stopping restores the best epoch."""
    losses = examined.history.get("validation_loss", [])
    if not losses or examined.estimator.early_stopping:
        return None
    best, training = int(np.argmin(losses)), examined.losses[1:]
    around = losses[max(0, best - 1) : best + 2]  # at a high rate one epoch may be low by chance
    if losses[-1] <= (1 + GENERALIZATION_LOSS) * np.median(around) or training[-1] >= training[best]:
        return None
    return (
        f"The network overfits: the validation loss rose from {losses[best]:.3g} in epoch {best + 1} to "
        f"{losses[-1]:.3g}, while the training loss fell. Try early_stopping=True, a larger alpha, dropout, fewer "
        "units, or more rows."
    )


def underfitting(own: float, neighbours: float) -> str:
    """Return the sentence for a network with a lower score than k-NN, if no other problem was found."""
    return (
        f"The network underfits: its training score is {own:.2f}, and the cross-validated score of k-NN is "
        f'{neighbours:.2f}. Try a smaller alpha, less dropout and noise, more units, activation="relu", or another '
        "solver."
    )


def neglected_class(examined: Examination) -> str | None:
    """Check for a rare class with a low recall."""
    estimator, target = examined.estimator, examined.estimator._target
    if (
        not isinstance(estimator, NetworkClassification)
        or not isinstance(target, Labels)  # with an answer for each step there is no class_weight to try
        or target.multilabel
        or estimator.class_weight is not None
    ):
        return None
    y = np.asarray(examined.y)
    right = estimator.predict(examined.X) == y
    for label in estimator.classes_:
        of_class = y == label
        if 0 < of_class.mean() < RARE / len(estimator.classes_) and right[of_class].mean() < NEGLECTED:
            return (
                f"The class {label} is neglected: it has {of_class.mean():.1%} of the rows, and a recall of "
                f'{right[of_class].mean():.0%}. Try class_weight="balanced", and judge by balanced accuracy.'
            )
    return None


CHECKS: list[Callable[[Examination], str | None]] = [
    unscaled_inputs,
    high_rate,
    low_rate,
    exploding_gradient,
    vanishing_through_time,
    exploding_through_time,
    dead_units,
    saturated_units,
    copying,
    dead_code,
    overfitting,
]
