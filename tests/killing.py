"""Run as a program: train in processes that are killed (SIGKILL) at random moments, and again until they finish.

A process of its own, since it forks: no other thread is running and nothing is imported anew each time.
"""

import os
import signal
import sys
import time
import warnings
from pathlib import Path

import numpy as np

from sknn_scratch import ConvNetClassifier
from tests.learned import numbers

N_KILLS = 20
rng = np.random.default_rng(0)
X = rng.normal(size=(200, 64))
Y = (X[:, :32].sum(axis=1) > 0).astype(int)


def train(seed, checkpoint, result):
    """Start a process that trains and leaves the numbers of its network in the file `result`."""
    pid = os.fork()
    if pid:
        return pid
    warnings.simplefilter("ignore")
    model = ConvNetClassifier(
        filters=(4,), hidden_layer_sizes=(10,), dropout=0.2, early_stopping=True, n_iter_no_change=99, max_iter=15,
        batch_size=16, random_state=seed, checkpoint=checkpoint,
    )  # fmt: skip
    part = result.with_suffix(".part.npy")
    np.save(part, numbers(model.fit(X, Y)))
    part.rename(result)
    os._exit(0)


def main(folder):
    """Print how often a training was killed, and how many of these had a checkpoint of some epochs to go on from."""
    n_kills, n_useful, seed = 0, 0, 0
    while n_kills < N_KILLS:
        checkpoint, whole, resumed = (folder / f"{seed}.{end}" for end in ("npz", "whole.npy", "resumed.npy"))
        started = time.perf_counter()
        os.waitpid(train(seed, None, whole), 0)
        seconds = time.perf_counter() - started
        before = n_kills
        while not resumed.exists():
            pid = train(seed, checkpoint, resumed)
            if n_kills < min(N_KILLS, before + 7):
                time.sleep(rng.uniform(0, seconds))
                os.kill(pid, signal.SIGKILL)
            status = os.waitpid(pid, 0)[1]
            n_kills += os.WIFSIGNALED(status)
            if checkpoint.exists():
                with np.load(checkpoint) as file:
                    n_useful += os.WIFSIGNALED(status) and file["n_epochs"] > 0
        np.testing.assert_array_equal(np.load(resumed), np.load(whole))
        seed += 1
    print(n_kills, n_useful)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
