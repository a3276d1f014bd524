"""A checkpoint: whatever kills a training, the same call again ends with the same bits."""

import errno
import io
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import GridSearchCV

from sknn_scratch import MLPClassifier, PerceptronClassifier
from sknn_scratch.estimators import recipes
from sknn_scratch.fitting.checkpoint import Checkpoint
from tests.learned import numbers, without_times

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(80, 4))
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
WEIGHT = rng.integers(1, 4, 80)
QUICK = {"max_iter": 8, "batch_size": 10, "random_state": 0}

SETTINGS = [
    *({"solver": solver} for solver in recipes.SOLVERS),
    *({"learning_rate": schedule, "decay_every": 2, "solver": "momentum"} for schedule in recipes.SCHEDULES),
    {"learning_rate": "adaptive", "tol": 10.0, "n_iter_no_change": 2},
    {"dropout": 0.3, "input_noise": 0.1, "drop_connect": 0.1},
    {"early_stopping": True, "validation_fraction": 0.3, "n_iter_no_change": 2, "learning_rate_init": 0.1},
    {"early_stopping": True, "refit": True, "scoring": "accuracy"},
    {"random_state": None},
]


class Killed(Exception):
    """Ends a training from within, where a signal cannot be timed."""


def kill_after(n_epochs, monkeypatch):
    """Let training die at the end of this epoch, its checkpoint just written."""
    update, left = Checkpoint.update, [n_epochs]

    def dying(self, state):
        update(self, state)
        left[0] -= 1
        if not left[0]:
            raise Killed

    monkeypatch.setattr(Checkpoint, "update", dying)


@pytest.mark.parametrize("n_epochs", [1, 5])
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_resumed_is_uninterrupted(settings, n_epochs, tmp_path, monkeypatch):
    model = MLPClassifier((5,), **QUICK | settings, checkpoint=tmp_path / "state")
    with monkeypatch.context() as patch:
        kill_after(n_epochs, patch)
        with pytest.raises(Killed):
            model.fit(X, Y, WEIGHT)
    assert not model.__sklearn_is_fitted__()
    resumed = model.fit(X, Y, WEIGHT)
    again = pickle.loads(pickle.dumps(model)).fit(X, Y, WEIGHT)  # finished: only read
    seed = {"random_state": 0} if settings != {"random_state": None} else {}
    if seed:
        whole = MLPClassifier((5,), **QUICK | settings).fit(X, Y, WEIGHT)
        assert_same(resumed, whole)
    assert_same(again, resumed)


@pytest.mark.parametrize("n_epochs", [1, 4])
@pytest.mark.parametrize("settings", [{}, {"averaged": True}, {"tol": 0.05}, {"fit_intercept": False}], ids=str)
def test_perceptron_resumes_too(settings, n_epochs, tmp_path, monkeypatch):
    noisy = np.where(rng.random(80) < 0.1, 0, Y)
    whole = PerceptronClassifier(max_iter=9, random_state=0, **settings).fit(X, noisy, WEIGHT)
    model = clone(whole).set_params(checkpoint=str(tmp_path / "state"))
    with monkeypatch.context() as patch:
        kill_after(n_epochs, patch)
        with pytest.raises(Killed):
            model.fit(X, noisy, WEIGHT)
    assert not hasattr(model, "classes_")
    for _ in range(2):
        model.fit(X, noisy, WEIGHT)
        assert_array_equal(model.coef_, whole.coef_)
        assert_array_equal(model.intercept_, whole.intercept_)
        assert (model.mistakes_, model.stop_reason_) == (whole.mistakes_, whole.stop_reason_)
    with pytest.raises(ValueError, match="the data, the parameter eta0 differ"):
        model.set_params(eta0=2.0).fit(X, Y)
    assert not hasattr(model, "partial_fit")
    with pytest.raises(ValueError, match=r"A checkpoint is of one fit.*joblib\.dump"):
        model.set_params(warm_start=True).fit(X, Y)


