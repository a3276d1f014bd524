"""Schedules: a table of them times a list of laws, and rates worked by hand."""

import math
from itertools import pairwise

import pytest

from sknn_scratch.nn.schedules import Adaptive, Constant, Cosine, Exponential, Inverse, InvScaling, Linear, StepDecay
from tests.nn.tables import FALLING_SCHEDULES, SCHEDULES, label

every_schedule = pytest.mark.parametrize("schedule", SCHEDULES, ids=label)
every_falling_schedule = pytest.mark.parametrize("schedule", FALLING_SCHEDULES, ids=label)

QUARTERS = range(4 * 60)  # four steps an epoch, a plateau every seven epochs
PROGRESS = [(quarter / 4, quarter, quarter // 28) for quarter in QUARTERS]


@pytest.mark.parametrize(
    ("schedule", "epochs", "steps", "plateaus", "rate"),
    [
        (Constant(), 1000, 1000, 1000, 0.8),
        # half every 10 epochs (lecture row 11)
        (StepDecay(), 9.99, 0, 0, 0.8),
        (StepDecay(), 10, 0, 0, 0.4),
        (StepDecay(), 25, 0, 0, 0.2),
        (StepDecay(every=2, factor=0.1), 4.5, 0, 0, 0.008),
        (Inverse(0.5), 2, 0, 0, 0.4),
        (Inverse(0.5), 6.9, 0, 0, 0.2),
        (Exponential(math.log(2)), 3, 0, 0, 0.1),
        (Exponential(math.log(2)), 3.9, 0, 0, 0.1),
        (InvScaling(), 0, 0, 0, 0.8),
        (InvScaling(), 0, 3, 0, 0.4),
        (InvScaling(2), 0, 3, 0, 0.05),
        (Adaptive(), 50, 50, 0, 0.8),
        (Adaptive(), 50, 50, 2, 0.032),
        (Cosine(12, floor=0.01), 0, 0, 0, 0.8),
        (Cosine(12, floor=0.01), 4, 0, 0, 0.602),  # cos 60 degrees: .01 + .99 * .75 = .7525
        (Cosine(12, floor=0.01), 6, 0, 0, 0.404),
        (Cosine(12, floor=0.01), 12, 0, 0, 0.008),
        (Cosine(12, floor=0.01), 99, 0, 0, 0.008),
        (Cosine(12, floor=0.5), 99, 0, 0, 0.4),
        (Linear(8), 0, 0, 0, 0.8),
        (Linear(8), 6, 0, 0, 0.2),
        (Linear(8, floor=0.5), 6, 0, 0, 0.4),
    ],
    ids=label,
)
def test_rates_by_hand(schedule, epochs, steps, plateaus, rate):
    assert schedule.rate(0.8, epochs, steps, plateaus) == pytest.approx(rate, rel=1e-14)


@every_schedule
def test_is_positive_and_at_most_the_largest_rate(schedule):
    assert all(0 < schedule.rate(0.3, *progress) <= 0.3 for progress in PROGRESS)


@every_schedule
def test_remembers_nothing(schedule):
    forth = [schedule.rate(0.3, *progress) for progress in PROGRESS]
    back = [schedule.rate(0.3, *progress) for progress in reversed(PROGRESS)]
    assert forth == back[::-1]


@every_schedule
def test_is_in_proportion_to_the_largest_rate(schedule):
    for progress in PROGRESS:
        assert schedule.rate(0.6, *progress) == pytest.approx(2 * schedule.rate(0.3, *progress), rel=1e-14)


@every_schedule
def test_plateaus_lower_the_rate_of_those_that_say_so(schedule):
    assert (schedule.rate(1, 5, 5, 1) < schedule.rate(1, 5, 5, 0)) == schedule.lowers_on_plateau


@every_falling_schedule
def test_starts_at_the_largest_rate(schedule):
    assert schedule.rate(0.3, 0, 0, 0) == 0.3


@every_falling_schedule
def test_never_rises(schedule):
    rates = [schedule.rate(0.3, *progress) for progress in PROGRESS]
    assert all(later <= earlier for earlier, later in pairwise(rates))
