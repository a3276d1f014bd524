"""Trainer: which rows each step sees, what a step is, and that going on is as good as never having stopped."""

import copy
import pickle
from contextlib import nullcontext

import numpy as np
import pytest
from scipy import sparse

from sknn_scratch.nn import objective as objective_module
from sknn_scratch.nn import workers as workers_module
from sknn_scratch.nn.layers import Dense, Dropout, GaussianNoise, Identity, Standardize, Tanh
from sknn_scratch.nn.learner import Diverged
from sknn_scratch.nn.losses import SquaredError
from sknn_scratch.nn.network import Network
from sknn_scratch.nn.objective import Objective
from sknn_scratch.nn.penalty import ElasticNet
from sknn_scratch.nn.rows import Rows
from sknn_scratch.nn.schedules import Adaptive, Constant, Cosine, Linear, StepDecay
from sknn_scratch.nn.solvers import SGD, Adam, AdamW, Momentum, RMSProp
from sknn_scratch.nn.trainer import Trainer
from sknn_scratch.nn.workers import workers
from tests.nn.tables import PENALTIES, SCHEDULES, SOLVERS, label, mode

N = 11
RNG = np.random.default_rng(0)
X, TARGET, WEIGHT = RNG.normal(size=(N, 4)), RNG.normal(size=(N, 2)), RNG.random(N) + 0.5
ROWS = Rows(X, TARGET)
ALL = np.arange(N)


class Recorder(SquaredError):
    """Remembers the targets of each mini-batch."""

    def __init__(self):
        object.__setattr__(self, "batches", [])

    def rows(self, target, raw):
        self.batches.append(target[:, 0].tolist())
        return super().rows(target, raw)


SMALL = (Dense(5), Tanh(), Dense(2))


def make(
    layers=SMALL,
    *,
    loss=None,
    penalty=None,
    solver=None,
    schedule=None,
    rate=0.05,
    batch_size=4,
    shuffle=True,
    seed=(0,),
    dtype=np.float64,
    rates=None,
):
    network = Network(layers, (4,), dtype)
    network.initialize(np.random.default_rng(1))
    objective = Objective(network, loss or SquaredError(), penalty or ElasticNet())
    return Trainer(objective, solver or SGD(), schedule or Constant(), rate, batch_size, shuffle, seed, rates=rates)


def train(trainer, n_epochs, rows=ROWS, index=ALL):
    return [trainer.epoch(rows, index).loss for _ in range(n_epochs)]


def theta(trainer):
    return trainer.objective.network.theta


def test_a_layer_may_have_a_share_of_the_rate():
    """Beside steps of the whole rate and of half of it: the first layer's are the former, the last one's the latter."""
    steps = {}
    for name, rate, rates in (("whole", 0.05, None), ("half", 0.025, None), ("shares", 0.05, [1, 1, 0.5])):
        trainer = make(solver=Adam(), rate=rate, batch_size=N, rates=rates)
        before = trainer.objective.network[:]
        train(trainer, 1)
        after = trainer.objective.network
        steps[name] = [(b.W - a.W, b.b - a.b) for a, b in zip(before.params[::2], after.params[::2], strict=True)]
    for i, name in enumerate(("whole", "half")):
        for step, expected in zip(steps["shares"][i], steps[name][i], strict=True):
            np.testing.assert_allclose(step, expected, rtol=1e-9)
            assert np.abs(expected).min() > 0.01


def batches(index=ALL, n_epochs=1, **settings):
    """Return the rows that each step saw."""
    recorder = Recorder()
    trainer = make([Dense(1)], loss=recorder, **settings)
    train(trainer, n_epochs, Rows(X, np.arange(N, dtype=float)[:, None]), index)
    assert trainer.n_steps == len(recorder.batches)
    return recorder.batches


