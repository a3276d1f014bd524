"""The objective of several members: the mean of their losses."""

from .arena import Array
from .layers.base import Mode
from .losses import Loss
from .network import Network
from .objective import Objective
from .penalty import ElasticNet
from .rows import Rows


class MembersObjective(Objective):
    """Mean of the members' losses plus penalty: each member learns the target for itself.

    The loss of the mean of their predictions would train one large network, whose parts compensate for each other.

    Parameters
    ----------
    network : Network
        What is trained; its last layer makes one answer of the members' ones.
    loss : Loss
        The loss of a member.
    penalty : ElasticNet
        Penalty on its weights.
    share : float, default=1.0
        Factor of the penalty: one over their number for members with weights of their own, so that the objective is
        the mean of their objectives. A decoupled decay does without: it is not weighed against the loss.
    """

    def __init__(self, network: Network, loss: Loss, penalty: ElasticNet, share: float = 1.0) -> None:
        super().__init__(network, loss, penalty)
        self.share = share

    def _penalty(self) -> ElasticNet:
        return ElasticNet(self.penalty.alpha * self.share, self.penalty.l1_ratio)

    def value(self, rows: Rows) -> float:
        raw = self.network[:-1].predict(rows.X)
        return self._mean_loss(rows, raw, len(rows))[0] + self._penalty().value(self._decayed())

    def _one_pass(self, network: Network, rows: Rows, n_rows: int, mode: Mode, out: Array | None) -> float:
        outputs, backwards = network.trace(rows.X, mode)
        if out is not None:
            out[...] = outputs[-1]
        value, d_raw = self._mean_loss(rows, outputs[-2], n_rows)
        network.backpropagate(backwards[:-1], d_raw)
        return value

    def _mean_loss(self, rows: Rows, raw: Array, n_rows: int) -> tuple[float, Array]:
        """Return the share of some rows in the mean loss, and its derivative by raw, of shape (n, n_members, k)."""
        n_members = raw.shape[1]
        weight = None if rows.weight is None else rows.weight.repeat(n_members)
        value, d_raw = self.loss.value_and_gradient(
            rows.target.repeat(n_members, axis=0), raw.reshape(-1, raw.shape[2]), weight, n_rows * n_members
        )
        return value, d_raw.reshape(raw.shape)
