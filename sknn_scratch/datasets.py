"""Data sets: MNIST, logic gates, and the lecture's six e-mails."""

import gzip
import zlib
from importlib.util import find_spec
from os import PathLike
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.datasets import fetch_openml

__all__ = ["EMAIL_WORDS", "fetch_mnist", "load_emails", "load_gate", "load_mnist"]

MNIST_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
GATES = {
    "and": (0, 0, 0, 1),
    "nand": (1, 1, 1, 0),
    "or": (0, 1, 1, 1),
    "nor": (1, 0, 0, 0),
    "xor": (0, 1, 1, 0),
    "xnor": (1, 0, 0, 1),
}
EMAIL_WORDS = ("and", "viagra", "the", "of", "nigeria")

Mnist = tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.float32], npt.NDArray[np.int64]]


def load_mnist(folder: str | PathLike[str]) -> Mnist:
    """Read MNIST from the four original IDX files.

    Other data sets in the same four files, such as Fashion-MNIST, are read too.

    Parameters
    ----------
    folder : str or path-like
        Folder with ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``, ``t10k-images-idx3-ubyte`` and
        ``t10k-labels-idx1-ubyte``, optionally gzipped, with the suffix ``.gz``.

    Returns
    -------
    X_train : ndarray of shape (60000, 784), float32
        Images, one per row, from 0 (background) to 1 (ink).
    y_train : ndarray of shape (60000,), int64
        Digits 0 to 9.
    X_test : ndarray of shape (10000, 784), float32
        Images of the test set.
    y_test : ndarray of shape (10000,), int64
        Digits of the test set.

    Raises
    ------
    FileNotFoundError
        A file is missing.
    ValueError
        A file is damaged, cut short or not what its name says.

    See Also
    --------
    fetch_mnist : The same data, downloaded.

    References
    ----------
    Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits": the file format.

    Examples
    --------
    >>> from sknn_scratch.datasets import load_mnist
    >>> X_train, y_train, X_test, y_test = load_mnist("mnist")  # doctest: +SKIP
    """
    train_images, train_labels, test_images, test_labels = (_find(Path(folder), name) for name in MNIST_FILES)
    return *_read_pair(train_images, train_labels), *_read_pair(test_images, test_labels)


def fetch_mnist(folder: str | PathLike[str] | None = None) -> Mnist:
    """Read MNIST from a folder, or download it from OpenML (15 MB, cached by scikit-learn).

    Parameters
    ----------
    folder : str or path-like, default=None
        Folder with the four original files, for :func:`load_mnist`; if None, the data is downloaded.

    Returns
    -------
    X_train, y_train, X_test, y_test : tuple of ndarray
        As :func:`load_mnist` returns them.

    Raises
    ------
    FileNotFoundError
        A folder was given and a file is missing there.
    OSError
        The download failed.
    ValueError
        A file is damaged, cut short or not what its name says.

    See Also
    --------
    load_mnist : The same data from files, without a network connection.

    Examples
    --------
    >>> from sknn_scratch.datasets import fetch_mnist
    >>> X_train, y_train, X_test, y_test = fetch_mnist()  # doctest: +SKIP
    """
    if folder is not None:
        return load_mnist(folder)
    parser = "pandas" if find_spec("pandas") else "liac-arff"  # the same numbers; pandas reads them faster
    try:
        images, labels = fetch_openml("mnist_784", version=1, return_X_y=True, as_frame=False, parser=parser)
    except OSError as error:
        raise OSError(
            f"MNIST could not be downloaded ({error}). Try again, or give a folder with its files."
        ) from error
    X, y = _to_unit(images), labels.astype(np.int64)  # the training set comes first
    return X[:60_000], y[:60_000], X[60_000:], y[60_000:]


def load_gate(name: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return the truth table of a logic gate.

    Parameters
    ----------
    name : {"and", "nand", "or", "nor", "xor", "xnor"}
        The gate. The first four are linearly separable; "xor" and "xnor" need a hidden layer.

    Returns
    -------
    X : ndarray of shape (4, 2), float64
        The inputs (0, 0), (0, 1), (1, 0), (1, 1).
    y : ndarray of shape (4,), int64
        Output of the gate, 0 or 1.

    Raises
    ------
    ValueError
        If there is no gate of this name.

    Examples
    --------
    >>> from sknn_scratch.datasets import load_gate
    >>> X, y = load_gate("xor")
    >>> y
    array([0, 1, 1, 0])
    """
    if name not in GATES:
        raise ValueError(f"There is no gate {name!r}. Take one of: {', '.join(GATES)}.")
    return np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64), np.array(GATES[name], dtype=np.int64)


def load_emails() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return six e-mails, spam or not, an example for the perceptron learning rule.

    Returns
    -------
    X : ndarray of shape (6, 5), float64
        1 if the e-mail contains the word of ``EMAIL_WORDS``: and, viagra, the, of, nigeria.
    y : ndarray of shape (6,), int64
        1 for spam, -1 for the others.

    Examples
    --------
    >>> from sknn_scratch.datasets import EMAIL_WORDS, load_emails
    >>> X, y = load_emails()
    >>> [word for word, there in zip(EMAIL_WORDS, X[0]) if there], int(y[0])
    (['and', 'viagra', 'of', 'nigeria'], 1)
    """
    emails = [[1, 1, 0, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0], [1, 0, 0, 1, 0], [1, 0, 1, 0, 1], [1, 0, 1, 1, 0]]
    return np.array(emails, dtype=np.float64), np.array([1, -1, 1, -1, 1, -1], dtype=np.int64)


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise FileNotFoundError(
        f"No {name} or {name}.gz in {str(folder)!r}. MNIST is four files there: {', '.join(MNIST_FILES)}."
    )


def _read_pair(images: Path, labels: Path) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    X, y = _read_idx(images, 3), _read_idx(labels, 1)
    if len(X) != len(y):
        raise ValueError(f"{images} has {len(X)} images, but {labels} has {len(y)} labels. Take both from one source.")
    return _to_unit(X.reshape(len(X), -1)), y.astype(np.int64)


def _read_idx(path: Path, n_dims: int) -> npt.NDArray[np.uint8]:
    # Two zero bytes, 8 for unsigned bytes, the number of dimensions; each dimension as a big-endian int32; the bytes.
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is a damaged gzip file ({error}). Download it again.") from error
    start, magic = 4 + 4 * n_dims, bytes([0, 0, 8, n_dims])
    if data[:4] != magic or len(data) < start:
        raise ValueError(
            f"{path} is not an IDX file of bytes in {n_dims} dimension(s): it has {len(data)} bytes and starts with "
            f"'{data[:4].hex(' ')}' instead of '{magic.hex(' ')}'. Download it again."
        )
    shape = np.frombuffer(data, dtype=">i4", count=n_dims, offset=4).tolist()
    size = int(np.prod(shape, dtype=object))
    if len(data) - start != size:
        raise ValueError(
            f"{path} promises {size} bytes (shape {tuple(shape)}), but {len(data) - start} follow. Download it again."
        )
    return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(shape)


def _to_unit(pixels: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    return np.divide(pixels, 255, dtype=np.float32)
