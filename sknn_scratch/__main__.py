"""The command line: `python -m sknn_scratch` compares k-NN, SVM, a perceptron, an MLP and a convnet on one problem."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from .comparison import problem as problems
from .comparison.comparison import CONVNET_EPOCHS, INNER_FOLDS, Comparison, compare
from .comparison.picture import draw
from .comparison.problem import Problem
from .comparison.progress import Progress

MNIST_ROWS = 5_000


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with status 2."""
        self.exit(2, f"{self.prog}: error: {' '.join(message.split())}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison and return the exit status."""
    parser = _parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        data = [f" Did you mean --data {name}?" for name in unknown if name in problems.NAMES or Path(name).is_file()]
        parser.error(f"unrecognized arguments: {' '.join(unknown)}.{''.join(data[:1])}")
    try:
        problem = _problem(options)
        _tell(f"{problem}\n")
        progress = Progress(sys.stderr) if sys.stderr.isatty() else None
        comparison = compare(problem, options.folds, options.seed, options.jobs, _tell, progress)
        if not comparison.finished:
            _tell("interrupted\n")
        if comparison.folds:
            parts = filter(None, (comparison.shares(), comparison.table(), _legend(comparison)))
            print("\n" + "\n\n".join(parts))
        if options.json:
            options.json.write_text(json.dumps(comparison.as_dict(), indent=2) + "\n", encoding="utf-8")
        if options.plot and comparison.folds:
            draw(comparison, _tell).savefig(options.plot)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        _tell("interrupted\n")
        return 130
    return 0 if comparison.finished else 130


def _parser() -> Parser:
    parser = Parser(
        prog="python -m sknn_scratch",
        description="Compare a baseline, k-NN, SVM, a perceptron (for regression, ridge), an MLP whose hidden "
        "units are tuned inside the folds, and for images a convnet, on the same rows and the same folds.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--data", default="digits", help=f"{', '.join(problems.NAMES)}, or a CSV file with a header (default: digits)")
    add("--target", metavar="COLUMN", help="the column of the CSV file to predict")
    add(
        "--task",
        choices=problems.TASKS,
        help="what to do with the target of the CSV file (default: classification for text and for whole numbers of "
        f"at most {problems.FEW_CLASSES} different values, else regression)",
    )
    add("--folder", type=Path, help="where the four IDX files of MNIST are (default: download from OpenML)")
    add("--folds", type=_at_least(2), default=5, help="number of folds (default: 5)")
    add("--rows", type=_at_least(1), help=f"use this many rows, drawn at random (default: all; mnist: {MNIST_ROWS:,})")
    add("--seed", type=_at_least(0), default=0, help="seed of folds, initial values and drawn rows (default: 0)")
    add("--jobs", type=_at_least(1), default=1, help="processes that share a search (default: 1)")
    add("--json", metavar="FILE", type=_new_file, help="keep everything that was measured")
    add("--plot", metavar="FILE", type=_picture, help="keep a picture of it (needs matplotlib)")
    return parser


def _problem(options: argparse.Namespace) -> Problem:
    data, named = options.data, options.data in problems.NAMES
    if named and (options.target or options.task):
        raise ValueError(f"--target and --task are for CSV files, {data} knows its own.")
    if options.folder and data != "mnist":
        raise ValueError(f"--folder is for --data mnist, got --data {data}.")
    if not named and not Path(data).exists():
        raise ValueError(f"There is no file {data!r}, and no data of this name. Known: {', '.join(problems.NAMES)}.")
    _tell(f"{data}: {'downloading' if data == 'mnist' and not options.folder else 'reading'} ...\n")
    whole = problems.load(data, options.folder) if named else problems.read_csv(data, options.target, options.task)
    _tell("".join(f"{remark}\n" for remark in whole.remarks))
    problem = whole.sample(options.rows or (MNIST_ROWS if data == "mnist" else len(whole.y)), options.seed)
    if len(problem.y) < len(whole.y):
        _tell(f"{len(problem.y):,} of {len(whole.y):,} rows, drawn at random; --rows says how many.\n")
    return problem


def _legend(comparison: Comparison) -> str:
    convnet = f", but for the convnet's {CONVNET_EPOCHS} epochs" if "convnet" in comparison.folds else ""
    answer = "the mean" if comparison.problem.task == "regression" else "the most frequent class"
    uneven = (
        "Balanced accuracy: the mean recall of the classes. ROC AUC: each class against all others, mean of\n"
        "the classes; n/a where a fold lacks a class.\n"
    )
    return (
        f"The baseline always predicts {answer} of the rows it learns from.\n"
        f"{uneven if len(comparison.shown_scores) > 1 else ''}"
        f"Score: mean +- standard deviation over {comparison.n_folds} folds. Times: mean of a fold, on one thread.\n"
        f"The hidden units of the MLP: by a {INNER_FOLDS}-fold search per fold; learn is the time of the best.\n"
        f"All other parameters have their defaults{convnet}."
    )


def _tell(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)


def _at_least(smallest: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < smallest:
            raise argparse.ArgumentTypeError(f"must be a whole number of at least {smallest}, got {text!r}")
        return int(text)

    return number


def _new_file(text: str) -> Path:
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"cannot write a file {text!r}")
    return path


def _picture(text: str) -> Path:
    if not find_spec("matplotlib"):
        raise argparse.ArgumentTypeError("needs matplotlib, which is not installed: pip install matplotlib")
    from matplotlib.figure import Figure

    endings = sorted(Figure().canvas.get_supported_filetypes())
    if Path(text).suffix.lstrip(".").lower() not in endings:
        raise argparse.ArgumentTypeError(f"takes a file that ends in one of {', '.join(endings)}, got {text!r}")
    return _new_file(text)


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # all is imported: Ctrl-C prints what is finished from now on
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