@pytest.mark.parametrize(
    "layers", [[Dense(5), Tanh(), Dense(2)], [Tanh(), Dense(2)], [Standardize(), Dense(2)]], ids=str
)
@pytest.mark.parametrize("penalty", PENALTIES, ids=label)
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["", "weighted"])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_epoch_is_a_step_down_the_gradient_of_each_batch(layers, penalty, weight, kind):
    """The same with a batch at a time by hand, in fresh memory; no number is near zero, so L1 sets none to it."""
    trainer, by_hand = (make(layers, penalty=penalty, shuffle=False, rate=1e-3).objective for _ in range(2))
    trainer = Trainer(trainer, SGD(), Constant(), 1e-3, 4, False, (0,))
    network, values = by_hand.network, []
    for _ in range(2):
        for batch in (ALL[:4], ALL[4:8], ALL[8:]):
            values.append(len(batch) * by_hand.value_and_gradient(Rows(X, TARGET, weight)[batch], mode()))
            network.theta[: network.n_trained] -= 1e-3 * network.gradient
    losses = train(trainer, 2, Rows(kind(X), TARGET, weight))
    np.testing.assert_allclose(losses, [sum(values[:3]) / N, sum(values[3:]) / N], rtol=1e-13)
    np.testing.assert_allclose(theta(trainer), network.theta, rtol=1e-13)


@pytest.mark.parametrize("noise", [Dropout(0.5), GaussianNoise(1.0)], ids=label)
def test_noise_first_of_all_layers_leaves_the_rows_to_learn_from(noise):
    """What it draws must not lie where the rows are: y = x is learned, which noise alone knows nothing of."""
    x = np.random.default_rng(0).normal(size=(200, 4))
    trainer = make([noise, Dense(4)], batch_size=20, penalty=ElasticNet())
    train(trainer, 30, Rows(x, x), np.arange(200))
    assert np.diag(trainer.objective.network.params[1].W).min() > 0.3


def test_without_shuffling_rows_come_as_given():
    assert batches(shuffle=False) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10]]
    assert batches(np.array([7, 3, 3, 9, 1]), shuffle=False, batch_size=2) == [[7, 3], [3, 9], [1]]


