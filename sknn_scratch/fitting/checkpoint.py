"""A checkpoint is a file with all that training needs to go on after a kill as if there had been none."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from glob import escape, glob
from pickle import PicklingError
from typing import Any
from zipfile import BadZipFile

import joblib
import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator

from .._typing import MatrixLike
from .._version import __version__
from .._warn import warn
from ..nn.learner import State
from .callers import many_fits

UNIMPORTANT = {"checkpoint", "verbose"}  # change nothing in what is learned


class Checkpoint:
    """One file, written anew after each epoch: either the old or the new state is there, never half of one.

    It is a ``.npz`` archive of plain arrays. It belongs to one estimator's parameters, one data set and one version of
    the package, and is refused for all others.

    Parameters
    ----------
    path : str
        The file, which need not exist yet.
    parameters : dict
        The estimator's parameters.
    data : sequence
        What is learned from: arrays, sparse matrices, and None.

    Attributes
    ----------
    saved : dict
        The state to go on from, nested as it was written; empty where there is no file yet.

    Raises
    ------
    ValueError
        If a parameter cannot be pickled, and so not compared; if this is one of many fits, as in a search; or if the
        file is another's: of other parameters, data or version, or no checkpoint at all.
    OSError
        If the file cannot be read.
    """

    def __init__(self, path: str, parameters: Mapping[str, object], data: Sequence[MatrixLike | None]) -> None:
        self.path = path
        caller = many_fits()
        if caller and not caller.endswith("._voting"):  # which fits each of its estimators once
            raise ValueError(
                f"checkpoint={self.path!r} is of one fit, and {caller} makes many, such as those of the folds of a "
                "search, which would share this path. Set checkpoint=None there, and fit the best model with a "
                "checkpoint afterwards."
            )
        content = joblib.hash([_content(part) for part in data], coerce_mmap=True)
        self._owner = {"the version of sknn_scratch": __version__, "the data": content}
        for name in sorted(set(parameters) - UNIMPORTANT):
            try:
                self._owner[f"the parameter {name}"] = joblib.hash(parameters[name])
            except PicklingError as error:
                raise ValueError(
                    f"A checkpoint belongs to one set of parameters, and {name}={parameters[name]!r} cannot be "
                    f"recognised again: {error}. Use something that can be pickled, such as a function with a name."
                ) from None
        self.saved = self.read()

    def read(self) -> State:
        """Return the state in the file; empty where there is none."""
        for part in glob(escape(self.path) + ".*.tmp"):
            process = re.fullmatch(r"\.(\d+)\.tmp", part.removeprefix(self.path))
            if process and not _is_alive(int(process[1])):  # it was killed while it wrote
                with suppress(FileNotFoundError):
                    os.unlink(part)
        if not os.path.exists(self.path):
            return {}
        advice = "Delete the file to start anew, or set `checkpoint` to another path."
        try:
            with np.load(self.path) as file:
                state = _nested(dict(file))
            owner = json.loads(str(state.pop("owner")))
        except (ValueError, TypeError, KeyError, EOFError, BadZipFile) as error:
            raise ValueError(f"{self.path!r} is not a checkpoint ({error}). {advice}") from None
        except OSError as error:
            raise self._failed("read", error) from None
        if owner != self._owner:
            differ = [name for name in self._owner | owner if self._owner.get(name) != owner.get(name)]
            raise ValueError(f"The checkpoint {self.path!r} is not of this fit: {', '.join(differ)} differ. {advice}")
        return state

    def begin(self, state: State) -> None:
        """Write the first state, unless another process was faster.

        Parameters
        ----------
        state : dict
            Arrays, numbers and strings.

        Raises
        ------
        ValueError
            If there is a file by now.
        OSError
            If the file cannot be written.
        """
        self._put(state, os.link)  # which fails where there is a file

    def write(self, state: State) -> None:
        """Put this state in place of the old one; a failure leaves the old one.

        Parameters
        ----------
        state : dict
            Arrays, numbers and strings.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        self._put(state, os.replace)

    def _put(self, state: State, place: Callable[[str, str], None]) -> None:
        part = f"{self.path}.{os.getpid()}.tmp"
        try:
            with open(part, "wb") as file:
                np.savez(file, owner=np.array(json.dumps(self._owner)), **_flat(state))
                file.flush()
                os.fsync(file.fileno())
            place(part, self.path)
        except FileExistsError:
            raise ValueError(
                f"Another process began a fit with checkpoint={self.path!r} at the same moment. Give each its own path."
            ) from None
        except OSError as error:
            raise self._failed("written", error) from None
        finally:
            with suppress(FileNotFoundError):
                os.unlink(part)

    def _failed(self, done: str, error: OSError) -> OSError:
        return OSError(error.errno, f"checkpoint={self.path!r} cannot be {done}: {error.strerror}")

    def update(self, state: State) -> None:
        """Write while training, which a full disk should not end: it is warned of, and the next epoch tries again."""
        try:
            self.write(state)
        except OSError as error:
            warn(f"Training goes on, its checkpoint stays behind. {error}")


def checkpoint_path(estimator: BaseEstimator) -> str | None:
    """Return where `fit` leaves its state; refuse what cannot go on from one."""
    if estimator.checkpoint is None:
        return None
    path = os.path.expanduser(os.fspath(estimator.checkpoint))
    against = {name: getattr(estimator, name, None) for name in ("warm_start", "solver")}
    if against["warm_start"] or against["solver"] == "lbfgs":
        raise ValueError(
            f"A checkpoint is of one fit from its start, by stochastic steps; checkpoint={path!r} cannot be had with "
            f"{' and '.join(f'{name}={value!r}' for name, value in against.items() if value is not None)}. To go on "
            "with a model, save it with joblib.dump."
        )
    if hasattr(estimator, "refit") and not os.path.exists(path):
        with suppress(FileNotFoundError):
            os.unlink(path + ".refit")  # of a fit whose own file was deleted, to start anew
    return path


def open_checkpoint(estimator: BaseEstimator, path: str | None, data: Sequence[MatrixLike | None]) -> Checkpoint | None:
    """Return the checkpoint of an estimator's fit to these data; None without a path."""
    return None if path is None else Checkpoint(path, estimator.get_params(deep=False), data)


def _flat(state: State) -> State:
    """Return nested named values as one level of names such as "learner/memory"."""
    flat: State = {}
    for name, value in state.items():
        if isinstance(value, dict):
            flat |= {f"{name}/{inner}": part for inner, part in _flat(value).items()}
        else:
            flat[name] = value
    return flat


def _nested(flat: State) -> State:
    """Return names such as "learner/memory" as nested ones again."""
    state: State = {}
    for name, value in flat.items():
        *outer, last = name.split("/")
        place = state
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
    return state


def _content(part: Any) -> object:
    """Return what a sparse matrix holds, without what scipy remembers about it; anything else as it is."""
    if not sparse.issparse(part):
        return part
    matrix: Any = part  # of a class that scipy names nowhere
    rows = sparse.csr_array(matrix)
    return rows.data, rows.indices, rows.indptr, rows.shape


def _is_alive(process: int) -> bool:
    if os.name != "posix":  # where a signal 0 would end the process
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is another user's
        return True
    return True
