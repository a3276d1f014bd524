"""The perceptron rule as a learner: interrupted or stopped, it goes on as if nothing had been."""

import pickle
from contextlib import nullcontext

import numpy as np
import pytest
from scipy import sparse

from sknn_scratch.nn import workers
from sknn_scratch.nn.planes import PerceptronRule, Planes
from sknn_scratch.nn.rows import Rows

N = 200  # four pieces of an epoch
RNG = np.random.default_rng(0)
X, CLASSES, WEIGHT = RNG.normal(size=(N, 4)) * (RNG.random((N, 4)) < 0.7), RNG.integers(3, size=N), RNG.random(N) + 0.5
ALL = np.arange(N)


def every_rule(test):
    for name in ("averaged", "shuffle"):
        test = pytest.mark.parametrize(name, [False, True])(test)
    return pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])(test)


def make(kind, averaged, shuffle):
    """Return rows, which no planes separate, and the rule."""
    planes = Planes((3, 4), np.float64, "C" if kind is np.asarray else "F", 1.0)
    return Rows(kind(X), CLASSES, WEIGHT), PerceptronRule(planes, 2 * np.eye(3) - 1, 0.5, averaged, shuffle, 7)


def run(rule, rows, n_epochs):
    epochs = []
    rule.run(rows, ALL, n_epochs, epochs.append)
    return epochs


def numbers(rule):
    return [rule.theta.tolist(), rule.lag.theta.tolist(), rule.seen, rule.n_epochs]


@every_rule
def test_going_on_is_never_having_stopped(kind, averaged, shuffle):
    (rows, whole), (_, first), (_, second) = (make(kind, averaged, shuffle) for _ in range(3))
    epochs = run(whole, rows, 5)
    in_two = run(first, rows, 2)
    state, theta = pickle.loads(pickle.dumps(first.state())), first.theta.copy()
    run(first, rows, 1)  # of no concern to what was saved
    second.restore(state)
    second.theta[:] = theta
    assert in_two + run(second, rows, 3) == epochs
    assert numbers(second) == numbers(whole)
    for ours, theirs in zip(second.learned(), whole.learned(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_restored_state_is_a_copy():
    (rows, first), (_, second) = (make(np.asarray, True, True) for _ in range(2))
    run(first, rows, 1)
    before = numbers(first)
    second.restore(first.state())
    run(second, rows, 1)
    assert numbers(first) == before


@pytest.mark.parametrize(("n_features", "chosen"), [(63, []), (64, ["one"])])  # times 64 times 64 of the Gram matrix
def test_blas_has_one_thread_for_many_columns(monkeypatch, n_features, chosen):
    used = []
    monkeypatch.setattr(workers, "one_blas_thread", lambda: used.append("one") or nullcontext(2))
    planes = Planes((3, n_features), np.float64, "C", 1.0)
    rows = Rows(np.ones((N, n_features)), CLASSES, WEIGHT)
    run(PerceptronRule(planes, 2 * np.eye(3) - 1, 0.5, False, True, 7), rows, 2)
    assert used == chosen