def test_shuffled_epochs_visit_each_row_once_in_a_new_order():
    steps = batches(index=np.arange(1, 11), n_epochs=5, batch_size=4)
    assert [len(step) for step in steps] == 5 * [4, 4, 2]
    epochs = [[*a, *b, *c] for a, b, c in zip(steps[::3], steps[1::3], steps[2::3], strict=True)]
    assert all(sorted(epoch) == list(range(1, 11)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 5
    assert len({frozenset(step) for step in steps[::3]}) > 1  # rows are shuffled, not batches


@pytest.mark.parametrize("batch_size", [N, N + 1, 1000])
def test_the_order_of_one_batch_means_nothing(batch_size):
    assert batches(batch_size=batch_size) == [list(range(N))]


def test_randomness_is_a_function_of_seed_and_epoch():
    one, same, other = (batches(n_epochs=2, seed=seed) for seed in ((1, 2), (1, 2), (1, 3)))
    assert one == same
    assert one != other


@pytest.mark.parametrize("n_epochs", [1, 2])
@pytest.mark.parametrize(
    ("batch_size", "chosen"), [(2**12, []), (2**14, ["one"]), (2**22, ["several", "one"])]
)  # times 25 numbers in a layer
def test_threads_are_chosen_by_sizes_alone(monkeypatch, batch_size, chosen, n_epochs):
    used = []
    monkeypatch.setattr(workers_module, "one_blas_thread", lambda: used.append("one") or nullcontext(2))
    monkeypatch.setattr(objective_module, "workers", lambda: used.append("several") or workers())
    make(batch_size=batch_size).run(ROWS, ALL, n_epochs, lambda epoch: False)
    assert used == chosen


def test_training_moves_trained_numbers_only_and_writes_into_nothing_given():
    given = [X.copy(), TARGET.copy(), WEIGHT.copy()]
    for array in given:
        array.flags.writeable = False
    trainer = make([Standardize(), Dense(2)], solver=Adam())
    network = trainer.objective.network
    before = network.theta.copy()
    train(trainer, 2, Rows(*given))
    assert (network.theta[: network.n_trained] != before[: network.n_trained]).all()
    assert network.params[0].scale.tolist() == [1] * 4


@pytest.mark.parametrize("solver", SOLVERS, ids=label)
@pytest.mark.parametrize("schedule", SCHEDULES, ids=label)
def test_going_on_is_never_having_stopped(solver, schedule):
    settings = {"solver": solver, "schedule": schedule, "penalty": ElasticNet(0.01)}
    whole, first, second = (make(**settings) for _ in range(3))
    losses = train(whole, 5)
    losses_in_two = train(first, 2)
    second.restore(pickle.loads(pickle.dumps(first.state())))
    theta(second)[:] = theta(first)
    losses_in_two += train(second, 3)
    assert losses == losses_in_two
    np.testing.assert_array_equal(theta(whole), theta(second))


@pytest.mark.parametrize("solver", SOLVERS, ids=label)
@pytest.mark.parametrize("schedule", SCHEDULES, ids=label)
def test_every_schedule_lowers_the_loss_with_every_solver(solver, schedule):
    trainer = make(solver=solver, schedule=schedule, rate=max(solver.default_rate / 2, 0.01))
    losses = train(trainer, 20)
    assert losses[-1] < 0.9 * losses[0]


def test_state_has_its_counts_by_name_and_may_come_from_a_file(tmp_path):
    settings = {"solver": Adam(), "schedule": Adaptive()}
    first, second = make(**settings), make(**settings)
    train(first, 2)
    first.lower_rate()
    counts = {"memory_steps": 6, "n_epochs": 2, "n_steps": 6, "n_plateaus": 1, "noise": 0.0}
    assert first.state().items() >= counts.items()
    np.savez(tmp_path / "state.npz", **first.state())
    with np.load(tmp_path / "state.npz") as saved:
        second.restore(saved)
    state = second.state()
    np.testing.assert_array_equal(state.pop("memory"), first.memory)
    assert state == {"solver": "sknn_scratch.nn.solvers.Adam", **counts}
    theta(second)[:] = theta(first)
    assert train(second, 1) == train(first, 1)
    assert second.rate == first.rate == 0.01


def test_restored_state_is_a_copy():
    first = make(solver=Momentum())
    train(first, 1)
    state = first.state()
    kept = copy.deepcopy(state)
    second = make(solver=Momentum())
    second.restore(state)
    train(second, 1)
    np.testing.assert_array_equal(state["memory"], kept["memory"])


def test_without_memory_the_solver_starts_afresh():
    """The schedule goes on, only the solver's memory and its count of steps are new."""
    first = make(solver=Adam(), schedule=StepDecay(1, 0.5))
    train(first, 2)
    state = first.state()
    del state["memory"]
    second = make(solver=Adam(), schedule=StepDecay(1, 0.5))
    second.restore(state)
    assert (second.n_epochs, second.n_steps, second.memory_steps) == (2, 6, 0)
    assert not second.memory.any()
    train(second, 1)
    assert second.rate == 0.05 / 4


@pytest.mark.parametrize("solver", [SGD(), Momentum(), RMSProp()], ids=label)
def test_memory_of_another_solver_is_not_taken_for_ones_own(solver):
    """Adam's first moments are negative here and there; as RMSprop's mean squares they would have no root."""
    first = make(solver=Adam())
    train(first, 2)
    second = make(solver=solver)
    second.restore(first.state())
    assert second.memory_steps == 0
    assert not second.memory.any()


class Namesakes:
    """Solvers that are called as others are."""

    class Adam(RMSProp):
        """As many vectors of memory, with another meaning."""

    class Momentum(Momentum):
        """The same solver of another day, which needs more memory."""


def test_memory_of_a_namesake_is_not_taken_for_ones_own():
    first, second = make(solver=Adam()), make(solver=Namesakes.Adam())
    train(first, 2)
    second.restore(first.state())
    assert second.memory_steps == 0
    assert not second.memory.any()


def test_memory_of_another_shape_is_not_taken_for_ones_own(monkeypatch):
    first = make(solver=Namesakes.Momentum())
    train(first, 2)
    monkeypatch.setattr(Namesakes.Momentum, "slots", 2)
    second = make(solver=Namesakes.Momentum())
    second.restore(first.state())
    assert (second.memory_steps, second.memory.shape) == (0, (2, 37))
    assert not second.memory.any()


def test_rate_falls_within_an_epoch():
    """Of three steps the last one is made after two thirds: cos 120 degrees leaves a quarter of the fall."""
    trainer = make(schedule=Cosine(1), rate=0.1)
    train(trainer, 1, index=np.arange(9).repeat(2)[:12])
    assert trainer.rate == pytest.approx(0.1 * (0.1 + 0.9 * 0.25))


def test_rate_follows_the_schedule():
    trainer = make(schedule=StepDecay(2, 0.1), rate=0.1)
    rates = []
    for _ in range(5):
        train(trainer, 1)
        rates.append(trainer.rate)
    np.testing.assert_allclose(rates, [0.1, 0.1, 0.01, 0.01, 0.001])
    assert (trainer.n_epochs, trainer.n_steps) == (5, 15)


def test_plateaus_lower_the_rate_until_it_is_the_smallest():
    trainer, rates = make(schedule=Adaptive(), rate=0.1), []
    for _ in range(20):
        train(trainer, 1)
        rates.append(trainer.rate)
        if not trainer.lower_rate():
            break
    np.testing.assert_allclose(rates, 0.1 / 5.0 ** np.arange(9))
    assert rates[-1] <= 1e-6 < rates[-2]
    assert trainer.n_plateaus == 8


def test_a_shortened_schedule_comes_to_its_end_in_as_many_epochs_as_asked():
    trainer, rates = make(schedule=Linear(16, floor=0.1), rate=1e-3, batch_size=N), []
    for epoch in range(9):
        train(trainer, 1)
        rates.append(trainer.rate)
        assert trainer.converged == (epoch == 6)
        if epoch == 3:
            assert trainer.shorten(3)
            assert not trainer.shorten(3)
            saved = pickle.loads(pickle.dumps(trainer.state()))
            trainer = make(schedule=Linear(16, floor=0.1), rate=1e-3, batch_size=N)
            trainer.restore(saved)
    # epochs 0 to 3 of the schedule, then 4, 8 and 12, then its end
    np.testing.assert_allclose(rates, 1e-3 * (1 - np.array([0, 1, 2, 3, 4, 8, 12, 14.4, 14.4]) / 16))


def test_a_schedule_near_its_end_or_without_one_is_not_shortened():
    assert not make(schedule=Constant()).shorten(3)
    trainer = make(schedule=Cosine(4))
    train(trainer, 2)
    assert trainer.shorten(10)
    assert trainer.shortened == (2, 4)
    trainer = make(schedule=Cosine(4))
    train(trainer, 4)
    assert not trainer.shorten(10)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=label)
def test_rate_is_lowered_by_schedules_that_say_so(schedule):
    trainer = make(schedule=schedule)
    train(trainer, 1)
    assert trainer.lower_rate() == schedule.lowers_on_plateau
    assert trainer.n_plateaus == schedule.lowers_on_plateau


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_epoch_says_what_it_came_to(dtype):
    # At a rate of 0 nothing moves, so that all batches see the same network.
    trainer = make(rate=0.0, batch_size=7, dtype=dtype)
    rows = Rows(X.astype(dtype), TARGET.astype(dtype))
    epoch = trainer.epoch(rows, ALL)
    np.testing.assert_array_equal(np.sort(epoch.index), ALL)
    assert (epoch.index != ALL).any()
    np.testing.assert_allclose(epoch.raw, trainer.objective.network.predict(rows.X)[epoch.index], rtol=1e-5)
    assert epoch.raw.dtype == dtype
    trainer.objective.value_and_gradient(rows[epoch.index[:7]], mode(dtype))
    assert epoch.gradient_norm == pytest.approx(np.linalg.norm(trainer.objective.network.gradient), rel=1e-5)


def test_gradient_norm_is_that_before_clipping():
    whole, clipped = make(), make()
    clipped.gradient_clip = 1e-3
    assert clipped.epoch(ROWS, ALL).gradient_norm == whole.epoch(ROWS, ALL).gradient_norm > 1e-3


@pytest.mark.parametrize("stop_at", [1, 3, 99])
def test_run_reports_each_epoch_until_told_to_stop(stop_at):
    trainer, losses = make(), []

    def report(epoch):
        losses.append(epoch.loss)
        return len(losses) == stop_at

    trainer.run(ROWS, ALL, 5, report)
    assert losses == train(make(), min(stop_at, 5))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_divergence_is_an_error(dtype):
    trainer = make([Dense(2)], rate=1e10, dtype=dtype)
    with np.errstate(all="ignore"), pytest.raises(Diverged):
        train(trainer, 40, Rows(X.astype(dtype), TARGET.astype(dtype)))


def test_infinite_loss_is_divergence_though_all_numbers_are_finite():
    trainer = make([Dense(2)], rate=1e-200)
    with np.errstate(all="ignore"), pytest.raises(Diverged):
        train(trainer, 1, Rows(X, np.full((N, 2), 1e200)))
    assert np.isfinite(theta(trainer)).all()


def test_large_numbers_are_not_divergence():
    """Their squares overflow, they do not."""
    trainer = make([Dense(2)], rate=1e-3, dtype=np.float32)
    theta(trainer)[:] = 0
    trainer.objective.network.params[0].b = [1e20, -1e20]
    target = np.tile(np.float32([1e20, -1e20]), (N, 1))
    with np.errstate(all="ignore"):
        assert np.isfinite(train(trainer, 1, Rows(X.astype(np.float32), target))).all()


@pytest.mark.parametrize("solver", [SGD(), Momentum(), RMSProp()], ids=label)
@pytest.mark.parametrize("alpha", [0.1, 0.3])
def test_l1_gives_the_exact_zeros_of_the_lasso(solver, alpha):
    """With orthogonal columns of variance 1 the lasso takes alpha off each coefficient, down to 0."""
    columns = np.linalg.qr(np.column_stack([np.ones(60), np.random.default_rng(0).normal(size=(60, 6))]))[0][:, 1:]
    x = np.sqrt(60) * columns
    y = x @ [[2], [-1], [0.5], [0.08], [-0.05], [0]] + 7
    network = Network([Dense(1)], (6,), np.float64)
    network.initialize(np.random.default_rng(0))
    objective = Objective(network, SquaredError(), ElasticNet(alpha, 1.0))
    trainer = Trainer(objective, solver, Constant(), 0.01, 60, True, (0,))
    for _ in range(1500):
        trainer.epoch(Rows(x, y), np.arange(60))
    w, b = network.params[0].W[:, 0], network.params[0].b
    np.testing.assert_allclose(w[:3], [2 - alpha, -1 + alpha, 0.5 - alpha], atol=0.01)  # RMSprop's last step
    np.testing.assert_array_equal(w[3:], 0)
    np.testing.assert_allclose(b, 7, atol=0.01)


def test_stochastic_l1_gives_exact_zeros():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 10))
    y = np.tanh(x[:, :1]) + 0.1 * rng.normal(size=(200, 1))
    network = Network([Dense(5), Identity(), Dense(1)], (10,), np.float64)
    network.initialize(rng)
    objective = Objective(network, SquaredError(), ElasticNet(0.05, 1.0))
    trainer = Trainer(objective, Adam(), Constant(), 0.01, 20, True, (0,))
    for _ in range(100):
        trainer.epoch(Rows(x, y), np.arange(200))
    first = network.params[0].W
    assert (first[1:] == 0).mean() > 0.9  # columns that say nothing
    assert (first[0] != 0).any()
    assert network.params[0].b.any()  # biases are not drawn to zero


