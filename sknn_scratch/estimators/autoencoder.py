"""Unsupervised feature learning by an autoencoder, a network that reconstructs its input from a code."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags, check_array, gen_batches
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._compat import Interval, StrOptions, _fit_context
from .._docs import public
from .._typing import Floats, MatrixLike
from ..data.door import Given, check_X
from ..data.itself import Itself
from ..data.shape import RowShape, Shape
from ..nn.layers.activations import Activation, Logistic
from ..nn.layers.base import Layer
from ..nn.layers.noise import Dropout
from ..nn.losses import BinaryCrossEntropy, SquaredDistance
from ..nn.network import Network
from ..nn.objective import Objective
from ..nn.penalty import ElasticNet
from ..nn.reconstruction import Reconstruction
from ..nn.rows import Matrix
from . import recipes
from .dense_layers import DenseLayers, whole_numbers
from .partial_fit import learns_from_parts

VALUES_AT_ONCE = 2**20  # of reconstructions that are compared with rows


@public
@dataclass(eq=False, repr=False, kw_only=True)
class Autoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, DenseLayers):
    """Autoencoder: a network that reconstructs its input from a code.

    To learn useful features, the code is smaller than the input, sparse, or computed from a corrupted input.
    `transform` returns the codes, `inverse_transform` the rows decoded from codes, and `score_samples` the quality of
    the reconstruction of each row (lecture row 35).

    Parameters
    ----------
    hidden_layer_sizes : array-like of int, default=(32,)
        Number of units of each layer of the encoder; the last is the code. The decoder has the same sizes in reverse.
    activation : {"auto", "identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "softplus", "gelu", "silu", \
"mish", "maxout"}, Activation or list of these, default="auto"
        Activation of the layers of the encoder, one for all or one for each; the decoder has the same ones. "auto" is
        "relu", but "identity" in the code, as many units of a ReLU code are 0 for all rows; with `sparsity` the code is
        "logistic", with `activity_l1` or `corruption` "relu".
    encoder : sequence of Layer or None, default=None
        Recipes of the layers of the encoder, instead of `hidden_layer_sizes`. For convolutions, pass arrays of images,
        or begin with a `Reshape`.
    decoder : sequence of Layer, default=()
        With `encoder`, recipes of the layers of the decoder; the output layer is appended.
    output : {"auto", "logistic", "identity"}, default="auto"
        Output activation and loss: "logistic" with the cross-entropy, for values from 0 to 1; or "identity" with half
        the squared error; both are summed over the columns. "auto" is "logistic" if all of X is in [0, 1].
    standardize : bool or "auto", default="auto"
        Whether to scale the columns internally to mean 0 and variance 1; "auto" does so if the output is "identity".
    tied : bool, default=False
        Whether the decoder uses the transposed weights of the encoder.
    corruption : float or Layer, default=0.0
        Proportion of the inputs that are set to 0 at random in training (the others are divided by 1 minus it), or a
        layer such as ``GaussianNoise(0.3)``. The target is the uncorrupted input, as in a denoising autoencoder
        (Vincent et al. 2008).
    sparsity : float or None, default=None
        Target for the mean activation of each unit of a logistic code in a mini-batch, such as 0.05.
    sparsity_weight : float, default=3.0
        Weight of the Kullback-Leibler divergence between target and actual mean, summed over the units.
    activity_l1 : float, default=0.0
        Weight of the sum of the absolute values of the code, which makes codes sparse.
    alpha : float or "auto", default="auto"
        Strength of the penalty on the weights; "auto" is 0.

    See Also
    --------
    BernoulliRBM : Features from a model of the probability of a row.
    sklearn.decomposition.PCA : The best linear code.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknn_scratch import Autoencoder
    >>> X = load_digits().data / 16
    >>> autoencoder = Autoencoder((16,), random_state=0).fit(X)
    >>> autoencoder.transform(X).shape
    (1797, 16)
    >>> bool(autoencoder.score(X) > -2)  # squared error of an image
    True
    """

    hidden_layer_sizes: int | Sequence[int] | npt.NDArray[np.integer] = field(default=(32,), kw_only=False)
    activation: str | Activation | Sequence[str | Activation] = field(default="auto", kw_only=False)
    encoder: Sequence[Layer] | None = None
    decoder: Sequence[Layer] = ()
    output: str = "auto"
    standardize: bool | str = "auto"  # type: ignore[assignment]
    tied: bool = False
    corruption: float | Layer = 0.0
    sparsity: float | None = None
    sparsity_weight: float = 3.0
    activity_l1: float = 0.0

    _target: Itself = field(init=False)

    _constraints: ClassVar[dict[str, list[object]]] = {
        "activation": [StrOptions({"auto"} | recipes.ACTIVATION_NAMES), Activation, list, tuple],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "encoder": [list, tuple, None],
        "decoder": [list, tuple],
        "output": [StrOptions({"auto", "logistic", "identity"})],
        "standardize": ["boolean", StrOptions({"auto"})],
        "tied": ["boolean"],
        "corruption": [Interval(Real, 0, 1, closed="left"), Layer],
        "sparsity": [Interval(Real, 0, 1, closed="neither"), None],
        "sparsity_weight": [Interval(Real, 0, None, closed="left")],
        "activity_l1": [Interval(Real, 0, None, closed="left")],
    }

    # The network

    def _row_shape(self) -> RowShape:
        return RowShape(flat=self.encoder is None)

    def _standardizes(self) -> bool:
        return not self._target.bounded if self.standardize == "auto" else bool(self.standardize)

    def _hidden_layers(self) -> list[Layer]:
        way_there, way_back = self._ways()
        return [*self._corrupting(), *way_there, *way_back]

    def _corrupting(self) -> list[Layer]:
        if isinstance(self.corruption, Layer):
            return [self.corruption]
        return [Dropout(float(self.corruption))] if self.corruption else []

    def _ways(self) -> tuple[list[Layer], list[Layer]]:
        """Return the layers to the code, and those from it to the output layer."""
        if self.encoder is not None:
            for layer in [*self.encoder, *self.decoder]:
                if not isinstance(layer, Layer):
                    raise ValueError(f"encoder and decoder hold layer recipes such as Dense(100), got {layer!r}.")
            way_there, way_back = list(self.encoder), list(self.decoder)
        else:
            sizes = whole_numbers("hidden_layer_sizes", self.hidden_layer_sizes)
            activations = self._activations("activation", len(sizes))
            way_there = self._dense(sizes, activations)
            way_back = self._dense(sizes[-2::-1], activations[-2::-1])
        if not way_there:
            raise ValueError("An autoencoder needs at least one layer to its code, got none.")
        return way_there, way_back

    def _activations(self, parameter: str, n_layers: int) -> list[str | Activation]:
        if self.activation == "auto":
            of_code = "relu" if self.activity_l1 or self.corruption else "identity"
            return [*["relu"] * (n_layers - 1), of_code if self.sparsity is None else "logistic"]
        return super()._activations(parameter, n_layers)

    @property
    def _code(self) -> int:
        """Number of the layer whose output is the code."""
        n_before = self._standardizes() + bool(self.input_noise) + bool(self.input_dropout) + len(self._corrupting())
        return n_before + len(self._ways()[0]) - 1

    def _tied(self) -> list[tuple[int, int]]:
        """Return the pairs of layers to the code and back whose weights are tied."""
        if not self.tied:
            return []
        params = self._network.params
        dense = [i for i, views in enumerate(params) if np.ndim(getattr(views, "W", 0)) == 2]
        pairs = [pair for pair in zip(dense, dense[::-1], strict=True) if pair[0] < pair[1]]
        if any(params[i].W.shape != params[j].W.shape[::-1] for i, j in pairs) or self.max_norm is not None:
            raise ValueError(
                "tied=True needs dense layers of the same sizes to the code and back, no maxout, and max_norm=None."
            )
        return pairs

    def _make_objective(self, network: Network, penalty: ElasticNet) -> Objective:
        code, sparsity = self._code, None if self.sparsity is None else float(self.sparsity)
        bend = next(layer for layer in reversed(network.layers[: code + 1]) if not isinstance(layer, Dropout))
        if sparsity is not None and not isinstance(bend, Logistic):
            raise ValueError(
                f"sparsity={self.sparsity} is a mean of units between 0 and 1: the last layer to the code should be "
                f"logistic, and is {bend}. Use activation='logistic', or activity_l1."
            )
        return Reconstruction(
            network,
            self._target.loss,
            penalty,
            code,
            self._tied(),
            sparsity,
            float(self.sparsity_weight),
            float(self.activity_l1),
        )

    def _start(self, X: Matrix, *args: Any) -> None:
        super()._start(X, *args)
        for first, second in self._tied():
            params = self._network.params
            params[second].W = params[first].W.T

    # X is its own target

    def _make_target(self, y: Any, classes: object) -> Itself:
        inside = y.min() >= 0 and y.max() <= 1
        bounded = inside if self.output == "auto" else self.output == "logistic"
        loss = BinaryCrossEntropy() if bounded else SquaredDistance()
        scaled = not bounded and self.standardize in ("auto", True)
        return Itself(loss, y.shape[1], one_dimensional=False, scaled=scaled, bounded=bounded)

    def _renew_target(self, target: Any) -> Any:
        if self.output not in ("auto", target.loss.link):
            raise ValueError(f"The network's output is {target.loss.link!r}. Fit with warm_start=False to change it.")
        return target

    def _check_X_y(self, X: MatrixLike, y: Any, *, reset: bool) -> tuple[Matrix, Any, Shape | None]:
        rows, seen = check_X(self, X, self._row_shape(), None if reset else self._seen_shape, reset=reset)
        return rows, rows, seen

    # Training

    def fit(  # type: ignore[override]  # y means nothing, and there is no y_val
        self,
        X: MatrixLike,
        y: object = None,
        sample_weight: npt.ArrayLike | None = None,
        X_val: MatrixLike | None = None,
        sample_weight_val: npt.ArrayLike | None = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or array of shape (n_samples, ...)
            Rows; sparse rows are converted to dense ones in each mini-batch.
        y : None
            Not used.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows: a weight of k is the same as k equal rows.
        X_val : array-like or sparse matrix of shape (n_samples_val, n_features), default=None
            Validation set: its loss and score are recorded after each epoch, and with `early_stopping` they decide, in
            place of rows held out of X.
        sample_weight_val : array-like of shape (n_samples_val,), default=None
            Its weights.

        Returns
        -------
        self : object
            The fitted autoencoder.

        Raises
        ------
        ValueError
            If X or the weights do not fit, or if training diverges.
        """
        return super().fit(X, X, sample_weight, X_val, X_val, sample_weight_val)

    @available_if(learns_from_parts)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: MatrixLike,
        y: object = None,
        sample_weight: npt.ArrayLike | None = None,
        X_val: MatrixLike | None = None,
        sample_weight_val: npt.ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch on the given rows, continuing from the current weights and solver state.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows; the first call determines output and scales.
        y : None
            Not used.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        X_val : array-like or sparse matrix of shape (n_samples_val, n_features), default=None
            Validation set, as in `fit`.
        sample_weight_val : array-like of shape (n_samples_val,), default=None
            Its weights.

        Returns
        -------
        self : object
            The autoencoder.

        Raises
        ------
        ValueError
            If X or the weights do not fit, or if training diverges.
        """
        return self._partial_fit(Given(X, X, sample_weight, X_val, X_val, sample_weight_val))

    # What it learned

    def transform(self, X: MatrixLike) -> Floats:
        """Return the codes.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        codes : ndarray of shape (n_samples, n_units)
            In the dtype of X.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X does not fit.
        """
        check_is_fitted(self)
        rows = self._check_X(X)
        with np.errstate(all="ignore"):
            codes = self._network[: self._code + 1].astype(rows.dtype).predict(rows)
        return codes.reshape(rows.shape[0], -1)

    def inverse_transform(self, X: MatrixLike) -> Floats:
        """Return the rows decoded from codes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_units)
            Codes, as `transform` returns them.

        Returns
        -------
        rows : ndarray of shape (n_samples, n_features)
            In the units of X of `fit`.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If there is another number of columns.
        """
        check_is_fitted(self)
        codes = check_array(X, dtype=[np.float64, np.float32], input_name="X")
        if codes.shape[1] != self._n_features_out:
            raise ValueError(f"X has {codes.shape[1]} columns, and a code has {self._n_features_out} units.")
        return self._target.decode(self._network[self._code + 1 :].astype(codes.dtype).predict(codes))

    def reconstruct(self, X: MatrixLike) -> Floats:
        """Return the reconstruction of each row from its code.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or array of shape (n_samples, ...)
            Rows.

        Returns
        -------
        rows : ndarray
            In the shape of X.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X does not fit.
        """
        rows = self._target.decode(self._raw(X))
        shape = getattr(X, "shape", ())
        return rows.reshape(shape) if len(shape) > 2 else rows

    def score_samples(self, X: MatrixLike) -> Floats:
        """Return the negative squared error of the reconstruction of each row, summed over the columns.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            In the units of X, or in standard deviations of the columns if they are standardised internally. Low scores
            indicate outliers.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X does not fit.
        """
        check_is_fitted(self)
        rows = self._check_X(X)
        scores = np.empty(rows.shape[0], rows.dtype)
        for part in gen_batches(rows.shape[0], max(1, VALUES_AT_ONCE // rows.shape[1])):
            truth = self._target.encode(rows[part])
            truth = truth if isinstance(truth, np.ndarray) else truth.toarray()
            scores[part] = -self._target.errors(truth, self._raw_of(rows[part]))
        return scores

    def score(self, X: MatrixLike, y: object = None, sample_weight: npt.ArrayLike | None = None) -> float:
        """Return the mean of `score_samples`.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows.
        y : None
            Not used.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        score : float
            At most 0.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X does not fit.
        """
        weights = None if sample_weight is None else np.asarray(sample_weight)
        return float(np.average(self.score_samples(X), weights=weights))

    @property
    def _n_features_out(self) -> int:
        return int(np.prod(self._network.output_shapes[self._code]))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
