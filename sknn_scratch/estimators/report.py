"""What a fitted network estimator reports: its attributes, a summary, the HTML of a notebook."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ..data.targets import Target
from ..nn.arena import Array
from ..nn.network import Network
from .tables import html_table, table


class Report(BaseEstimator):
    """Mixin with the attributes of a fitted network.

    Attributes
    ----------
    coefs_ : list of ndarray
        Weights of each layer, of shape (n_in, n_out) for dense layers. They are views, and apply to the scaled inputs
        (and, in regression, the scaled targets).
    intercepts_ : list of ndarray
        Biases of each layer, of shape (n_out,) for dense layers: views.
    loss_ : float
        Training loss of the last epoch, including the penalty (with "adamw", without its L2 part, and without any
        penalty where it follows the noise, see `embedding`; it is then that of the mean prediction of several members);
        for regressors in scaled units.
    best_loss_ : float or None
        Smallest training loss; None with early stopping.
    loss_curve_ : list of float
        Training loss of each epoch.
    validation_scores_ : list of float or None
        Accuracy, R2 or the score of `scoring` on the validation set after each epoch; None without a validation set.
    best_validation_score_ : float or None
        The best validation score.
    history_ : dict of lists
        Values recorded in each epoch: "loss", "score", "learning_rate", "gradient_norm", "seconds", and with a
        validation set "validation_loss" and "validation_score".
    n_iter_ : int
        Number of epochs.
    t_ : int
        Number of rows seen in training, where duplicate rows count once.
    stop_reason_ : str or None
        Why training ended; None after `set_weights`, and after `partial_fit` until early stopping.
    alpha_ : float
        Strength of the penalty in the last epoch.
    batch_size_ : int
        Size of the mini-batches that was used; not available with L-BFGS.
    learning_rate_init_ : float
        Largest learning rate that was used; not available with L-BFGS.
    max_iter_ : int
        Maximum number of epochs that was used.
    n_features_in_ : int
        Number of features of X; for samples with several axes, the product of their lengths.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X has names that are all strings.
    n_layers_ : int
        Number of trained layers plus the input layer.
    n_outputs_ : int
        Number of outputs of the network.
    out_activation_ : str
        Name of the output activation: "softmax", "logistic" (two classes, or multilabel), "identity", "exp" or "sorted"
        (several quantiles).
    """

    early_stopping: bool
    history_: dict[str, list[float]]
    _network: Network
    _target: Target

    def summary(self) -> None:
        """Print a table of the layers, with their output shapes and numbers of trained parameters."""
        check_is_fitted(self)
        print(table(self._layer_lines()))

    def _layer_lines(self) -> list[tuple[str, tuple[int, ...], int]]:
        network = self._network
        return list(zip(map(repr, network.layers), network.output_shapes, network.sizes(), strict=True))

    def _get_fitted_attr_html(self, doc_link: str = "") -> Any:
        """Put the layers above scikit-learn's table of fitted attributes in the HTML of a notebook."""
        attributes = super()._get_fitted_attr_html(doc_link)
        draw = attributes._html_repr
        attributes._html_repr = lambda: html_table(self._layer_lines()) + draw()
        return attributes

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_network")

    @property
    def coefs_(self) -> list[Array]:
        """Weights of each layer, first layer first: views, of shape (n_in, n_out) for dense layers."""
        check_is_fitted(self)
        return self._network.weights()

    @property
    def intercepts_(self) -> list[Array]:
        """Biases of each layer: views."""
        check_is_fitted(self)
        return self._network.biases()

    def _recorded(self) -> dict[str, list[float]]:
        check_is_fitted(self)
        if not self.history_:
            raise AttributeError(f"This {type(self).__name__} was given its weights by hand and was not trained yet.")
        return self.history_

    @property
    def loss_curve_(self) -> list[float]:
        """Training loss of each epoch."""
        check_is_fitted(self)
        return self.history_.get("loss", [])

    @property
    def loss_(self) -> float:
        """Training loss of the last epoch."""
        return self._recorded()["loss"][-1]

    @property
    def best_loss_(self) -> float | None:
        """Smallest training loss; None with early stopping, where the validation loss decides."""
        return None if self.early_stopping else min(self._recorded()["loss"])

    @property
    def validation_scores_(self) -> list[float] | None:
        """Score on the validation set after each epoch; None where there is none."""
        check_is_fitted(self)
        return self.history_.get("validation_score")

    @property
    def best_validation_score_(self) -> float | None:
        """Best score on the validation set; None where there is none."""
        numbers = [score for score in self.validation_scores_ or () if not np.isnan(score)]
        return float(max(numbers)) if numbers else None

    @property
    def n_layers_(self) -> int:
        """Number of layers that are trained, and the input layer."""
        check_is_fitted(self)
        return sum(size > 0 for size in self._network.sizes()) + 1

    @property
    def n_outputs_(self) -> int:
        """Number of outputs of the network."""
        check_is_fitted(self)
        return self._target.n_outputs

    @property
    def out_activation_(self) -> str:
        """What turns the raw output into predictions."""
        check_is_fitted(self)
        return self._target.loss.link