def assert_same(a, b):
    assert_array_equal(numbers(a), numbers(b))
    assert without_times(a.history_) == without_times(b.history_)
    assert (a.n_iter_, a.t_, a.stop_reason_) == (b.n_iter_, b.t_, b.stop_reason_)
    assert_array_equal(a.predict_proba(X[:5]), b.predict_proba(X[:5]))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_random_moments(tmp_path):
    program = [sys.executable, "-m", "tests.killing", tmp_path]
    done = subprocess.run(program, cwd=Path(__file__).parents[1], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    n_kills, n_useful = map(int, done.stdout.split())
    assert n_kills == 20
    assert n_useful > 0


file = io.BytesIO()
np.save(file, X)
NPY = file.getvalue()


def model_with(path, **settings):
    return MLPClassifier((5,), **QUICK | {"checkpoint": path} | settings)


@pytest.mark.parametrize("rows", [X, X.astype(np.float32), sparse.csr_array(X), pd.DataFrame(X, columns=list("abcd"))])
def test_rows_of_any_kind_are_recognised(rows, tmp_path):
    first = model_with(tmp_path / "state").fit(rows, Y)
    assert_array_equal(numbers(model_with(tmp_path / "state").fit(rows.copy(), Y)), numbers(first))


@pytest.mark.parametrize(
    ("change", "data", "said"),
    [
        ({"alpha": 0.1}, (X, Y), "the parameter alpha differ"),
        ({"alpha": 0.1, "max_iter": 9}, (X, Y), "the parameter alpha, the parameter max_iter differ"),
        ({}, (X[:-1], Y[:-1]), "the data differ"),
        ({}, (X, Y[::-1]), "the data differ"),
        ({}, (X, Y, WEIGHT), "the data differ"),
        ({}, (X, Y, None, X, Y), "the data differ"),
    ],
)
def test_checkpoint_of_another_fit_is_refused(change, data, said, tmp_path):
    path = tmp_path / "state"
    model_with(path).fit(X, Y)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=rf"not of this fit: {said}\. Delete the file.*another path"):
        model_with(path, **change).fit(*data)
    assert path.read_bytes() == before
    model_with(path, verbose=True).fit(X, Y)  # says the same, only louder


def test_checkpoint_of_another_version_is_refused(tmp_path, monkeypatch):
    model_with(tmp_path / "state").fit(X, Y)
    monkeypatch.setattr("sknn_scratch.fitting.checkpoint.__version__", "0.0.0")
    with pytest.raises(ValueError, match="the version of sknn_scratch differ"):
        model_with(tmp_path / "state").fit(X, Y)


def test_search_cannot_share_a_checkpoint(tmp_path):
    for model in (model_with(tmp_path / "state"), PerceptronClassifier(checkpoint=tmp_path / "state")):
        search = GridSearchCV(model, {"random_state": [0, 1]}, cv=2, error_score="raise")
        with pytest.raises(ValueError, match=r"model_selection\._validation makes many.*would share this path"):
            search.fit(X, Y)
        assert not any(tmp_path.iterdir())


def test_models_of_a_vote_have_checkpoints_of_their_own(tmp_path):
    models = [(name, model_with(tmp_path / name)) for name in ("a.npz", "b.npz")]
    vote = VotingClassifier([(name.removesuffix(".npz"), model) for name, model in models]).fit(X, Y)
    assert {path.name for path in tmp_path.iterdir()} == {"a.npz", "b.npz"}
    assert_array_equal(numbers(clone(vote).fit(X, Y).estimators_[0]), numbers(vote.estimators_[0]))


@pytest.mark.parametrize("content", [b"", b"my thesis", b"PK\x03\x04", NPY])
def test_other_files_are_left_alone(content, tmp_path):
    path = tmp_path / "thesis.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is not a checkpoint"):
        model_with(path).fit(X, Y)
    assert path.read_bytes() == content


def test_archive_of_others_is_left_alone(tmp_path):
    np.savez(tmp_path / "a.npz", a=1)
    with pytest.raises(ValueError, match="is not a checkpoint"):
        model_with(tmp_path / "a.npz").fit(X, Y)


@pytest.mark.parametrize("path", ["missing/state", "."])
def test_unwritable_path_is_an_error_before_training(path, tmp_path, monkeypatch):
    monkeypatch.setattr("sknn_scratch.nn.trainer.Trainer.epoch", None)  # never called
    with pytest.raises(OSError, match=r"checkpoint='.*' cannot be"):
        model_with(tmp_path / path).fit(X, Y)


