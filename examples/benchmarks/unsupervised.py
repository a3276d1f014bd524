"""Figures of the literature on features without labels, reproduced: minutes to hours, printed one a line.

    python examples/benchmarks/unsupervised.py FOLDER [NAME ...]

FOLDER has the four files of MNIST, as `sknn_scratch.datasets.load_mnist` reads them. Without names all are run.
"""

import sys
import time
import warnings
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
from scipy.ndimage import shift
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import BernoulliRBM as OfScikitLearn
from sklearn.preprocessing import minmax_scale

from sknn_scratch import Autoencoder, BernoulliRBM, MLPClassifier
from sknn_scratch.datasets import load_mnist

FOLDER, *NAMES = sys.argv[1:]
warnings.simplefilter("ignore", ConvergenceWarning)


def bars_and_stripes(n):
    lines = np.array(list(np.ndindex((2,) * n)), float)
    images = np.repeat(lines[:, :, None], n, axis=2)
    return np.unique(np.concatenate([images, images.transpose(0, 2, 1)]).reshape(-1, n * n), axis=0)


def bars():
    """Mean log-likelihood of bars and stripes 3 x 3, of which no model has more than -2.639."""
    X = bars_and_stripes(3)
    for name, settings in {
        "PCD-5": {"n_gibbs": 5},
        "PCD-1": {},
        "CD-1": {"persistent": False},
        "CD-10": {"persistent": False, "n_gibbs": 10, "learning_rate": 0.2},
    }.items():
        for seed in range(2):
            rbm = BernoulliRBM(16, batch_size=14, n_iter=20_000, random_state=seed, **settings).fit(X)
            print(f"  {name}, seed {seed}: {rbm.log_likelihood(X).mean():.3f}")


def digits():
    """Test accuracy of scikit-learn's example: nudged digits, logistic regression on features."""
    X, y = load_digits(return_X_y=True)
    moves = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)]
    X = np.concatenate([[shift(image, move, order=0).ravel() for image in X.reshape(-1, 8, 8)] for move in moves])
    X, X_test, y, y_test = train_test_split(
        minmax_scale(X).astype("float32"), np.tile(y, 5), test_size=0.2, random_state=0
    )
    like_the_example = {"n_components": 100, "learning_rate": 0.06, "n_iter": 10, "schedule": "constant"}
    for seed in range(3):
        for name, rbm in {
            "scikit-learn": OfScikitLearn(100, learning_rate=0.06, random_state=seed),
            "its settings": BernoulliRBM(**like_the_example, random_state=seed),
            "our defaults": BernoulliRBM(random_state=seed),
        }.items():
            regression = LogisticRegression(C=6000, max_iter=2000).fit(rbm.fit_transform(X), y)
            print(f"  {name}, seed {seed}: {regression.score(rbm.transform(X_test), y_test):.4f}")


def linear():
    """Squared error of a test image from 30 linear units, in which PCA has 13.87 (Hinton and Salakhutdinov 2006)."""
    X, _, X_test, _ = load_mnist(FOLDER)
    pca = PCA(30).fit(X)
    print(f"  PCA: {((X_test - pca.inverse_transform(pca.transform(X_test))) ** 2).sum(axis=1).mean():.3f}")
    settings = {"output": "identity", "standardize": False, "random_state": 0}
    linear = Autoencoder((30,), "identity", learning_rate_init=0.001, max_iter=20, **settings).fit(X)
    print(f"  linear autoencoder: {-linear.score(X_test):.3f}")


def deep():
    """The same of 784-256-64-30, by epochs."""
    X, _, X_test, _ = load_mnist(FOLDER)
    autoencoder = Autoencoder((256, 64, 30), learning_rate_init=0.002, max_iter=15, random_state=0).fit(X)
    print(f"  after 15 epochs of {np.mean(autoencoder.history_['seconds']):.1f} s: {-autoencoder.score(X_test):.3f}")


def deeper():
    """The same of Hinton and Salakhutdinov's 784-1000-500-250-30: 3.00 after long training."""
    X, _, X_test, _ = load_mnist(FOLDER)
    autoencoder = Autoencoder((1000, 500, 250, 30), learning_rate_init=0.001, max_iter=60, verbose=True, random_state=0)
    print(f"  after 60 epochs: {-autoencoder.fit(X).score(X_test):.3f}")


