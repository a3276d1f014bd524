"""Data sets: what the files hold is what comes back, and a bad file is named."""

import gzip
import struct
from urllib.error import URLError

import numpy as np
import pytest

from sknn_scratch import datasets
from sknn_scratch.datasets import EMAIL_WORDS, MNIST_FILES, fetch_mnist, load_emails, load_gate, load_mnist

PIXELS = np.arange(3 * 2 * 4, dtype=np.uint8).reshape(3, 2, 4) * 11
LABELS = np.array([7, 0, 9], dtype=np.uint8)


def idx(array):
    return struct.pack(f">BBBB{array.ndim}i", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def folder(tmp_path):
    """Three images to learn from, plain; two to test on, compressed."""
    for name, content in zip(MNIST_FILES, (PIXELS, LABELS, PIXELS[:2], LABELS[:2]), strict=True):
        if name.startswith("t10k"):
            (tmp_path / f"{name}.gz").write_bytes(gzip.compress(idx(content)))
        else:
            (tmp_path / name).write_bytes(idx(content))
    return tmp_path


@pytest.mark.parametrize("load", [load_mnist, fetch_mnist])
def test_mnist_files_are_read(folder, load):
    X_train, y_train, X_test, y_test = load(folder)
    assert X_train.dtype == X_test.dtype == np.float32
    np.testing.assert_array_equal(np.round(X_train * 255), PIXELS.reshape(3, 8))
    np.testing.assert_array_equal(np.round(X_test * 255), PIXELS[:2].reshape(2, 8))
    assert y_train.tolist() == [7, 0, 9]
    assert y_test.tolist() == [7, 0]
    assert X_train.flags.writeable
    assert X_train.max() <= 1


@pytest.mark.parametrize("name", MNIST_FILES)
def test_missing_file_names_all_four(folder, name):
    for path in folder.glob(f"{name}*"):
        path.unlink()
    with pytest.raises(FileNotFoundError, match=f"No {name} or") as error:
        load_mnist(folder)
    assert all(file in str(error.value) for file in MNIST_FILES)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has 0 bytes and starts with ''"),
        (b"<html>", "starts with '3c 68 74 6d' instead of '00 00 08 03'"),
        (idx(LABELS), "not an IDX file of bytes in 3 dimension"),
        (idx(PIXELS)[:9], "not an IDX file.*has 9 bytes"),
        (idx(PIXELS)[:-1], r"promises 24 bytes \(shape \(3, 2, 4\)\), but 23 follow"),
        (idx(PIXELS) + b"0", "but 25 follow"),
        (idx(PIXELS[:2]), "has 2 images, but .* has 3 labels"),
    ],
)
def test_wrong_file_is_named(folder, content, message):
    (folder / MNIST_FILES[0]).write_bytes(content)
    with pytest.raises(ValueError, match=message) as error:
        load_mnist(folder)
    assert MNIST_FILES[0] in str(error.value)


@pytest.mark.parametrize("damage", [lambda raw: raw[:-9], lambda raw: b"plain", lambda raw: raw[:12] + b"\xff" * 30])
def test_damaged_gzip_is_named(folder, damage):
    path = folder / f"{MNIST_FILES[3]}.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=rf"{path.name} is a damaged gzip file"):
        load_mnist(folder)


def test_fetch_without_folder_splits_openml(monkeypatch):
    """OpenML hands out 70,000 rows, the training set first, labels as strings."""

    def fake(name, *, version, **options):
        assert (name, version) == ("mnist_784", 1)
        return np.full((70_000, 1), 255), np.repeat(["3", "8"], [60_000, 10_000]).astype(object)

    monkeypatch.setattr(datasets, "fetch_openml", fake)
    X_train, y_train, X_test, y_test = fetch_mnist()
    assert X_train.shape == (60_000, 1)
    assert X_test.shape == (10_000, 1)
    assert X_test.dtype == np.float32
    assert (X_test == 1).all()
    assert (y_train == 3).all()
    assert (y_test == 8).all()


def test_failed_download_says_what_else_there_is(monkeypatch):
    def offline(name, **options):
        raise URLError("no network")

    monkeypatch.setattr(datasets, "fetch_openml", offline)
    with pytest.raises(OSError, match=r"could not be downloaded .*no network.* give a folder with its files"):
        fetch_mnist()


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("and", lambda a, b: a & b),
        ("nand", lambda a, b: 1 - (a & b)),
        ("or", lambda a, b: a | b),
        ("nor", lambda a, b: 1 - (a | b)),
        ("xor", lambda a, b: a ^ b),
        ("xnor", lambda a, b: 1 - (a ^ b)),
    ],
)
def test_gates_answer_as_python_does(name, answer):
    X, y = load_gate(name)
    assert X.dtype == np.float64
    assert len({tuple(row) for row in X}) == 4
    assert y.tolist() == [answer(a, b) for a, b in X.astype(int).tolist()]


def test_unknown_gate_lists_the_gates():
    with pytest.raises(ValueError, match=r"no gate 'XOR'.*and, nand, or, nor, xor, xnor"):
        load_gate("XOR")


def test_emails_follow_the_perceptron_rule():
    """The lecture's pass by hand: eta=1/2, no bias, from zero, in order."""
    X, y = load_emails()
    assert X.shape == (6, len(EMAIL_WORDS))
    w, seen = np.zeros(5), []
    for x_i, y_i in zip(X, y, strict=True):
        if y_i * (w @ x_i) <= 0:
            w = w + y_i * x_i / 2
            seen.append(w.tolist())
    assert seen == [[0.5, 0.5, 0, 0.5, 0.5], [0.5, 0.5, -0.5, 0, 0.5], [0.5, 1, 0, 0, 0.5], [0, 1, 0, -0.5, 0.5]]
