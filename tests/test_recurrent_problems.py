"""Recurrent networks on problems with known answers: the bounds of what examples/benchmarks/recurrent.py measures."""

import os
from pathlib import Path

import numpy as np
import pytest

from examples.benchmarks import recurrent

SERIES = Path(os.environ.get("SKNN_SCRATCH_SERIES", Path(__file__).parents[2] / "shared" / "data" / "series"))
needs_series = pytest.mark.skipif(not SERIES.is_dir(), reason="SKNN_SCRATCH_SERIES names no folder")


def test_xor_in_time():
    np.testing.assert_allclose(recurrent.xor_in_time(0), [0.25, 0.25, 0], atol=0.01)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # of the simple network
def test_adding_problem():
    lstm = recurrent.adding("lstm", 0)
    assert lstm < 0.01
    assert lstm < recurrent.adding("simple", 0) / 5


def test_first_symbol():
    assert recurrent.first_symbol(0) == 1


@needs_series
@pytest.mark.parametrize(("name", "accuracy"), [("JapaneseVowels", 0.97), ("ItalyPowerDemand", 0.955)])
def test_classification_of_series(name, accuracy):
    assert np.mean([recurrent.classify(SERIES, name, seed) for seed in range(2)]) >= accuracy


@needs_series
def test_passengers():
    forecast, naive = np.mean([recurrent.passengers(SERIES, seed) for seed in range(3)], axis=0)
    assert naive == pytest.approx(15.4, abs=0.05)
    assert forecast <= naive
