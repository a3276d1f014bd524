"""Building of a network: by the parameters of an estimator, for a new training or for one that goes on."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .._typing import Floats
from ..data.scaling import measure
from ..data.shape import RowShape, Shape
from ..data.targets import Target
from ..fitting.session import INITIAL_VALUES, History, draw_seed
from ..nn.layers.base import Layer
from ..nn.layers.dense import Dense
from ..nn.layers.noise import Dropout, GaussianNoise
from ..nn.layers.reshape import Flatten
from ..nn.layers.standardize import Standardize
from ..nn.learner import State
from ..nn.network import Network
from ..nn.rows import Index, Matrix
from ..nn.settings import plain
from . import automatic, recipes
from .parameters import TrainingParameters


@dataclass(eq=False, repr=False, kw_only=True)
class BuildsNetwork(TrainingParameters):
    """Base with the network of an estimator, and all that is private in a fitted one.

    Training begins with a new network (`_start`), one of weights by hand (`_start_by_hand`) or a copy of the fitted one
    (`_resume`).
    """

    # What the first training fixes: the seed, what y and rows of X are, the units of weights
    _seed: int = field(init=False)
    _target: Target = field(init=False)
    _seen_shape: Shape | None = field(init=False)  # of rows of X; None for flat ones
    _seen_dtype: str = field(init=False)  # of X
    _input_shape: Shape = field(init=False)  # of rows in the network
    _by_hand: bool = field(init=False)  # whether it began with weights by hand
    _weight_unit: float = field(init=False)  # mean weight of the first training set, 0 before there is one
    # What training changes
    _network: Network = field(init=False)
    _progress: State = field(init=False)  # from which a next call continues
    history_: History = field(init=False)
    n_iter_: int = field(init=False)
    t_: int = field(init=False)
    stop_reason_: str | None = field(init=False)
    _n_rows: int = field(init=False)  # the most that came at once: what automatic settings go by

    # What subclasses define

    @abstractmethod
    def _hidden_layers(self) -> list[Layer]:
        """Return the recipes of all layers before the output layer."""

    def _row_shape(self) -> RowShape:
        """Return how rows of X are shaped."""
        return RowShape()

    def _width(self) -> int | None:
        """Return the numbers of a row where the layers tell it, without any weights."""
        return None

    def _augmentation(self) -> list[Layer]:
        """Return the layers that change training rows at random, before all others."""
        return []

    def _masking(self) -> list[Layer]:
        """Return the layers between the standardisation and all that sees steps of sequences."""
        return []

    def _standardizes(self) -> bool:
        """Return whether the inputs are standardised."""
        return self.standardize

    def _output_layers(self, shape: Shape) -> list[Layer]:
        """Return the layers from hidden outputs of this shape to the raw output."""
        flat: list[Layer] = [Flatten()] if len(shape) > 1 else []
        return [*flat, Dense(self._target.n_outputs, recipes.initializer(self))]

    # Where training begins

    def _start(self, X: Matrix, numbers: Floats, index: Index, weight: Floats | None, seen: Shape | None) -> None:
        """Make a new network, and fix the scales of inputs and targets by these rows."""
        if weight is not None:
            weight = weight / weight.max()  # so that no product with a huge weight overflows
        self._target = self._target.measured(numbers[index], None if weight is None else weight[index])
        self._seen_shape = seen
        self._make_network(self._row_shape().resolve(X.shape[1], seen), X.dtype)
        if self._standardizes():
            measure(self._network.params[self._network.layers.index(Standardize())], X, index, weight)

    def _start_by_hand(self, shapes: Sequence[Shape], target: Target) -> None:
        """Make a network with weights of these shapes that sees rows and targets as they are."""
        self._target, self._seen_shape = target, None
        self._seed = draw_seed(self.random_state)
        self._weight_unit = 0.0  # not measured yet
        shape = self._row_shape().by_hand(shapes, self._width())
        self.n_features_in_ = int(np.prod(shape))
        self._make_network(shape, np.float64, by_hand=True)  # its initial values are of what is not set by hand

    def _resume(self, of_X: npt.DTypeLike) -> None:
        """Prepare copies of the fitted network and of its history for more training."""
        self._network = self._network.astype(self._dtype(of_X))[:]
        self.history_ = {name: list(values) for name, values in self.history_.items()}
        was = self._network.input_shape, list(self._network.layers)
        self._input_shape = self._row_shape().resolve(self.n_features_in_, self._seen_shape)
        now = self._input_shape, self._layers()
        if was != now:
            raise ValueError(
                f"The network was built for inputs and layers {was}, but the parameters now say {now}. Training can go "
                "on only with the same layers; fit with warm_start=False to build a new network."
            )

    def _forget(self) -> None:
        """Discard the network, so that the next training makes a new one."""
        self.__dict__.pop("_network", None)

    # The network

    def _make_network(self, input_shape: Shape, of_X: npt.DTypeLike, *, by_hand: bool = False) -> None:
        """Make a network with initial values and without a history."""
        self._input_shape, self._by_hand, self._seen_dtype = input_shape, by_hand, np.dtype(of_X).name
        self._network = Network(self._layers(), input_shape, self._dtype(of_X))
        self._network.initialize(np.random.default_rng([self._seed, INITIAL_VALUES]))
        self._progress, self.history_ = {}, {}
        self._n_rows = self.n_iter_ = self.t_ = 0
        self.stop_reason_ = None

    def _dtype(self, of_X: npt.DTypeLike) -> npt.DTypeLike:
        """Return what training computes in; weights by hand are not rounded unless a parameter says so."""
        return np.float64 if self._by_hand and self.dtype in (None, "auto") else automatic.dtype(self, of_X)

    def _layers(self) -> list[Layer]:
        """Return all layers. Whatever is done to inputs (augmentation, scaling, noise, dropout) is one of them."""
        layers = self._augmentation()
        if not self._by_hand and self._standardizes():
            layers.append(Standardize())
        layers += self._masking()
        if self.input_noise:
            layers.append(GaussianNoise(self.input_noise))
        if self.input_dropout:
            layers.append(Dropout(self.input_dropout))
        layers += self._hidden_layers()
        shape = self._input_shape
        for layer in layers:
            shape = layer.plan(shape)[0]
        return [*map(plain, layers), *self._output_layers(shape)]
