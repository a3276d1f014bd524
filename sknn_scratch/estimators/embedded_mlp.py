"""Embeddings of numeric columns: the parameter `embedding`."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from .._compat import StrOptions
from .._typing import Floats
from ..data.scaling import measure_edges
from ..nn.layers.base import Layer
from ..nn.layers.embedding import Embedding, PiecewiseEmbedding
from ..nn.rows import Index, Matrix
from . import automatic
from .members_mlp import MembersMLP


@dataclass(eq=False, repr=False, kw_only=True)
class EmbeddedMLP(MembersMLP):
    """Hidden layers behind an embedding of numeric columns.

    Parameters
    ----------
    embedding : {"auto", "periodic", "piecewise"} or None, default="auto"
        Additional features for each numeric column (more than 10 different values), before the first hidden layer:
        with "periodic" 3 weighted sums of 8 learned cosines, with "piecewise" the position in each of 4 to 12 bins
        between its quantiles (half the square root of the number of distinct rows). The network can then represent
        steeper functions of a column (Gorishniy et al. 2022). "auto" is "periodic" for classification, "piecewise" for
        regression, and None for fewer than 200 distinct rows or more than 30 numeric columns, L-BFGS, sparse rows and
        `pretrain`. With an embedding and ``alpha="auto"``, the c of alpha is 2 + 16 s for classification by
        cross-entropy and 30 s for regression by squared error, where s is the training loss relative to that of
        predicting the mean: 0 in the first 10 epochs, then a moving average over about 5.

    Attributes
    ----------
    embedded_columns_ : tuple of int
        The columns of X that are embedded; empty without an embedding.
    """

    embedding: str | None = "auto"

    _constraints: ClassVar[dict[str, list[object]]] = {
        "embedding": [StrOptions({"auto", "periodic", "piecewise"}), None]
    }

    _embedding: Embedding | None = field(init=False, default=None)  # none with weights by hand

    @property
    def embedded_columns_(self) -> tuple[int, ...]:
        """Columns of X that are embedded."""
        check_is_fitted(self)
        embedding = automatic.embedding_of(self._network)
        return embedding.columns if embedding else ()

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse &= self.embedding in ("auto", None)
        return tags

    def _hidden_layers(self) -> list[Layer]:
        embedding: list[Layer] = [self._embedding] if self._embedding else []
        return embedding + super()._hidden_layers()

    def _automatic_penalty(self) -> tuple[float, float]:
        possible = self._target.loss.measures_noise and self.solver != "lbfgs" and self.pretrain is None
        return self._target.penalty_by_noise if self._embedding and possible else super()._automatic_penalty()

    def _start(self, X: Matrix, numbers: Floats, index: Index, *args: Any) -> None:
        rows: Any = X[index[:: max(1, len(index) // 1000)]]
        self._embedding = automatic.embedding(self, rows, len(index))
        super()._start(X, numbers, index, *args)
        network = self._network
        for i, layer in enumerate(network.layers):
            if isinstance(layer, PiecewiseEmbedding):
                seen = network[:i].predict(rows) if i else rows
                measure_edges(network.params[i], seen[:, list(layer.columns)])
