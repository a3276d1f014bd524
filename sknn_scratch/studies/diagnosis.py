"""A diagnosis says in plain sentences why a network does not learn well, and what to try."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.model_selection import KFold, cross_val_score
from sklearn.utils import resample

from ..estimators.fitted import check_fitted, dense_rows
from ..nn.layers.activations import Activation, Identity, Step
from ..nn.trace import Trace
from .rehearsal import rehearse

# Rows that are looked at: a share of so many has a standard error of 0.016 at most.
MOST_ROWS = 1000
# Fewer rows are too few to say from five folds what can be learned from them.
FEWEST_ROWS = 50
# Below a twentieth of its steepest slope an activation is flat: |y| > 0.97 for tanh, y = 0 for ReLU. Through two such
# layers comes 1/400 of the gradient.
FLAT = 0.05
# A unit is saturated if it is flat for nine rows of ten: a tenth of the rows is left to learn from.
MOSTLY = 0.9
# Initial values are made for inputs with a mean square of 1 (LeCun et al. 1998, Efficient BackProp, 4.3 and 4.6). The
# curvature goes with that square, so outside this range the first layer needs a learning rate 100 times another.
INPUT_RANGE = 0.1, 10.0
# A training that loses half of all it had gained takes steps that are too long. Ordinary noise of mini-batches costs
# some percent of the gain; where next to nothing is gained it is measured by the loss itself.
LOST_OF_GAIN, LOST_OF_LOSS = 0.5, 0.1
# Of a fall like exp(-t) a share of 3/4 comes in the first half of the way if the way is t = 2.2 long: more than a tenth
# of the fall is then still to come. On a straight line, far from any minimum, the share is 1/2. The way is measured in
# learning rates, since most schedules take short steps at the end.
FIRST_HALF = 0.75
# Loss, inputs and targets are of order 1 and weights smaller, so the derivative of the loss for a single weight stays
# far below 1, and that of the penalty, alpha w, below alpha.
MOST_PER_WEIGHT = 1.0
# Prechelt 1998, Early Stopping - But When?: the generalisation loss GL beyond which its slowest criterion, GL_5, stops.
GENERALIZATION_LOSS = 0.05
# A class is rare if it has less than half of an even share of the rows, neglected if most of its rows go to others.
RARE, NEGLECTED = 0.5, 0.5


class Examination:
    """What is found out about a fitted network on some of its rows."""

    def __init__(self, estimator: Any, X: Any, y: Any) -> None:
        self.estimator = estimator
        self.history = estimator.history_
        trainer, rows, index = rehearse(estimator, X, y)
        start = trainer.objective.value(rows[index])
        losses = self.history.get("loss", [])
        if losses and any(layer.is_random for layer in estimator._network.layers):
            start = max(start, losses[0])  # the epochs are with noise, the start is without
        self.losses = np.array([start, *losses])  # the first one before training
        self.X, self.y = resample(X, y, replace=False, n_samples=min(MOST_ROWS, len(rows)), random_state=0)
        self.network = estimator._network
        self.trace = Trace(self.network, dense_rows(estimator, self.X))

    @cached_property
    def underfits(self) -> tuple[float, float] | None:
        """The scores of the network and of k-NN, if k-NN does better on new rows than the network on those it knows.

        Nobody can say what score is good without a comparison: some data are noise. None too where the score is no
        measure, since the network does not predict means.
        """
        from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        if len(self.trace.x) < FEWEST_ROWS or not self.estimator._target.loss.estimates_mean:
            return None
        neighbours = KNeighborsClassifier() if is_classifier(self.estimator) else KNeighborsRegressor()
        model = make_pipeline(StandardScaler(with_mean=False), neighbours)
        folds = KFold(5, shuffle=True, random_state=0)
        scores = cross_val_score(model, self.estimator._check_X(self.X), self.y, cv=folds)
        own = self.estimator.score(self.X, self.y)
        return (own, scores.mean()) if own < scores.mean() - scores.std() else None

    def activations(self) -> Iterator[tuple[str, Any, Any]]:
        """Yield of each activation its name, and for each unit the share of rows where it is flat, and at both ends."""
        inputs = [self.trace.x, *self.trace.outputs[:-1]]
        for i, (layer, x, y) in enumerate(zip(self.network.layers, inputs, self.trace.outputs, strict=True)):
            if not isinstance(layer, Activation) or isinstance(layer, Identity | Step):
                continue
            grid = np.linspace(-5, 5, 101)
            steepest = np.max(np.abs(layer.slope(grid, layer.activate(grid, np.empty_like(grid)))))
            x, y = (numbers.reshape(-1, numbers.shape[-1]) for numbers in (x, y))
            flat = np.abs(layer.slope(x, y)) < FLAT * steepest
            spread = np.where(flat, y, -np.inf).max(axis=0) - np.where(flat, y, np.inf).min(axis=0)
            yield f"Layer {i}, {layer},", flat.mean(axis=0), spread > steepest


def diagnose(estimator: Any, X: Any, y: Any) -> list[str]:
    """Say why a network does not learn well, and what to try; print it, a sentence a line.

    Each sentence is explained in the user guide, under "Why is it not learning?".

    Parameters
    ----------
    estimator : network estimator
        Fitted; it stays as it is.
    X : array-like or sparse matrix of shape (n_samples, n_features)
        The rows that it was fitted with, or some of them: of more than 1000, 1000 are drawn for what takes time.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their targets.

    Returns
    -------
    sentences : list of str
        What was found: inputs out of scale, learning rate too high or too low, an exploding gradient, dead or saturated
        units, over- or underfitting, a neglected class. Empty if nothing was. Overfitting can be seen only where there
        were validation rows, underfitting only of 50 rows or more.

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
    check_gradient : Shows that the formulas are right.

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
    with np.errstate(all="ignore"):  # the numbers of a network that is ill may be huge
        examined = Examination(check_fitted(estimator), X, y)
        sentences = [sentence for sign in SIGNS if (sentence := sign(examined))]
        if not sentences and examined.underfits:
            sentences = [underfitting(*examined.underfits)]
        sentences += [sentence] if (sentence := neglected_class(examined)) else []
    print("\n".join(sentences) or "Nothing is wrong that could be seen.")
    return sentences