def test_full_disk(tmp_path, monkeypatch):
    """Before training it is an error; later training goes on, and the next epoch tries again."""

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", full)
        with pytest.raises(OSError, match="No space left on device"):
            model_with(tmp_path / "state").fit(X, Y)
    assert not list(tmp_path.iterdir())
    savez, calls = np.savez, []

    def full_for_a_while(*args, **kwargs):
        calls.append(kwargs)
        full() if len(calls) in (3, 4) else savez(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", full_for_a_while)
        with pytest.warns(UserWarning, match=r"Training goes on, its checkpoint stays behind.*No space left"):
            whole = model_with(tmp_path / "state").fit(X, Y)
    assert_same(model_with(tmp_path / "state").fit(X, Y), whole)
    assert [file.name for file in tmp_path.iterdir()] == ["state"]


def test_what_a_killed_writer_left_is_removed(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    kept = {f"state.{os.getppid()}.tmp", "state.notes.tmp", "state.2.3.tmp"}  # of the living, and of others
    for name in {f"state.{dead.pid}.tmp", *kept}:
        (tmp_path / name).write_bytes(b"half")
    model_with(tmp_path / "state").fit(X, Y)
    assert {file.name for file in tmp_path.iterdir()} == {"state", *kept}


@pytest.mark.parametrize("change", [{"warm_start": True}, {"solver": "lbfgs"}])
def test_no_checkpoint_where_it_could_not_keep_its_word(change, tmp_path):
    with pytest.raises(ValueError, match=r"A checkpoint is of one fit.*joblib\.dump"):
        model_with(tmp_path / "state", **change).fit(X, Y)
    with pytest.raises(AttributeError) as error:
        model_with(tmp_path / "state").partial_fit(X, Y, [0, 1, 2])
    assert "A checkpoint is of one fit" in str(error.value.__cause__)
    assert not list(tmp_path.iterdir())


def test_parameters_that_cannot_be_recognised(tmp_path):
    model = model_with(tmp_path / "state", early_stopping=True, scoring=lambda model, X, y: 0.0)
    with pytest.raises(ValueError, match=r"scoring=<function.*a function with a name"):
        model.fit(X, Y)


def test_one_process_begins(tmp_path, monkeypatch):
    """Of two that found no file, the second to write is refused."""
    model_with(tmp_path / "state").fit(X, Y)
    monkeypatch.setattr(Checkpoint, "read", lambda self: {})
    with pytest.raises(ValueError, match=r"Another process began a fit.*its own path"):
        model_with(tmp_path / "state").fit(X, Y)
    assert [file.name for file in tmp_path.iterdir()] == ["state"]


def test_no_path_but_an_empty_one(tmp_path):
    with pytest.raises(OSError, match=r"checkpoint='' cannot be written"):
        model_with("").fit(X, Y)


def test_sparse_validation_rows_are_recognised(tmp_path):
    X_val = sparse.csr_matrix(X[:20])
    settings = {"early_stopping": True, "checkpoint": tmp_path / "state"}
    first = MLPClassifier((5,), **QUICK | settings).fit(sparse.csr_matrix(X), Y, X_val=X_val, y_val=Y[:20])
    again = MLPClassifier((5,), **QUICK | settings).fit(sparse.csr_matrix(X), Y, X_val=X_val, y_val=Y[:20])
    assert_array_equal(numbers(again), numbers(first))


def test_starting_anew_starts_the_refit_anew_too(tmp_path):
    settings = {"early_stopping": True, "refit": True, "random_state": None}
    model = model_with(tmp_path / "state", **settings).fit(X, Y)
    (tmp_path / "state").unlink()
    before = numbers(model)
    assert not np.array_equal(numbers(model.fit(X, Y)), before)


def test_resuming_in_a_place_that_cannot_be_written_to_is_an_error_before_training(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        kill_after(3, patch)
        with pytest.raises(Killed):
            model_with(tmp_path / "state").fit(X, Y)

    def full(*args, **kwargs):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="Read-only file system"):
        model_with(tmp_path / "state").fit(X, Y)