def stacked():
    """Test accuracy of 784-200-200-10 with sparse codes: 87.7% from features, 97.6% fine-tuned (UFLDL exercise)."""
    X, y, X_test, y_test = load_mnist(FOLDER)
    part = Autoencoder(sparsity=0.1, sparsity_weight=3.0, alpha=3e-3, max_iter=15)
    network = MLPClassifier((200, 200), "logistic", pretrain=part, max_iter=20, random_state=0).fit(X, y)
    features, of_test = X, X_test
    for part in network.pretrained_:
        features, of_test = part.transform(features), part.transform(of_test)
    softmax = MLPClassifier((), standardize=False, alpha=1e-4, max_iter=20, random_state=0).fit(features, y)
    print(f"  features alone: {softmax.score(of_test, y_test):.4f}")
    print(f"  fine-tuned: {network.score(X_test, y_test):.4f}")


def speed():
    """Seconds an epoch on MNIST: a machine of 256 units, mini-batches of 100; 784-256-64-30 and back, of 200."""
    X = load_mnist(FOLDER)[0]
    settings = {"batch_size": 200, "max_iter": 1, "learning_rate": "constant", "random_state": 0}
    ways = {
        "machine, scikit-learn": lambda: OfScikitLearn(256, batch_size=100, n_iter=1, random_state=0).fit(X),
        "machine, here": lambda: BernoulliRBM(256, batch_size=100, n_iter=1, random_state=0).fit(X),
        "autoencoder, here": lambda: Autoencoder((256, 64, 30), **settings).fit(X),
    }
    if find_spec("torch"):
        ways["autoencoder, PyTorch"] = lambda: torch_epoch(X)
    seconds = {name: [] for name in ways}
    for _ in range(5):  # in turn, as the speed of a machine varies
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
    for name, times in seconds.items():
        print(f"  {name}: median {np.median(times):.2f}, best {min(times):.2f}")


def torch_epoch(X):
    """Train the same autoencoder for an epoch."""
    import torch
    from torch import nn

    sizes = [784, 256, 64, 30, 64, 256, 784]
    layers = [nn.Linear(*pair) for pair in pairwise(sizes)]
    bends = [nn.ReLU(), nn.ReLU(), nn.Identity(), nn.ReLU(), nn.ReLU(), nn.Identity()]
    network = nn.Sequential(*(part for pair in zip(layers, bends, strict=True) for part in pair))
    solver, rows = torch.optim.Adam(network.parameters()), torch.from_numpy(X)
    for index in torch.randperm(len(X)).split(200):
        batch = rows[index]
        loss = nn.functional.binary_cross_entropy_with_logits(network(batch), batch, reduction="sum") / len(batch)
        solver.zero_grad()
        loss.backward()
        solver.step()


def pretraining():
    """Test accuracy of 784-500-500-10 from 1,000 labels and 60,000 images, mean of 5 seeds."""
    X, y, X_test, y_test = load_mnist(FOLDER)
    logistic = {"hidden_layer_sizes": (500, 500), "activation": "logistic", "standardize": False, "max_iter": 60}
    contenders = {f"logistic, alpha={alpha}": MLPClassifier(**logistic, alpha=alpha) for alpha in (0, 1e-4, 1e-3, 1e-2)}
    contenders["ReLU"] = MLPClassifier((500, 500))
    contenders["logistic, BernoulliRBM"] = MLPClassifier(
        **logistic, pretrain=BernoulliRBM(batch_size=100, persistent=False, n_iter=10)
    )
    contenders["logistic, Autoencoder"] = MLPClassifier(**logistic, pretrain=Autoencoder(corruption=0.2, max_iter=5))
    for name, model in contenders.items():
        scores = []
        for seed in range(5):
            few = np.random.default_rng(seed).permutation(len(X))[:1000]
            unlabeled = {} if model.pretrain is None else {"X_unlabeled": X}
            scores.append(model.set_params(random_state=seed).fit(X[few], y[few], **unlabeled).score(X_test, y_test))
        print(f"  {name}: {np.mean(scores):.4f} +- {np.std(scores):.4f}", flush=True)


for function in (bars, digits, linear, deep, stacked, speed, pretraining, deeper):
    if function.__name__ in NAMES or not NAMES:
        print(function.__name__, "-", function.__doc__.strip(), flush=True)
        function()
