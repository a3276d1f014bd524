"""Features without labels from a restricted Boltzmann machine."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags, check_array, check_random_state, gen_batches
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._compat import Interval, StrOptions, _fit_context
from .._docs import public
from .._typing import Floats, MatrixLike
from .._warn import warn
from ..data.distinct import distinct_rows
from ..data.door import check_flat
from ..data.sample_weights import in_units, mean_weight, read_weight
from ..data.scaling import measure
from ..fitting.checkpoint import Checkpoint, checkpoint_path, open_checkpoint
from ..fitting.hooks import Hooks, TakesCallbacks
from ..fitting.observer import LossObserver
from ..fitting.session import EPOCHS, INITIAL_VALUES, History, Session, draw_seed
from ..fitting.transaction import all_or_nothing
from ..nn.boltzmann import Boltzmann
from ..nn.divergence import Divergence, DivergenceTrainer
from ..nn.layers.base import Views
from ..nn.learner import Diverged, State
from ..nn.patience import Patience
from ..nn.penalty import ElasticNet
from ..nn.rows import Index, Matrix, Rows
from ..nn.schedules import Constant, Linear, Schedule
from ..nn.settings import plain
from ..nn.solvers import Solver
from . import automatic, recipes
from .hints import Hinting
from .partial_fit import learns_from_parts
from .persistence import Versioned

VALUES_AT_ONCE = 2**20


@public
@dataclass(eq=False, repr=False, kw_only=True)
class BernoulliRBM(TakesCallbacks, ClassNamePrefixFeaturesOutMixin, TransformerMixin, Hinting, Versioned):
    """Restricted Boltzmann machine: a probabilistic model of the rows, for unsupervised feature learning.

    Binary hidden units h and visible units v (the columns of X, from 0 to 1) have the joint probability exp(-E) / Z
    with E = -b v - c h - h W v. `transform` returns P(h = 1 | v). Training follows the gradient of the mean log p(v)
    (lecture row 35), estimated by Gibbs sampling: contrastive divergence [1]_, or persistent contrastive divergence
    [2]_, the default.

    Parameters
    ----------
    n_components : int, default=256
        Number of hidden units.
    learning_rate : float, default=0.1
        The largest learning rate.
    batch_size : int, default=10
        Size of the mini-batches.
    n_iter : int, default=20
        Number of epochs of `fit`. With the linear schedule, the learning rates of 20 epochs have the same sum as those
        of scikit-learn's 10 at a constant rate.
    verbose : bool, default=False
        Whether to print one line per epoch.
    random_state : int, RandomState instance or None, default=None
        Determines the initial values, the order of the rows and the samples. Pass an int for reproducible results.
    n_gibbs : int, default=1
        Number of Gibbs sampling steps for each mini-batch: the k of CD-k.
    persistent : bool, default=True
        Whether the Gibbs chains continue from one mini-batch to the next. If not, they start at the rows of the
        mini-batch.
    n_chains : int or "auto", default="auto"
        Number of persistent chains; "auto" is `batch_size`, but at least 100.
    schedule : {"linear", "constant"} or Schedule, default="linear"
        Schedule of the learning rate over the epochs of `fit`: "linear" falls to a hundredth of `learning_rate`.
        Persistent chains need a falling rate; with a constant one, the model changes faster than they can follow. In
        `partial_fit`, where the number of calls is unknown, "linear" is constant.
    solver : {"sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw", "nadam"} or Solver, default="sgd"
        The solver for weight optimization; "sgd" is plain gradient descent unless `momentum` is given.
    momentum : float or None, default=None
        Momentum of "momentum" (None: 0.9), "sgd" and "rmsprop" (None: 0).
    alpha : float, default=0.0
        Strength of the L2 penalty on the weights.
    sparsity : float or None, default=None
        Target for the mean activation of each hidden unit in a mini-batch; None for no target.
    sparsity_weight : float, default=0.1
        Weight of the cross-entropy between target and actual mean [3]_.
    visible : {"bernoulli", "gaussian"}, default="bernoulli"
        Distribution of the visible units. Gaussian units have variance 1 given h; X is then scaled internally to mean 0
        and variance 1, and a smaller `learning_rate` is needed, such as 0.01.
    shuffle : bool, default=True
        Whether to shuffle the rows in each epoch. If True, a row of weight k is equivalent to k rows, and the order of
        the rows of X has no effect.
    dtype : {"auto", "float32", "float64"} or None, default="auto"
        The dtype of training. "auto" is float32, None the dtype of X. All other methods compute in the dtype of X.
    checkpoint : str, os.PathLike or None, default=None
        A file to which `fit` saves the state of training after each epoch. After an interruption, the same call of
        `fit` continues from the last finished epoch, with bit-identical results. Not available for `partial_fit`.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        The weights W.
    intercept_hidden_ : ndarray of shape (n_components,)
        The biases c.
    intercept_visible_ : ndarray of shape (n_features,)
        The biases b.
    h_samples_ : ndarray of shape (n_chains, n_components)
        Hidden units of the persistent chains; not available with ``persistent=False``.
    history_ : dict of lists
        The "loss", "learning_rate", "gradient_norm" and "seconds" of each epoch. The loss is an estimate of the
        negative mean of `score_samples`, from one column of each of 500 rows.
    n_iter_ : int
        Number of epochs.
    stop_reason_ : str
        Why training ended.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, where X has names and all are strings.

    See Also
    --------
    Autoencoder : Features learned by reconstruction.
    sklearn.neural_network.BernoulliRBM : The same model, with persistent chains and a constant learning rate.

    References
    ----------
    .. [1] G. E. Hinton, "Training products of experts by minimizing contrastive divergence", Neural Computation 14
       (2002), 1771-1800.
    .. [2] T. Tieleman, "Training restricted Boltzmann machines using approximations to the likelihood gradient", ICML
       2008.
    .. [3] G. E. Hinton, "A practical guide to training restricted Boltzmann machines", Technical Report 2010-003,
       University of Toronto (2010), section 11.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknn_scratch import BernoulliRBM
    >>> X = load_digits().data / 16
    >>> rbm = BernoulliRBM(32, random_state=0).fit(X)
    >>> rbm.transform(X).shape
    (1797, 32)
    >>> rbm.sample(3, random_state=0).shape
    (3, 64)
    """

    n_components: int = field(default=256, kw_only=False)
    learning_rate: float = 0.1
    batch_size: int = 10
    n_iter: int = 20
    verbose: bool = False
    random_state: int | np.random.RandomState | None = None
    n_gibbs: int = 1
    persistent: bool = True
    n_chains: int | str = "auto"
    schedule: str | Schedule = "linear"
    solver: str | Solver = "sgd"
    momentum: float | None = None
    alpha: float = 0.0
    sparsity: float | None = None
    sparsity_weight: float = 0.1
    visible: str = "bernoulli"
    shuffle: bool = True
    dtype: str | None = "auto"
    checkpoint: str | os.PathLike[str] | None = None

    components_: Floats = field(init=False)
    intercept_hidden_: Floats = field(init=False)
    intercept_visible_: Floats = field(init=False)
    history_: History = field(init=False)
    _progress: State = field(init=False)

    # What the solvers' names need besides; other values come in a recipe, such as Adam(beta_1=0.5).
    nesterovs_momentum: ClassVar[bool] = False
    beta_1: ClassVar[float] = 0.9
    beta_2: ClassVar[float] = 0.999
    rho: ClassVar[float] = 0.9
    epsilon: ClassVar[float] = 1e-8

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "n_iter": [Interval(Integral, 1, None, closed="left")],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
        "n_gibbs": [Interval(Integral, 1, None, closed="left")],
        "persistent": ["boolean"],
        "n_chains": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "schedule": [StrOptions({"linear", "constant"}), Schedule],
        "solver": [StrOptions(set(recipes.SOLVERS)), Solver],
        "momentum": [Interval(Real, 0, 1, closed="both"), None],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "sparsity": [Interval(Real, 0, 1, closed="neither"), None],
        "sparsity_weight": [Interval(Real, 0, None, closed="left")],
        "visible": [StrOptions({"bernoulli", "gaussian"})],
        "shuffle": ["boolean"],
        "dtype": [StrOptions({"auto", "float32", "float64"}), None],
        "checkpoint": [str, os.PathLike, None],
    }

    # Training

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: MatrixLike, y: object = None, sample_weight: npt.ArrayLike | None = None) -> Self:
        """Fit the model to X.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows, with values from 0 to 1, or with Gaussian visible units any values.
        y : None
            Not used.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows: a weight of k is the same as k equal rows.

        Returns
        -------
        self : object
            The fitted machine.

        Raises
        ------
        ValueError
            If X or the weights do not fit, or if training diverges.
        """
        with all_or_nothing(self):
            self.__dict__.pop("components_", None)
            self._train(X, sample_weight, self.n_iter, _schedule(self))
        return self

    @available_if(learns_from_parts)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: MatrixLike, y: object = None, sample_weight: npt.ArrayLike | None = None) -> Self:
        """Train for one epoch on the given rows, continuing from the current weights and chains.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.
        y : None
            Not used.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        self : object
            The machine.

        Raises
        ------
        ValueError
            If X or the weights do not fit, or if training diverges.
        """
        schedule = Constant() if self.schedule == "linear" else _schedule(self)
        with all_or_nothing(self):
            self._train(X, sample_weight, 1, schedule)
        return self

    def _train(self, X: MatrixLike, sample_weight: npt.ArrayLike | None, max_epochs: int, schedule: Schedule) -> None:
        """Train for some epochs under a schedule."""
        rows, index, checkpoint = self._prepare(X, sample_weight)
        trainer = self._trainer(len(index), schedule)
        session = Session(
            learner=trainer,
            observer=LossObserver(),
            patience=Patience(0.0, np.inf),
            hooks=Hooks(self, X, None, sample_weight, max_epochs),
            learned=lambda: self._learned(trainer),
            max_epochs=max_epochs,
            seed=self._seed,
            history={name: list(values) for name, values in self.history_.items()},
            checkpoint=checkpoint,
            verbose=self.verbose,
        )
        try:
            session.run(rows, index)
        except Diverged:
            raise ValueError(
                f"Training diverged in epoch {trainer.n_epochs}: with learning_rate={self.learning_rate:g} the weights "
                f"grew beyond all numbers. Lower it, to {self.learning_rate / 10:g} for example, or scale X."
            ) from None
        self.__dict__.update(self._learned(trainer))
        self._progress = {name: value for name, value in trainer.state().items() if name != "chains"}
        self.history_ = session.history
        self.n_iter_ = len(self.history_["loss"])
        self.stop_reason_ = session.ended_because
        session.hooks.end()

    def _prepare(self, X: MatrixLike, sample_weight: npt.ArrayLike | None) -> tuple[Rows, Index, Checkpoint | None]:
        """Return the encoded rows, which of them to train on, and the checkpoint; a new machine gets its start."""
        fresh = not self.__sklearn_is_fitted__()
        checked = check_flat(self, X, reset=fresh)
        weight = read_weight(sample_weight, checked)
        self._warn_of_range(checked)
        checkpoint = open_checkpoint(self, checkpoint_path(self), (checked, weight))
        no_target = np.zeros((checked.shape[0], 1))
        index, weight = distinct_rows(checked, no_target, weight, merge=self.shuffle)
        if fresh:
            self._seed = draw_seed(self.random_state, checkpoint)
            self._start(checked, index, weight)
        weight = in_units(weight, self._weight_unit, len(no_target), self.components_.dtype)
        return Rows(self._scaled(checked), no_target[:, :0], weight), index, checkpoint

    def _start(self, X: Matrix, index: Index, weight: Floats | None) -> None:
        """Make a new machine with small random weights."""
        self._weight_unit = mean_weight(weight, index)
        self._seen_dtype = X.dtype.name
        n_features = X.shape[1]
        self._scaling = Views({"mean": np.zeros(n_features), "scale": np.ones(n_features)})
        dtype = automatic.dtype(self, X.dtype)
        rng = np.random.default_rng([self._seed, INITIAL_VALUES])
        self.components_ = (0.01 * rng.standard_normal((self.n_components, n_features))).astype(dtype)
        self.intercept_hidden_ = np.zeros(self.n_components, dtype)
        self.intercept_visible_ = np.zeros(n_features, dtype)
        if self.visible == "gaussian":
            measure(self._scaling, X, index, None if weight is None else weight / weight.max())
        self.__dict__.pop("h_samples_", None)
        self._progress = {}
        self.history_ = {}

    def _trainer(self, n_rows: int, schedule: Schedule) -> DivergenceTrainer:
        """Return what trains the machine, as it is now."""
        machine = self._machine(automatic.dtype(self, self.components_.dtype))
        batch_size = min(n_rows, int(self.batch_size))
        n_chains = max(100, self.batch_size) if isinstance(self.n_chains, str) else self.n_chains
        chains = np.zeros((n_chains, self.n_components), machine.theta.dtype) if self.persistent else None
        sparsity = None if self.sparsity is None else float(self.sparsity)
        penalty = ElasticNet(float(self.alpha))
        objective = Divergence(machine, penalty, self.n_gibbs, chains, sparsity, float(self.sparsity_weight))
        trainer = DivergenceTrainer(
            objective=objective,  # type: ignore[arg-type]  # which has what a Trainer calls
            solver=recipes.solver(self),
            schedule=schedule,
            base_rate=float(self.learning_rate),
            batch_size=batch_size,
            shuffle=self.shuffle,
            seed=(self._seed, EPOCHS),
        )
        if self._progress:
            trainer.restore(self._progress | {"chains": getattr(self, "h_samples_", None)})
        return trainer

    def _learned(self, trainer: DivergenceTrainer) -> dict[str, object]:
        """Return copies of what the methods need."""
        machine, chains = trainer.objective.network, trainer.objective.chains
        learned: dict[str, object] = {
            "components_": machine.weights.copy(),
            "intercept_hidden_": machine.hidden.copy(),
            "intercept_visible_": machine.visible.copy(),
        }
        return learned if chains is None else learned | {"h_samples_": chains}

    # Data

    def _warn_of_range(self, X: Matrix) -> None:
        if self.visible == "bernoulli" and (X.min() < 0 or X.max() > 1):
            warn(
                f"Visible units of a BernoulliRBM are numbers from 0 to 1, and X goes from {X.min():g} to "
                f"{X.max():g}. Scale X, e.g. with sklearn.preprocessing.MinMaxScaler(clip=True), or use "
                "visible='gaussian'."
            )

    def _scaled(self, X: Matrix) -> Matrix:
        """Return rows as the machine sees them."""
        if self.visible == "bernoulli":
            return X
        mean, scale = self._scaling.mean.astype(X.dtype), self._scaling.scale.astype(X.dtype)
        if isinstance(X, np.ndarray):
            return (X - mean) * scale
        return ((X.toarray() - mean) * scale) if mean.any() else sparse.csr_array(X.multiply(scale))

    def _unscaled(self, v: Floats) -> Floats:
        """Return visible units in the units of X."""
        if self.visible == "bernoulli":
            return v
        return v / self._scaling.scale.astype(v.dtype) + self._scaling.mean.astype(v.dtype)

    def _machine(self, dtype: npt.DTypeLike) -> Boltzmann:
        """Return the machine, in a vector of its own."""
        machine = Boltzmann(self.components_.shape, dtype, gaussian=self.visible == "gaussian")
        machine.weights[:] = self.components_
        machine.hidden[:] = self.intercept_hidden_
        machine.visible[:] = self.intercept_visible_
        return machine

    def _of_rows(self, X: MatrixLike, function: Callable[[Boltzmann, Floats], Floats]) -> Floats:
        """Return what a function of the machine and rows gives, in parts of bounded memory."""
        check_is_fitted(self)
        checked = check_flat(self, X)
        machine = self._machine(checked.dtype)
        n_rows = max(1, VALUES_AT_ONCE // max(machine.weights.shape))
        parts = []
        with np.errstate(over="ignore", invalid="ignore"):
            for part in gen_batches(checked.shape[0], n_rows):
                v = self._scaled(checked[part])
                parts.append(function(machine, v if isinstance(v, np.ndarray) else v.toarray()))
        return np.concatenate(parts)

    # What it learned

    def transform(self, X: MatrixLike) -> Floats:
        """Return P(h = 1 | v), the features.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        h : ndarray of shape (n_samples, n_components)
            In the dtype of X.

        Raises
        ------
        NotFittedError
            Before `fit`.
        """
        return self._of_rows(X, Boltzmann.hidden_means)

    def inverse_transform(self, X: MatrixLike) -> Floats:
        """Return the means of the visible units given states, or probabilities, of the hidden units.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_components)
            Hidden units, as `transform` returns them.

        Returns
        -------
        v : ndarray of shape (n_samples, n_features)
            In the units of X of `fit`.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If there are not `n_components` columns.
        """
        check_is_fitted(self)
        hidden = check_array(X, dtype=[np.float64, np.float32], input_name="X")
        if hidden.shape[1] != len(self.components_):
            raise ValueError(
                f"X has {hidden.shape[1]} columns, and the machine has {len(self.components_)} hidden units."
            )
        return self._unscaled(self._machine(hidden.dtype).visible_means(hidden))

    def reconstruct(self, X: MatrixLike) -> Floats:
        """Return the reconstruction of each row from the probabilities of the hidden units.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        v : ndarray of shape (n_samples, n_features)
            Means of the visible units.
        """
        return self._unscaled(self._of_rows(X, lambda machine, v: machine.visible_means(machine.hidden_means(v))))

    def free_energy(self, X: MatrixLike) -> Floats:
        """Return F(v) of each row, where p(v) = exp(-F(v)) / Z.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        energies : ndarray of shape (n_samples,)
            The smaller, the more probable.
        """
        return self._of_rows(X, Boltzmann.free_energy)

    def score_samples(self, X: MatrixLike) -> Floats:
        """Return the log-pseudo-likelihood of each row: the sum over all columns of log P(v_i | all other v).

        It is exact and deterministic, at the cost of one free energy per column. (scikit-learn's is a random estimate
        with this mean, from one column.) With Gaussian visible units, it is the negative squared error of `reconstruct`
        instead, in standard deviations of the columns.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Higher for rows that are more similar to those of `fit`.
        """

        def score(machine: Boltzmann, v: Floats) -> Floats:
            if machine.gaussian:
                return -((v - machine.visible_means(machine.hidden_means(v))) ** 2).sum(axis=1)
            pixels = np.arange(v.shape[1])
            return np.sum(list(machine.log_conditionals(v, pixels)), axis=0, dtype=v.dtype)

        return self._of_rows(X, score)

    def score(self, X: MatrixLike, y: object = None) -> float:
        """Return the mean of `score_samples`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.
        y : None
            Not used.

        Returns
        -------
        score : float
            The larger the better.
        """
        return float(np.mean(self.score_samples(X)))

    def log_likelihood(
        self,
        X: MatrixLike,
        *,
        n_chains: int = 100,
        n_temperatures: int = 1000,
        random_state: int | np.random.RandomState | None = 0,
    ) -> Floats:
        """Return log p(v) of each row.

        If there are at most 20 hidden units (or at most 20 binary visible units), it is exact: a sum over all their
        states. Otherwise log Z is estimated by annealed importance sampling. With too few temperatures, log Z is
        underestimated, and log p overestimated.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.
        n_chains : int, default=100
            Number of chains of annealed importance sampling.
        n_temperatures : int, default=1000
            Number of temperatures of annealed importance sampling.
        random_state : int, RandomState instance or None, default=0
            Determines the random numbers of annealed importance sampling.

        Returns
        -------
        log_likelihood : ndarray of shape (n_samples,)
            Logarithm of p(v); with Gaussian visible units, of the density in the units of X.
        """
        energies = self.free_energy(X)
        machine = self._machine(np.float64)
        if machine.is_enumerable:
            log_partition = machine.log_partition()
        else:
            rng = np.random.default_rng(check_random_state(random_state).randint(2**31))
            log_partition = machine.annealed_log_partition(rng, n_chains, n_temperatures)
        return -energies - log_partition + np.log(self._scaling.scale).sum()

    def gibbs(self, v: MatrixLike, n_steps: int = 1, random_state: int | np.random.RandomState | None = None) -> Floats:
        """Return the visible units after steps of Gibbs sampling.

        Parameters
        ----------
        v : {array-like, sparse matrix} of shape (n_samples, n_features)
            Where the chains start.
        n_steps : int, default=1
            Steps.
        random_state : int, RandomState instance or None, default=None
            Determines the samples.

        Returns
        -------
        v : ndarray of shape (n_samples, n_features)
            Visible units: 0 or 1, or, if they are Gaussian, values in the units of X.
        """
        rng = np.random.default_rng(check_random_state(random_state).randint(2**31))

        def walk(machine: Boltzmann, v: Floats) -> Floats:
            for _ in range(n_steps):
                h = machine.draw_hidden(machine.hidden_means(v), rng)
                v = machine.draw_visible(machine.visible_means(h), rng)
            return v

        return self._unscaled(self._of_rows(v, walk))

    def sample(
        self, n_samples: int = 1, n_steps: int = 1000, random_state: int | np.random.RandomState | None = None
    ) -> Floats:
        """Return samples from the model: visible units after many steps of Gibbs sampling.

        Parameters
        ----------
        n_samples : int, default=1
            Number of samples, each from a separate chain.
        n_steps : int, default=1000
            Number of steps of each chain. The chains start from the persistent chains, or at random.
        random_state : int, RandomState instance or None, default=None
            Determines the samples.

        Returns
        -------
        v : ndarray of shape (n_samples, n_features)
            Rows.
        """
        check_is_fitted(self)
        seeds = check_random_state(random_state)
        rng = np.random.default_rng(seeds.randint(2**31))
        machine = self._machine(self.components_.dtype)
        chains = getattr(self, "h_samples_", None)
        if chains is None:
            h = rng.integers(2, size=(n_samples, len(self.components_))).astype(machine.theta.dtype)
        else:
            h = chains[rng.integers(len(chains), size=n_samples)]
        start = machine.draw_visible(machine.visible_means(h), rng)
        return self.gibbs(self._unscaled(start), n_steps, seeds)

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "components_")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _schedule(estimator: BernoulliRBM) -> Schedule:
    """Return the schedule of `fit`."""
    if isinstance(estimator.schedule, Schedule):
        return plain(estimator.schedule)
    return Linear(int(estimator.n_iter)) if estimator.schedule == "linear" else Constant()
