"""A comparison is several models on the same rows and the same folds: how well, and how long they learn and predict."""

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass
from itertools import count
from math import ceil
from statistics import fmean, pstdev
from textwrap import fill
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, KFold, ParameterGrid, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR
from threadpoolctl import threadpool_limits

from ..estimators.convnet import ConvNetClassifier
from ..estimators.mlp import MLPClassifier, MLPRegressor
from ..estimators.perceptron import PerceptronClassifier
from .column import listed
from .problem import FEW_CLASSES, Problem
from .progress import Progress
from .scores import NAMES, scores

INNER_FOLDS = 3
CONVNET_EPOCHS = 30  # a minute for the default run instead of three
INTERRUPTED = "Training was interrupted"  # how a network warns that Ctrl-C has stopped it early
HIDDEN_UNITS = {"hidden_layer_sizes": [(16,), (64,), (256,)]}
BASELINE = "baseline"
TIMES = ("search", "learn", "predict")
MOST_CLASSES = 10  # whose shares are listed


@dataclass
class Fold:
    """What a model did on one fold: times in seconds, `search` the time it took to find the `best` parameters.

    The `scores` by name, the main one first, are None where they are not defined.
    """

    scores: dict[str, float | None]
    search: float
    learn: float
    predict: float
    best: dict[str, Any]

    def __str__(self) -> str:
        search = f"{_settings(self.best)} found in {_duration(self.search)}, " if self.best else ""
        [(name, score), *_] = self.scores.items()
        return f"{name} {score:.3f}, {search}learned in {_duration(self.learn)}, predicted in {_duration(self.predict)}"


@dataclass
class Comparison:
    """What every model did on every fold of one problem; models and folds are lacking until it is `finished`."""

    problem: Problem
    seed: int
    n_folds: int
    folds: dict[str, list[Fold]]
    finished: bool = False

    @property
    def main_score(self) -> str:
        """Name of the score by which models are compared."""
        return NAMES[self.problem.task][0]

    @property
    def shown_scores(self) -> tuple[str, ...]:
        """Names of the main score and, where classes are uneven, of the other ones."""
        return NAMES[self.problem.task][: None if self.problem.is_uneven else 1]

    def mean_and_std(self, model: str, name: str) -> tuple[float, float] | tuple[None, None]:
        """Return mean and standard deviation of a score over the folds; None where it is not defined in each."""
        folds = self.folds[model]
        values = [score for fold in folds if (score := fold.scores[name]) is not None]
        return (fmean(values), pstdev(values)) if len(values) == len(folds) else (None, None)

    def mean_time(self, model: str, name: str) -> float:
        """Return the mean over the folds of "search", "learn" or "predict", in seconds."""
        return fmean(getattr(fold, name) for fold in self.folds[model])

    def shares(self) -> str:
        """Return a sentence of the share of each class, or of the most frequent ones; empty for regression."""
        sizes = self.problem.class_sizes
        shares = [f"{listed([name])} {size / len(self.problem.y):.1%}" for name, size in sizes.items()]
        more = f", and {len(shares) - MOST_CLASSES} more" if len(shares) > MOST_CLASSES else ""
        return fill(f"Classes: {', '.join(shares[:MOST_CLASSES])}{more}.", 100) if shares else ""

    def table(self) -> str:
        """Return a table to read: mean scores with standard deviations, mean times; the choice of most folds."""
        rows = [
            (model, *(self._score(model, name) for name in self.shown_scores), *self._times(model))
            for model in self.folds
        ]
        header = ("model", *self.shown_scores, *TIMES)
        widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
        rows = [header, tuple("-" * width for width in widths), *rows]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
        return "\n".join([*(line.rstrip() for line in lines), *self._notes()])

    def _score(self, model: str, name: str) -> str:
        mean, std = self.mean_and_std(model, name)
        return "n/a" if mean is None else f"{mean:z.3f} +- {std:.3f}"

    def _times(self, model: str) -> list[str]:
        return [_duration(self.mean_time(model, time)) for time in TIMES]

    def _notes(self) -> Iterator[str]:
        for model, folds in self.folds.items():
            if len(folds) < self.n_folds:
                yield f"{model}: {len(folds)} of {self.n_folds} folds only."
            [(choice, n_folds)] = Counter(_settings(fold.best) for fold in folds).most_common(1)
            if choice:
                yield f"{model}: {choice} in {n_folds} of {len(folds)} folds."

    def as_dict(self) -> dict[str, Any]:
        """Return everything that was measured, ready for JSON."""
        return {
            "data": self.problem.name,
            "task": self.problem.task,
            "rows": len(self.problem.y),
            "columns": self.problem.X.shape[1],
            "classes": self.problem.class_sizes,
            "seed": self.seed,
            "finished": self.finished,
            "score": self.main_score,
            "models": {
                model: {
                    **self._mean_and_std(model, self.main_score),
                    "scores": {name: self._mean_and_std(model, name) for name in NAMES[self.problem.task]},
                    "folds": [{"score": fold.scores[self.main_score], **asdict(fold)} for fold in folds],
                }
                for model, folds in self.folds.items()
            },
        }

    def _mean_and_std(self, model: str, name: str) -> dict[str, float | None]:
        return dict(zip(("mean", "std"), self.mean_and_std(model, name), strict=True))


