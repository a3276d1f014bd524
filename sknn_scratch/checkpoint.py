"""A checkpoint is a file with all that training needs to go on after a kill as if there had been none."""

import json
import os
import warnings
from glob import escape, glob
from pickle import PicklingError
from typing import Any
from zipfile import BadZipFile

import joblib
import numpy as np

from ._version import __version__

UNIMPORTANT = {"checkpoint", "verbose"}  # change nothing in what is learned


class Checkpoint:
    """One file, written anew after each epoch: either the old or the new state is there, never half of one.

    It is a ``.npz`` archive of plain arrays. It belongs to one estimator's parameters, one data set and one version of
    the package, and is refused for all others.

    Parameters
    ----------
    path : str or os.PathLike
        The file, which need not exist yet.
    parameters : dict
        The estimator's parameters.
    data : object
        What is learned from: arrays, sparse matrices, None, and tuples of these.

    Raises
    ------
    ValueError
        If a parameter cannot be pickled, and so not compared.
    """

    def __init__(self, path: Any, parameters: dict[str, Any], data: Any) -> None:
        self.path = os.fspath(path)
        self._owner = {"the version of sknn_scratch": __version__, "the data": joblib.hash(data, coerce_mmap=True)}
        for name in sorted(set(parameters) - UNIMPORTANT):
            try:
                self._owner[f"the parameter {name}"] = joblib.hash(parameters[name])
            except PicklingError as error:
                raise ValueError(
                    f"A checkpoint belongs to one set of parameters, and {name}={parameters[name]!r} cannot be "
                    f"recognised again: {error}. Use something that can be pickled, such as a function with a name."
                ) from None

    def read(self) -> dict[str, Any]:
        """Return the state to go on from, empty where there is no file yet.

        Raises
        ------
        ValueError
            If the file is another's: of other parameters, data or version, or no checkpoint at all.
        """
        for left_behind in glob(escape(self.path) + ".*.tmp"):  # of a process killed while it wrote
            os.unlink(left_behind)
        if not os.path.exists(self.path):
            return {}
        advice = "Delete the file to start anew, or set `checkpoint` to another path."
        try:
            with np.load(self.path) as file:
                state = dict(file)
            owner = json.loads(str(state.pop("owner")))
        except (ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ValueError(f"{self.path!r} is not a checkpoint ({error}). {advice}") from None
        except OSError as error:
            raise self._failed("read", error) from None
        if owner != self._owner:
            differ = [name for name in self._owner | owner if self._owner.get(name) != owner.get(name)]
            raise ValueError(f"The checkpoint {self.path!r} is not of this fit: {', '.join(differ)} differ. {advice}")
        return state

    def write(self, state: dict[str, Any]) -> None:
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
        part = f"{self.path}.{os.getpid()}.tmp"
        try:
            with open(part, "wb") as file:
                np.savez(file, owner=np.array(json.dumps(self._owner)), **state)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, self.path)
        except OSError as error:
            if os.path.exists(part):
                os.unlink(part)
            raise self._failed("written", error) from None

    def _failed(self, done: str, error: OSError) -> OSError:
        return OSError(error.errno, f"checkpoint={self.path!r} cannot be {done}: {error.strerror}")

    def update(self, state: dict[str, Any]) -> None:
        """Write while training, which a full disk should not end: it is warned of, and the next epoch tries again."""
        try:
            self.write(state)
        except OSError as error:
            warnings.warn(f"Training goes on, its checkpoint stays behind. {error}", stacklevel=2)
