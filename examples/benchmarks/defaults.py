"""How good are the defaults? Estimators with no arguments, on data of scikit-learn and on generated data.

    python examples/benchmarks/defaults.py [--seeds 3] [--jobs 2] [--quick] [--public {first,second}] [--json FILE]

Each data set is cross-validated with 5 shuffled folds for each seed, raw: what an estimator needs done to the inputs
it has to do itself (scikit-learn's are shown with a StandardScaler in front, the habit of its users, so the comparison
favours them). Reported are accuracy or R2, log loss or root mean squared error (in standard deviations of the test
rows), the calibration error of the largest probability, mean ranks over data sets (1 is best), and seconds to fit.
RealMLP and TabM take part where pytabkit is installed; RealMLP is then trained for accuracy, not for log loss.

With --public the data are the first or the second half of the public tables in `public_tables.py`. Choices are made on
the first half alone.
"""

import argparse
import json
import time
import warnings
from importlib.util import find_spec
from itertools import islice

import numpy as np
import public_tables
from joblib import Parallel, delayed
from scipy.stats import rankdata
from sklearn import datasets
from sklearn.base import clone
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier
from sklearn.neural_network import MLPRegressor as SklearnMLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from threadpoolctl import threadpool_limits

from sknn_scratch import MLPClassifier, MLPRegressor

CLASSIFIERS = {
    "MLPClassifier": MLPClassifier(random_state=0),
    "scikit-learn MLP": make_pipeline(StandardScaler(), SklearnMLPClassifier(random_state=0)),
    "SVC": make_pipeline(StandardScaler(), SVC()),
    "k-NN": make_pipeline(StandardScaler(), KNeighborsClassifier()),
    "logistic regression": make_pipeline(StandardScaler(), LogisticRegression()),
    "random forest": RandomForestClassifier(random_state=0),
    "extra trees": ExtraTreesClassifier(random_state=0),
    "boosting": HistGradientBoostingClassifier(random_state=0),
}
REGRESSORS = {
    "MLPRegressor": MLPRegressor(random_state=0),
    "scikit-learn MLP": make_pipeline(StandardScaler(), SklearnMLPRegressor(random_state=0)),
    "SVR": make_pipeline(StandardScaler(), SVR()),
    "k-NN": make_pipeline(StandardScaler(), KNeighborsRegressor()),
    "ridge": make_pipeline(StandardScaler(), Ridge()),
    "random forest": RandomForestRegressor(random_state=0),
    "extra trees": ExtraTreesRegressor(random_state=0),
    "boosting": HistGradientBoostingRegressor(random_state=0),
}


if find_spec("pytabkit"):
    from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor, TabM_D_Classifier, TabM_D_Regressor

    ON_ONE_THREAD = {"random_state": 0, "device": "cpu", "n_threads": 1}
    CLASSIFIERS |= {"RealMLP": RealMLP_TD_Classifier(**ON_ONE_THREAD), "TabM": TabM_D_Classifier(**ON_ONE_THREAD)}
    REGRESSORS |= {"RealMLP": RealMLP_TD_Regressor(**ON_ONE_THREAD), "TabM": TabM_D_Regressor(**ON_ONE_THREAD)}


def _unscaled(X, rng):
    return X * 10.0 ** rng.uniform(-4, 4, X.shape[1]) + 10.0 ** rng.uniform(-2, 3, X.shape[1])


def _heavy_tails(X, rng):
    return np.sign(X) * np.expm1(2 * np.abs(X)) + rng.standard_t(1.5, X.shape)


def _rings(n, rng, d=5):
    X = rng.normal(size=(n, d))
    return X, (np.linalg.norm(X, axis=1) > np.sqrt(d)).astype(int)


