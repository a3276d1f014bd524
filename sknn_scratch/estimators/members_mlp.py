"""Several networks in one: the parameters `n_members` and `member_weights`."""

from abc import abstractmethod
from dataclasses import dataclass
from numbers import Integral
from typing import ClassVar

from sklearn.base import is_classifier
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._compat import Interval, StrOptions
from .._typing import Floats, MatrixLike
from ..nn.layers.base import Layer, Shape
from ..nn.layers.members import MemberDense, MemberMean, MemberScaling
from ..nn.members import MembersObjective
from ..nn.network import Network
from ..nn.objective import Objective
from ..nn.penalty import ElasticNet
from . import recipes
from .pretrained_mlp import PretrainedMLP


def _has_members(estimator: "MembersMLP") -> bool:
    """Return whether there are members that can differ; an AttributeError says why not."""
    if not (estimator._network_has_members() if estimator.__sklearn_is_fitted__() else estimator.n_members > 1):
        raise AttributeError(
            f"predict_std is the spread of several members, got n_members={estimator.n_members}. Fit with n_members=8."
        )
    return not is_classifier(estimator) or bool(estimator.predict_proba)


@dataclass(eq=False, repr=False, kw_only=True)
class MembersMLP(PretrainedMLP):
    """Several networks that are trained at once, the members of an ensemble.

    Parameters
    ----------
    n_members : int, default=1
        Number of networks that are trained together, each on all rows; the loss is the mean of their losses. The mean
        of their predictions is predicted, by classifiers the mean of their probabilities. Standardisation and embedding
        are shared. Not available with `pretrain`.
    member_weights : {"independent", "shared"}, default="independent"
        With "independent", each member has its own weights: `coefs_` have shape (n_in, n_members * n_out), and the
        columns of a member are adjacent. With "shared", the members share the hidden layers. Each member multiplies
        the inputs by its own learned scales, which are initially -1 or 1, of shape (n_members * n_in,) in `coefs_`,
        and has its own output layer (TabM-mini, Gorishniy et al. 2025, arXiv:2410.24210). Sparse rows are then made
        dense, one mini-batch at a time.
    """

    n_members: int = 1
    member_weights: str = "independent"

    _constraints: ClassVar[dict[str, list[object]]] = {
        "n_members": [Interval(Integral, 1, None, closed="left")],
        "member_weights": [StrOptions({"independent", "shared"})],
    }

    @property
    def _independent(self) -> bool:
        return self.n_members > 1 and self.member_weights == "independent"

    def _hidden_layers(self) -> list[Layer]:
        if self.n_members > 1 and self.pretrain is not None:
            raise ValueError(
                f"pretrain is for one network, got n_members={self.n_members} and pretrain={self.pretrain}. Use "
                "n_members=1, or pretrain=None."
            )
        shared = self.n_members > 1 and not self._independent
        return [MemberScaling(self.n_members)] * shared + super()._hidden_layers()

    def _dense_layer(self, units: int) -> Layer:
        if self._independent:
            return MemberDense(units, self.n_members, recipes.initializer(self))
        return super()._dense_layer(units)

    def _output_layers(self, shape: Shape) -> list[Layer]:
        if self.n_members == 1:
            return super()._output_layers(shape)
        dense = MemberDense(self._target.n_outputs, int(self.n_members), recipes.initializer(self))
        return [dense, MemberMean(self._target.loss.link)]

    def _make_objective(self, network: Network, penalty: ElasticNet) -> Objective:
        if not self._network_has_members():
            return super()._make_objective(network, penalty)
        share = 1 / int(self.n_members) if self._independent else 1.0
        return MembersObjective(network, self._target.loss, penalty, share)

    def _network_has_members(self) -> bool:
        """Return whether the network has members."""
        return isinstance(self._network.layers[-1], MemberMean)

    @available_if(_has_members)
    def predict_std(self, X: MatrixLike) -> Floats:
        """Return the standard deviation of the members' predictions.

        The members have different initial values. Their predictions differ most for rows that are unlike the training
        set. This spread does not include the noise of y, for which ``loss="quantile"`` is meant. Only with
        ``n_members > 1``.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        std : ndarray with the shape of `predict`, for classifiers that of `predict_proba`
            In units of y; for classifiers, the standard deviation of the members' probabilities.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X does not fit, or is so large that the network's output is not finite.

        Examples
        --------
        >>> import numpy as np
        >>> from sknn_scratch import MLPRegressor
        >>> X = np.linspace(-1, 1, 40)[:, None]
        >>> reg = MLPRegressor((16,), n_members=8, random_state=0).fit(X, np.sin(3 * X[:, 0]))
        >>> near, far = reg.predict_std([[0.5], [5.0]])
        >>> bool(near < far)
        True
        """
        check_is_fitted(self)
        return self._spread(self._raw_of(self._check_X(X), self._network[:-1]))

    @abstractmethod
    def _spread(self, raw: Floats) -> Floats:
        """Return the standard deviation of predictions over the members, for raw of shape (n, n_members, k)."""
