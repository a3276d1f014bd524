"""Patience ends after so many rounds without a fall."""

import math

import pytest

from sknn_scratch.nn.patience import Patience


@pytest.mark.parametrize(
    ("tol", "rounds", "values", "over"),
    [
        (0, 2, [5, 4, 3, 2, 1], None),
        (0, 2, [5, 6, 6], 2),
        (0, 3, [5, 6, 4, 6, 6, 3, 7, 7, 7], 8),
        (0, 3, [5, 5, 5], None),  # not falling at all, but no more than tol = 0 short of it
        (0.1, 2, [5, 4.95, 4.94], 2),  # falls that are too small
        (0.1, 2, [5, 4.95, 4.84], None),  # together they are large enough: best is 4.95
        (1, 1, [5, 4.5], 1),
        (0.1, math.inf, [5] * 1000, None),
    ],
)
def test_when_it_is_over(tol, rounds, values, over):
    patience = Patience(tol, rounds)
    best, answers = zip(*map(patience.judge, values), strict=True)
    assert best == tuple(value == min(values[: i + 1]) for i, value in enumerate(values))
    assert (answers.index(True) if any(answers) else None) == over
    assert patience.best == min(values)


def test_goes_on_where_another_stopped():
    first = Patience(0, 3)
    assert not any(first.judge(value)[1] for value in [5, 6, 6])
    second = Patience(0, 3)
    second.restore(first.state())
    assert second == first
    assert second.judge(6) == (False, True)
