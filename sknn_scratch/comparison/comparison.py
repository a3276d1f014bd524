"""A comparison is several models on the same rows and the same folds: how well, and how long they learn and predict."""

import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import count
from math import ceil
from os import PathLike
from statistics import fmean, pstdev
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR
from threadpoolctl import threadpool_limits

from ..estimators.convnet import ConvNetClassifier
from ..estimators.mlp import MLPClassifier, MLPRegressor
from ..estimators.perceptron import PerceptronClassifier
from .problem import FEW_CLASSES, Problem

INNER_FOLDS = 3
CONVNET_EPOCHS = 30  # a minute for the default run instead of three
INTERRUPTED = "Training was interrupted"  # how a network warns that Ctrl-C has stopped it early
HIDDEN_UNITS = {"hidden_layer_sizes": [(16,), (64,), (256,)]}


@dataclass
class Fold:
    """What a model did on one fold: times in seconds, `search` the time it took to find the `best` parameters."""

    score: float
    search: float
    learn: float
    predict: float
    best: dict[str, Any]

    def __str__(self) -> str:
        search = f"{_settings(self.best)} found in {_duration(self.search)}, " if self.best else ""
        return f"{self.score:.3f}, {search}learned in {_duration(self.learn)}, predicted in {_duration(self.predict)}"


@dataclass
class Comparison:
    """What every model did on every fold of one problem; models and folds are lacking until it is `finished`."""

    problem: Problem
    seed: int
    n_folds: int
    folds: dict[str, list[Fold]]
    finished: bool = False

    def table(self) -> str:
        """Return a table to read: mean times, mean score with its standard deviation, the choice of most folds."""
        rows: list[tuple[str, ...]] = []
        for model, folds in self.folds.items():
            score = f"{_mean(folds, 'score'):.3f} +- {_spread(folds):.3f}"
            times = [_duration(_mean(folds, time)) for time in ("search", "learn", "predict")]
            [(choice, n_folds)] = Counter(_settings(fold.best) for fold in folds).most_common(1)
            partly = "" if len(folds) == self.n_folds else f" ({len(folds)} of {self.n_folds} folds)"
            best = f"{choice} ({n_folds} of {len(folds)} folds)" if choice else ""
            rows.append((model + partly, score, *times, best))
        header = ("model", score_name(self.problem), "search", "learn", "predict", "best parameters")
        widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
        rows = [header, tuple("-" * width for width in widths), *rows]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
        return "\n".join(line.rstrip() for line in lines)

    def as_dict(self) -> dict[str, Any]:
        """Return everything that was measured, ready for JSON."""
        return {
            "data": self.problem.name,
            "task": self.problem.task,
            "rows": len(self.problem.y),
            "columns": self.problem.X.shape[1],
            "seed": self.seed,
            "finished": self.finished,
            "score": score_name(self.problem),
            "models": {
                model: {
                    "mean": _mean(folds, "score"),
                    "std": _spread(folds),
                    "folds": [asdict(fold) for fold in folds],
                }
                for model, folds in self.folds.items()
            },
        }

    def plot(self, path: str | PathLike[str]) -> None:
        """Draw the score of each fold and the mean times into a file."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(9, 3.2), layout="constrained")
        scores, times = figure.subplots(1, 2, sharey=True)
        for place, folds in enumerate(self.folds.values()):
            scores.plot([fold.score for fold in folds], [place] * len(folds), "o", color="tab:blue", alpha=0.5)
            scores.plot(_mean(folds, "score"), place, "|", color="black", markersize=22)
        for time, marker in (("learn", "o"), ("predict", "s")):
            seconds = [_mean(folds, time) for folds in self.folds.values()]
            times.plot(seconds, range(len(seconds)), marker, label=time)
        scores.set(xlabel=f"{score_name(self.problem)} of each fold, | mean", title=self.problem.name)
        scores.set_yticks(range(len(self.folds)), list(self.folds))
        scores.invert_yaxis()
        times.grid(axis="x", alpha=0.3)
        times.set(xscale="log", xlabel="seconds a fold", title="time to learn and to predict")
        times.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
        figure.savefig(path)


def compare(
    problem: Problem, n_folds: int = 5, seed: int = 0, jobs: int = 1, tell: Callable[[str], object] = lambda text: None
) -> Comparison:
    """Let every model learn and predict every fold. What is tuned is tuned inside the rows it learns from.

    Every model runs on one BLAS and OpenMP thread, so that times compare; `jobs` processes share a search. `tell` is
    handed, in pieces, what is going on. Ctrl-C ends it early: what is finished is returned.
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
        warnings.filterwarnings("error", INTERRUPTED, UserWarning)
        splits = list(_splitter(problem, n_folds, seed).split(problem.X, problem.y))
        for name, model in models(problem, seed, jobs).items():
            for number, (learned, held_out) in enumerate(splits, start=1):
                try:
                    tell(f"{name}, fold {number} of {n_folds}: ")
                    fold = _fold(clone(model), problem, learned, held_out)
                except BaseException:
                    tell("\n")  # what is said about it begins a line
                    raise
                comparison.folds.setdefault(name, []).append(fold)
                tell(f"{score_name(problem)} {fold}\n")
        comparison.finished = True
    return comparison


def models(problem: Problem, seed: int, jobs: int) -> dict[str, BaseEstimator]:
    """Return the models by name, each a pipeline that prepares the rows first. A new model is one line here."""

    def plain(estimator: BaseEstimator) -> Pipeline:
        return Pipeline([("prepare", _preparation(problem)), ("model", estimator)])

    def tuned(estimator: BaseEstimator, grid: dict[str, list[Any]]) -> GridSearchCV:
        inner = _splitter(problem, INNER_FOLDS, seed)
        grid = {f"model__{name}": values for name, values in grid.items()}
        return GridSearchCV(plain(estimator), grid, cv=inner, n_jobs=jobs, error_score="raise")

    if problem.task == "regression":
        return {
            "k-NN": plain(KNeighborsRegressor()),
            # C and epsilon are in units of the target
            "SVM": plain(TransformedTargetRegressor(SVR(), transformer=StandardScaler())),
            "ridge": plain(Ridge()),
            "MLP": tuned(MLPRegressor(random_state=seed), HIDDEN_UNITS),
        }
    classifiers = {
        "k-NN": plain(KNeighborsClassifier()),
        "SVM": plain(SVC()),
        "perceptron": plain(PerceptronClassifier(random_state=seed)),
        "MLP": tuned(MLPClassifier(random_state=seed), HIDDEN_UNITS),
    }
    if problem.image_shape:
        net = ConvNetClassifier(image_shape=problem.image_shape, max_iter=CONVNET_EPOCHS, random_state=seed)
        classifiers["convnet"] = plain(net)
    return classifiers


def score_name(problem: Problem) -> str:
    """Return the name of the score."""
    return "R2" if problem.task == "regression" else "accuracy"


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
    score = (r2_score if problem.task == "regression" else accuracy_score)(problem.y[held_out], predicted)
    return Fold(float(score), search, fitted - start - search, end - fitted, best)


def _mean(folds: list[Fold], what: str) -> float:
    return fmean(getattr(fold, what) for fold in folds)


def _spread(folds: list[Fold]) -> float:
    return pstdev(fold.score for fold in folds)


def _settings(parameters: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in parameters.items())


def _duration(seconds: float) -> str:
    if seconds == 0:
        return ""
    return f"{1000 * seconds:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"