def unscaled_inputs(examined: Examination) -> str | None:
    """Measure what reaches the first weights."""
    lowest = next(i for i, size in enumerate(examined.network.sizes()) if size)
    x = examined.trace.outputs[lowest - 1] if lowest else examined.trace.x
    size = float(np.sqrt(np.mean(np.square(x, dtype=np.float64))))
    if INPUT_RANGE[0] <= size <= INPUT_RANGE[1]:
        return None
    return (
        f"The inputs are not scaled: what reaches the first weights has a root mean square of {size:.2g}, and should "
        "have about 1. Try standardize=True, or a StandardScaler before the network."
    )


def high_rate(examined: Examination) -> str | None:
    """Look for a rise of the loss."""
    losses = examined.losses
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
    """Look for a loss that is still on its way down; L-BFGS has no rate."""
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
    """Look for an epoch with a gradient that is too long."""
    if "gradient_norm" not in examined.history:
        return None
    longest = max(examined.history["gradient_norm"])
    if longest <= (MOST_PER_WEIGHT + examined.estimator.alpha_) * np.sqrt(examined.network.n_trained):
        return None
    return (
        f"The gradient explodes: its length was {longest:.2g}, for {examined.network.n_trained:,} weights and biases. "
        'Try init="glorot", scaled inputs, fewer layers, or gradient_clip=1.'
    )


def dead_units(examined: Examination) -> str | None:
    """Look for layers of which most units say the same to all rows.

    The penalty puts units to sleep that are not needed, two thirds of a layer in networks that do well. So they count
    only in a network that does not.
    """
    for name, flat, both_ends in examined.activations():
        dead = (flat == 1) & ~both_ends
        if dead.mean() > 0.5 and examined.underfits:
            return (
                f"{name} is dead: {dead.sum()} of its {len(dead)} units say the same to every row and pass no gradient "
                'back. Try a smaller learning_rate_init, a smaller alpha, or activation="leaky_relu".'
            )
    return None


def saturated_units(examined: Examination) -> str | None:
    """Look for layers of which most units are switches, on or off; a network that does well may have them."""
    for name, flat, both_ends in examined.activations():
        saturated = (flat >= MOSTLY) & both_ends
        if saturated.mean() > 0.5 and examined.underfits:
            return (
                f"{name} is saturated: {saturated.sum()} of its {len(saturated)} units are fully on or off for nearly "
                'every row and pass little gradient back. Try init="glorot", scaled inputs, a smaller '
                'learning_rate_init, or activation="relu".'
            )
    return None


def overfitting(examined: Examination) -> str | None:
    """Look for validation rows on which the loss rose while it fell on the training rows; early stopping went back."""
    losses = examined.history.get("validation_loss", [])
    if not losses or examined.estimator.early_stopping:
        return None
    best, training = int(np.argmin(losses)), examined.losses[1:]
    if losses[-1] <= (1 + GENERALIZATION_LOSS) * losses[best] or training[-1] >= training[best]:
        return None
    return (
        f"The network overfits: on the validation rows the loss rose from {losses[best]:.3g} in epoch {best + 1} to "
        f"{losses[-1]:.3g}, while it fell on the others. Try early_stopping=True, a larger alpha, dropout, fewer "
        "units, or more rows."
    )


def underfitting(own: float, neighbours: float) -> str:
    """Return the sentence for a network that k-NN outdoes, if nothing else explains it."""
    return (
        f"The network underfits: its score is {own:.2f} on rows it knows, and k-NN's {neighbours:.2f} on rows it has "
        'not seen. Try a smaller alpha, less dropout and noise, more units, activation="relu", or another solver.'
    )


def neglected_class(examined: Examination) -> str | None:
    """Look for a rare class of which most rows are taken for others."""
    estimator, y = examined.estimator, np.asarray(examined.y)
    if not is_classifier(estimator) or estimator._target.multilabel or estimator.class_weight is not None:
        return None
    right = estimator.predict(examined.X) == y
    for label in estimator.classes_:
        rows = y == label
        if 0 < rows.mean() < RARE / len(estimator.classes_) and right[rows].mean() < NEGLECTED:
            return (
                f"The class {label} is neglected: it has {rows.mean():.1%} of the rows, and {right[rows].mean():.0%} "
                'of these are recognised. Try class_weight="balanced", and judge by balanced accuracy.'
            )
    return None


SIGNS: list[Callable[[Examination], str | None]] = [
    unscaled_inputs,
    high_rate,
    low_rate,
    exploding_gradient,
    dead_units,
    saturated_units,
    overfitting,
]
