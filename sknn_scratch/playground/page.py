"""The playground from Python: served to a browser, or recorded in a file that replays a training."""

import html
import json
import threading
import webbrowser
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, is_regressor

from .frame import frame, state
from .problem import Problem, read_arrays
from .server import PAGE, PlaygroundServer
from .session import Session

FRAME = 'width="100%" height="760" style="border: 0" allow="clipboard-write"'  # of the page in a notebook


class Playground:
    """A playground that is being served; notebooks display it.

    Parameters
    ----------
    server : PlaygroundServer
        The server.

    Attributes
    ----------
    url : str
        Address of the page, including its access token.
    """

    def __init__(self, server: PlaygroundServer) -> None:
        self.url = server.url
        self._server = server
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with self._server:
            self._server.serve_forever()

    def wait(self) -> None:
        """Wait until the server is stopped by the button on the page."""
        self._thread.join()

    def close(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._thread.join()

    def __repr__(self) -> str:
        return f"Playground at {self.url}"

    def _repr_html_(self) -> str:
        return f'<iframe src="{self.url}" {FRAME}></iframe>'


class Recording:
    """A file with a page that replays a training; notebooks display it.

    Parameters
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __repr__(self) -> str:
        return f"Recording in {self.path}"

    def _repr_html_(self) -> str:
        return f'<iframe srcdoc="{html.escape(self.path.read_text(encoding="utf-8"))}" {FRAME}></iframe>'


def playground(
    estimator: BaseEstimator | None = None,
    X: npt.ArrayLike | None = None,
    y: npt.ArrayLike | None = None,
    *,
    port: int = 0,
    open_browser: bool = False,
    **settings: Any,
) -> Playground:
    """Serve the playground to browsers on this computer.

    Parameters
    ----------
    estimator : estimator, default=None
        The estimator to train: an `MLPClassifier` or `MLPRegressor`, whose parameters can be changed on the page if it
        has controls for all of them (``embedding="auto"`` is then None), or any other classifier or regressor. If None,
        a small network with the settings of TensorFlow's playground.
    X : array-like of shape (n_samples, n_features), default=None
        The points; with more than two features, their first two principal components are shown. If None, the data set
        "circle".
    y : array-like of shape (n_samples,), default=None
        Class labels or, for a regressor, continuous targets.
    port : int, default=0
        Port of the server on the loopback address; 0 for any free port.
    open_browser : bool, default=False
        Whether to open a browser window. Notebooks display the page without it.
    **settings
        Settings, by their names in a link to the page, such as ``dataset="spiral"`` or ``networkShape=[8, 8]``.

    Returns
    -------
    Playground
        An object with the address `url` and the method `close`.

    Examples
    --------
    >>> from sknn_scratch.playground import playground
    >>> page = playground(dataset="spiral", networkShape=[8, 8])
    >>> page.url
    'http://127.0.0.1:...'
    >>> page.close()
    """
    page = serve(estimator, _points(estimator, X, y), port, **settings)
    if open_browser:
        webbrowser.open(page.url)
    return page


def serve(estimator: BaseEstimator | None, own: Problem | None, port: int, **settings: Any) -> Playground:
    """Serve sessions with this estimator and these points."""
    Session(estimator, own, **settings)  # what is wrong with them is an error here, not in the browser
    return Playground(PlaygroundServer(lambda: Session(estimator, own, **settings), port))


def record(
    path: str | PathLike[str],
    estimator: BaseEstimator | None = None,
    X: npt.ArrayLike | None = None,
    y: npt.ArrayLike | None = None,
    *,
    n_epochs: int = 100,
    n_frames: int = 60,
    **settings: Any,
) -> Recording:
    """Train an estimator, and write a page that replays the training, in one file that works without a server.

    Parameters
    ----------
    path : str or path-like
        The HTML file.
    estimator : estimator, default=None
        The estimator to train, as in `playground`.
    X : array-like of shape (n_samples, n_features), default=None
        The points, as in `playground`.
    y : array-like of shape (n_samples,), default=None
        Class labels or continuous targets.
    n_epochs : int, default=100
        Number of epochs; for a perceptron, number of mistakes.
    n_frames : int, default=60
        Maximum number of frames to record, of about 10 kB each. They are denser at the start of training.
    **settings
        As in `playground`.

    Returns
    -------
    Recording
        An object with the `path` of the file.

    Raises
    ------
    FileNotFoundError
        If `path` is a folder, or in a folder that does not exist.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from sknn_scratch.playground import record
    >>> with TemporaryDirectory() as folder:
    ...     recording = record(folder + "/xor.html", dataset="xor", n_epochs=5)
    ...     recording.path.stat().st_size < 200_000
    True
    """
    path = Path(path)
    if path.is_dir() or not path.parent.is_dir():  # before training, which takes time
        raise FileNotFoundError(f"{str(path)!r} cannot be written. Pass the name of a file, in a folder that exists.")
    session = Session(estimator, _points(estimator, X, y), **settings)
    kept = {round(n_epochs * share**2) for share in np.linspace(0, 1, n_frames)}
    frames = [frame(session, 50)]
    for epoch in range(1, n_epochs + 1):
        session.train()
        if epoch in kept or session.message:
            frames.append(frame(session, 50))
        if session.message:
            break
    recorded = json.dumps({"state": state(session), "frames": frames}).replace("</", "<\\/")
    page = PAGE.read_text(encoding="utf-8").replace("RECORDING = null", f"RECORDING = {recorded}", 1)
    path.write_text(page, encoding="utf-8")
    return Recording(path)


def _points(estimator: BaseEstimator | None, X: npt.ArrayLike | None, y: npt.ArrayLike | None) -> Problem | None:
    if X is None and y is None:
        return None
    if X is None or y is None:
        raise ValueError("Pass both X and y, or neither.")
    numbers = is_regressor(estimator) if estimator is not None else np.asarray(y).dtype.kind == "f"
    return read_arrays(X, y, list(getattr(X, "columns", ())), numbers)