def compare(
    problem: Problem,
    n_folds: int = 5,
    seed: int = 0,
    jobs: int = 1,
    tell: Callable[[str], object] = lambda text: None,
    progress: Progress | None = None,
) -> Comparison:
    """Let every model learn and predict every fold. What is tuned is tuned inside the rows it learns from.

    Every model runs on one BLAS and OpenMP thread, so that times compare; `jobs` processes share a search. `tell` is
    handed, in pieces, what is going on, and `progress` is shown within long fits. Ctrl-C ends it early: what is
    finished is returned.
    """
    if lack := _lack(problem, n_folds):
        fewer = [fewer for fewer in range(2, n_folds) if not _lack(problem, fewer)]
        what, remedy = lack
        raise ValueError(f"{problem.name} has {what}: {f'pass --folds {fewer[-1]}' if fewer else remedy}.")
    if problem.task == "classification" and (smallest := np.unique(problem.y, return_counts=True)[1].min()) < n_folds:
        tell(f"The smallest class has {smallest} row(s), so that some folds go without it.\n")
    comparison = Comparison(problem, seed, n_folds, {})
    with threadpool_limits(1), warnings.catch_warnings(), suppress(KeyboardInterrupt):
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)  # said above
        warnings.filterwarnings("ignore", "y_pred contains classes not in y_true", UserWarning)  # so was this
        warnings.filterwarnings("error", INTERRUPTED, UserWarning)
        splits = list(_splitter(problem, n_folds, seed).split(problem.X, problem.y))
        for name, model in models(problem, seed, jobs, progress).items():
            for number, (learned, held_out) in enumerate(splits, start=1):
                try:
                    tell(f"{name}, fold {number} of {n_folds}: ")
                    with progress.during(_n_fits(model)) if progress else nullcontext():
                        fold = _fold(clone(model), problem, learned, held_out)
                except BaseException:
                    tell("\n")  # what is said about it begins a line
                    raise
                comparison.folds.setdefault(name, []).append(fold)
                tell(f"{fold}\n")
        comparison.finished = True
    return comparison


def models(problem: Problem, seed: int, jobs: int, progress: Progress | None = None) -> dict[str, BaseEstimator]:
    """Return the models by name: the baseline, and pipelines that prepare the rows. A new model is one line here."""

    def plain(estimator: BaseEstimator) -> Pipeline:
        return Pipeline([("prepare", _preparation(problem)), ("model", estimator)])

    def tuned(estimator: BaseEstimator, grid: dict[str, list[Any]]) -> GridSearchCV:
        inner = _splitter(problem, INNER_FOLDS, seed)
        grid = {f"model__{name}": values for name, values in grid.items()}
        return GridSearchCV(plain(estimator), grid, cv=inner, n_jobs=jobs, error_score="raise")

    def watched(network: Any, n_jobs: int = 1) -> BaseEstimator:
        if progress and n_jobs == 1:  # other processes have no terminal
            with suppress(NotImplementedError):  # scikit-learn < 1.9: its time is shown all the same
                network.set_callbacks(progress.epoch_ended)
        return network

    if problem.task == "regression":
        return {
            BASELINE: DummyRegressor(),
            "k-NN": plain(KNeighborsRegressor()),
            # C and epsilon are in units of the target
            "SVM": plain(TransformedTargetRegressor(SVR(), transformer=StandardScaler())),
            "ridge": plain(Ridge()),
            "MLP": tuned(watched(MLPRegressor(random_state=seed), jobs), HIDDEN_UNITS),
        }
    classifiers = {
        BASELINE: DummyClassifier(strategy="most_frequent"),
        "k-NN": plain(KNeighborsClassifier()),
        "SVM": plain(SVC()),
        "perceptron": plain(watched(PerceptronClassifier(random_state=seed))),
        "MLP": tuned(watched(MLPClassifier(random_state=seed), jobs), HIDDEN_UNITS),
    }
    if problem.image_shape:
        net = ConvNetClassifier(image_shape=problem.image_shape, max_iter=CONVNET_EPOCHS, random_state=seed)
        classifiers["convnet"] = plain(watched(net))
    return classifiers