def classification_sets(rng):
    """Yield name and rows of each classification problem."""
    for load in (datasets.load_iris, datasets.load_wine, datasets.load_breast_cancer, datasets.load_digits):
        yield load.__name__[5:], load(return_X_y=True)

    def blobs(n, d, **kw):
        kw = {"n_informative": max(2, d // 3), "n_redundant": d // 5, "class_sep": 0.8} | kw
        return datasets.make_classification(n, d, random_state=int(rng.integers(2**31)), **kw)

    yield "50 x 2", blobs(50, 2, n_redundant=0, n_clusters_per_class=1)
    yield "50 x 10", blobs(50, 10)
    yield "100 x 50", blobs(100, 50)
    yield "200 x 10 noisy", blobs(200, 10, flip_y=0.2)
    yield "200 x 200", blobs(200, 200, n_informative=10, n_redundant=0)
    yield "500 x 20, 5 classes", blobs(500, 20, n_classes=5, n_informative=10)
    yield "500 x 20 imbalanced", blobs(500, 20, weights=[0.9])
    yield "1000 x 100 irrelevant", blobs(1000, 100, n_informative=8, n_redundant=0)
    yield "2000 x 30 clusters", blobs(2000, 30, n_clusters_per_class=8, n_informative=10)
    yield "5000 x 20, 10 classes", blobs(5000, 20, n_classes=10, n_informative=12)
    yield "20000 x 20 noisy", blobs(20_000, 20, n_clusters_per_class=8, n_informative=10, flip_y=0.1)
    yield "moons 300", datasets.make_moons(300, noise=0.25, random_state=0)
    yield "circles 300", datasets.make_circles(300, noise=0.1, factor=0.6, random_state=0)
    yield "rings 1000", _rings(1000, rng)
    X, y = blobs(600, 15)
    yield "600 x 15 unscaled", (_unscaled(X, rng), y)
    X, y = blobs(600, 15)
    yield "600 x 15 heavy tails", (_heavy_tails(X, rng), y)
    X, y = datasets.make_gaussian_quantiles(n_samples=1500, n_features=8, n_classes=4, random_state=0)
    yield "quantiles 1500, 4 classes", (X, y)
    X = rng.integers(0, 2, (800, 12)).astype(float)
    yield "binary rule 800", (X, ((X[:, 0] + X[:, 1] * X[:, 2] + X[:, 3]) > 1).astype(int))


def regression_sets(rng):
    """Yield name and rows of each regression problem."""
    yield "diabetes", datasets.load_diabetes(return_X_y=True)
    linnerud = datasets.load_linnerud(return_X_y=True)
    yield "linnerud pulse", (linnerud[0], linnerud[1][:, 2])

    def linear(n, d, **kw):
        return datasets.make_regression(n, d, random_state=int(rng.integers(2**31)), **kw)

    yield "50 x 3 linear", linear(50, 3, noise=20)
    yield "100 x 30 linear", linear(100, 30, n_informative=10, noise=30)
    yield "300 x 100 sparse linear", linear(300, 100, n_informative=10, noise=30)
    yield "friedman1 100", datasets.make_friedman1(100, noise=1, random_state=0)
    yield "friedman1 1000", datasets.make_friedman1(1000, n_features=20, noise=1, random_state=0)
    yield "friedman1 10000", datasets.make_friedman1(10_000, noise=1, random_state=0)
    yield "friedman2 500", datasets.make_friedman2(500, noise=50, random_state=0)
    yield "friedman3 500", datasets.make_friedman3(500, noise=0.1, random_state=0)
    X = rng.normal(size=(1000, 10))
    f = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] + np.abs(X[:, 3])
    yield "smooth 1000", (X, f + 0.3 * rng.normal(size=1000))
    yield "skewed target", (X, np.exp(f + 0.3 * rng.normal(size=1000)))
    yield "unscaled", (_unscaled(X, rng), 1e5 + 3e4 * f + 1e4 * rng.normal(size=1000))
    yield "heavy tails", (_heavy_tails(X, rng), f + 0.3 * rng.normal(size=1000))
    yield "outliers", (X, f + 0.3 * rng.standard_t(1.5, 1000))
    X = rng.uniform(size=(20_000, 8))
    yield "steps 20000", (X, np.floor(4 * X[:, 0]) + (X[:, 1] > X[:, 2]) + 0.3 * rng.normal(size=20_000))
    X = rng.normal(size=(500, 200))
    yield "500 x 200 irrelevant", (X, X[:, 0] - 2 * X[:, 1] + 0.5 * rng.normal(size=500))


def calibration_error(model, X, y):
    """Return how far the largest probability of a row is from its accuracy, on average over ten bins of it."""
    probabilities = model.predict_proba(X)
    largest, right = probabilities.max(axis=1), model.classes_[probabilities.argmax(axis=1)] == y
    bins = np.minimum((10 * largest).astype(int), 9)
    return np.abs(np.bincount(bins, right - largest)).sum() / len(y)


def evaluate(model, X, y, train, test):
    """Return measures and seconds to fit, with one BLAS thread: the folds are what runs in parallel."""
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = time.perf_counter()
        model = clone(model).fit(X[train], y[train])
        seconds = time.perf_counter() - start
        X, y = X[test], y[test]
        score, loss, calibration = model.score(X, y), np.nan, np.nan
        if hasattr(model, "predict_proba"):
            loss = log_loss(y, model.predict_proba(X), labels=model.classes_)
            calibration = calibration_error(model, X, y)
        elif not hasattr(model, "classes_"):
            loss = np.sqrt(1 - score)
        return score, loss, calibration, seconds


def study(models, sets, kfold, seeds, jobs):
    """Yield each data set's name and {model: means of what `evaluate` returns}, as soon as it is known."""
    names, splits = [], []
    for name, (X, y) in sets:
        folds = [f for seed in range(seeds) for f in kfold(5, shuffle=True, random_state=seed).split(X, y)]
        names.append(name)
        splits += [(X, y, *fold) for fold in folds]
    runs = [delayed(evaluate)(model, *split) for split in splits for model in models.values()]
    results = Parallel(jobs, return_as="generator")(runs)
    for name in names:
        values = np.reshape(list(islice(results, 5 * seeds * len(models))), (5 * seeds, len(models), -1))
        yield name, dict(zip(models, values.mean(axis=0).tolist(), strict=True))


def line(name, values):
    """Print a row of the table."""
    print(f"{name:26s}" + "".join(f"{value:21.3f}" for value in values), flush=True)


def summarise(table):
    """Print means and mean ranks of all measures."""
    measures = np.array([list(row.values()) for row in table.values()])
    scores, losses, calibrations, seconds = np.moveaxis(measures, 2, 0)

    def ranks(values):
        return np.array([rankdata(np.nan_to_num(row, nan=np.inf)) for row in values.round(3)])

    lines = {"mean": scores, "mean rank": ranks(-scores), "loss": losses, "mean rank of the loss": ranks(losses)}
    lines |= {"calibration error": calibrations, "seconds to fit": seconds}
    for name, values in lines.items():
        line(name, values.mean(axis=0))


def main():
    """Run the study."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="leave out data sets of more than 2,000 rows")
    parser.add_argument("--public", choices=["first", "second"], help="public tables in place of the others")
    parser.add_argument("--json", metavar="FILE")
    args = parser.parse_args()
    result = {}
    for title, models, sets, public, kfold in (
        ("accuracy", CLASSIFIERS, classification_sets, public_tables.CLASSES, StratifiedKFold),
        ("R2", REGRESSORS, regression_sets, public_tables.NUMBERS, KFold),
    ):
        half = public[args.public == "second" :: 2]
        chosen = ((t[1], public_tables.load(t)) for t in half) if args.public else sets(np.random.default_rng(0))
        rows = [(name, data) for name, data in chosen if not args.quick or len(data[0]) <= 2000]
        result[title] = {}
        print(f"\n{title:26s}" + "".join(f"{label:>21s}" for label in models))
        for name, row in study(models, rows, kfold, args.seeds, args.jobs):
            result[title][name] = row
            line(name, (score for score, *_ in row.values()))
            if args.json:
                with open(args.json, "w") as file:
                    json.dump(result, file, indent=1)
        summarise(result[title])


if __name__ == "__main__":
    main()