class Indifferent(SquaredError):
    """Is content with every output."""

    def rows(self, target, raw):
        return np.zeros(len(raw)), np.zeros_like(raw)


DECOUPLED = [solver for solver in SOLVERS if solver.decoupled]
every_decoupled_solver = pytest.mark.parametrize("solver", DECOUPLED, ids=label)


def coupled(solver):
    """Return the solver without its weight decay: the rest of its steps is the same."""
    solver = copy.copy(solver)
    object.__setattr__(solver, "decoupled", False)  # which a frozen dataclass refuses otherwise
    return solver


@every_decoupled_solver
@pytest.mark.parametrize("l2", [0.4, 100])
def test_decoupled_decay_shrinks_weights_and_nothing_else(solver, l2):
    """At worst to zero, not beyond; the loss goes without, and the objective that was given keeps its penalty."""
    given = make([Standardize(), Dense(2)], loss=Indifferent(), penalty=ElasticNet(l2)).objective
    trainer = Trainer(given, solver, StepDecay(1, 0.5), 0.05, 4, True, (0,))
    network = given.network
    network.theta[:] = np.random.default_rng(0).normal(size=network.theta.size)
    before = network.theta.copy()
    assert train(trainer, 2) == [0, 0]  # three steps each
    before[: network.n_decayed] *= max(0, 1 - 0.05 * l2) ** 3 * max(0, 1 - 0.025 * l2) ** 3
    np.testing.assert_allclose(network.theta, before, rtol=1e-13)
    assert (trainer.decay, trainer.objective.penalty.l2, given.penalty.l2) == (l2, 0, l2)