def _preparation(problem: Problem) -> Any:
    if problem.image_shape:
        return "passthrough"  # pixels have one scale already, and the background is no less telling than the rest
    numbers = [place for place in range(problem.X.shape[1]) if place not in problem.text_columns]
    return make_column_transformer(
        (make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler()), numbers),
        (
            OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=30, sparse_output=False),
            list(problem.text_columns),
        ),
    )


def _lack(problem: Problem, n_folds: int) -> tuple[str, str] | None:
    """Return what is too little for this many folds, and a remedy other than fewer folds; None if there is enough."""
    needed = f"needed for {n_folds} folds and {INNER_FOLDS} inside each"
    if len(problem.y) < (enough := _enough(n_folds, a_fold=2)):
        return f"{len(problem.y)} rows, fewer than the {enough} {needed}", "add rows, or draw more with --rows"
    if problem.task == "regression":
        return None
    counts = np.unique(problem.y, return_counts=True)[1]
    if len(counts) == 1:
        return "rows of one class only", "add rows, or draw more with --rows"
    common = counts[counts >= (enough := _enough(n_folds, a_fold=1))]
    if len(common) >= 2 and 2 * common.sum() >= len(problem.y):
        return None
    n_rare = len(counts) - len(common)
    perhaps = "pass --task regression if the target is a quantity, else " if len(counts) > FEW_CLASSES else ""
    return (
        f"{len(problem.y)} rows in {len(counts)} classes, {n_rare} of them with fewer than the {enough} rows {needed}",
        f"{perhaps}merge classes, add rows, or draw more with --rows",
    )


def _enough(n_folds: int, a_fold: int) -> int:
    """Return the least number of rows that leaves `a_fold` rows to every fold and to every inner fold."""
    return next(n for n in count(a_fold * n_folds) if n - ceil(n / n_folds) >= a_fold * INNER_FOLDS)


def _splitter(problem: Problem, n_folds: int, seed: int) -> KFold | StratifiedKFold:
    kind = KFold if problem.task == "regression" else StratifiedKFold
    return kind(n_folds, shuffle=True, random_state=seed)


def _n_fits(model: BaseEstimator) -> int:
    return len(ParameterGrid(model.param_grid)) * INNER_FOLDS + 1 if isinstance(model, GridSearchCV) else 1


def _fold(model: Any, problem: Problem, learned: Any, held_out: Any) -> Fold:
    start = perf_counter()
    try:
        model.fit(problem.X[learned], problem.y[learned])
    except UserWarning as warning:
        if str(warning).startswith(INTERRUPTED):
            raise KeyboardInterrupt from warning
        raise
    fitted = perf_counter()
    predicted = model.predict(problem.X[held_out])
    end = perf_counter()
    search, best = 0.0, {}
    if isinstance(model, GridSearchCV):
        search = fitted - start - model.refit_time_
        best = {name.removeprefix("model__"): value for name, value in model.best_params_.items()}
    measured = scores(problem.task, model, problem.X[held_out], problem.y[held_out], predicted)
    return Fold(measured, search, fitted - start - search, end - fitted, best)


def _settings(parameters: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in parameters.items())


def _duration(seconds: float) -> str:
    if seconds == 0:
        return ""
    return f"{1000 * seconds:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"
