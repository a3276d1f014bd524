"""What a step of a small network costs in calls: nearly all of it is Python's overhead, and calls can be counted."""

import sys

import numpy as np
import pytest
from sklearn.datasets import load_iris

from sknn_scratch import MLPClassifier

X, Y = (a[:150] for a in load_iris(return_X_y=True))
X = X + np.arange(150)[:, None] * 1e-9  # no two rows are equal


def calls(n_epochs, **settings):
    """Return how many functions, Python's and C's, a fit calls."""
    model = MLPClassifier(
        (16,), batch_size=15, max_iter=n_epochs, n_iter_no_change=np.inf, random_state=0, learning_rate="constant",
        **settings,
    )  # fmt: skip
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        model.fit(X, Y)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("settings", "most"), [({}, 95), ({"solver": "sgd"}, 95)], ids=str)
def test_calls_of_a_step(settings, most):
    """`most` is a tenth above what was counted when this was written; ten steps are an epoch, whose own calls count."""
    calls(1, **settings)  # the first fit of a process also imports
    per_step = (calls(12, **settings) - calls(2, **settings)) / 100
    assert per_step < most