@every_decoupled_solver
def test_the_l1_part_stays_in_the_objective(solver):
    decoupled, plain = (make(solver=s, penalty=ElasticNet(0.2, 1.0)) for s in (solver, coupled(solver)))
    assert train(decoupled, 3) == train(plain, 3)
    np.testing.assert_array_equal(theta(decoupled), theta(plain))
    both = make(solver=solver, penalty=ElasticNet(0.2, 0.75)).objective.penalty
    assert both.l1 == pytest.approx(0.15)
    assert both.l2 == 0


@pytest.mark.parametrize("solver", [s for s in SOLVERS if not s.decoupled], ids=label)
def test_other_decay_is_a_part_of_the_gradient(solver):
    trainer = make(solver=solver, penalty=ElasticNet(0.3))
    assert (trainer.decay, trainer.objective.penalty) == (0, ElasticNet(0.3))


def test_path_of_adamw_is_that_of_the_paper():
    """Loshchilov and Hutter 2019, algorithm 2, on a linear network."""
    settings = {"penalty": ElasticNet(0.3), "solver": AdamW(eps=1e-12), "schedule": StepDecay(1, 0.5)}
    trainer = make([Dense(2)], **settings, shuffle=False)
    numbers, m, v = theta(trainer).copy(), 0, 0
    W, b = numbers[:8].reshape(4, 2), numbers[8:]
    for t in range(1, 10):
        epoch, k = divmod(t - 1, 3)
        batch, rate = slice(4 * k, 4 * k + 4), 0.05 * 0.5**epoch
        error = (X[batch] @ W + b - TARGET[batch]) / TARGET[batch].size
        g = np.concatenate([(X[batch].T @ error).ravel(), error.sum(axis=0)])
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        step = rate * m / (1 - 0.9**t) / np.sqrt(v / (1 - 0.999**t))
        W *= 1 - rate * 0.3
        numbers -= step
    train(trainer, 3)
    np.testing.assert_allclose(theta(trainer), numbers, rtol=1e-7)
