"""Workers share out work and leave BLAS as they found it."""

import threading

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController, threadpool_info, threadpool_limits

from sknn_scratch.nn.workers import one_blas_thread, workers


@pytest.fixture(autouse=True)
def _two_blas_threads():
    """Also where the tests themselves run in parallel, with one each.

    Set from threads that end: from threadpoolctl 3.8 on, the first to set a number keeps all others from doing so.
    """
    limits = []
    controller = ThreadpoolController()
    in_passing(lambda: limits.append(controller.limit(limits=2, user_api="blas")))
    yield
    in_passing(limits[0].restore_original_limits)


def in_passing(task):
    thread = threading.Thread(target=task)
    thread.start()
    thread.join()


def blas_threads():
    return {info["filepath"]: info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"}


def test_results_come_in_order():
    with workers() as run:
        assert run(lambda i: i * i, range(100)) == [i * i for i in range(100)]


def test_error_of_a_task_is_the_callers():
    before = blas_threads()
    with pytest.raises(ZeroDivisionError), workers() as run:
        run(lambda i: 1 // i, range(3))
    assert blas_threads() == before


def test_blas_has_one_thread_inside_and_its_own_number_after_the_last():
    before = blas_threads()
    assert set(before.values()) == {2}
    with workers():
        with workers():
            pass
        assert set(blas_threads().values()) <= {1}
    assert blas_threads() == before


def test_one_blas_thread_says_how_many_there_were():
    before = blas_threads()
    with one_blas_thread() as n_threads:
        assert n_threads == 2
        assert set(blas_threads().values()) == {1}
    assert blas_threads() == before


def test_limits_set_by_others_are_taken_over_and_given_back():
    """threadpoolctl would refuse without a word while another thread is within its own limit."""
    with threadpool_limits(2, user_api="blas"):
        with workers():
            assert set(blas_threads().values()) == {1}
        assert set(blas_threads().values()) == {2}
    with threadpool_limits(1, user_api="blas"):
        assert set(blas_threads().values()) == {1}
    assert set(blas_threads().values()) == {2}


def test_overlapping_in_threads_leaves_blas_as_it_was():
    """The first one in is the first one out here."""
    before = blas_threads()
    second_is_in, first_is_out = threading.Event(), threading.Event()

    def second():
        with workers():
            second_is_in.set()
            first_is_out.wait()

    thread = threading.Thread(target=second)
    with workers():
        thread.start()
        second_is_in.wait()
    first_is_out.set()
    thread.join()
    assert blas_threads() == before


def test_overflow_in_a_task_is_no_warning():
    """As in the caller, who looks for divergence by itself."""
    with workers() as run:
        assert run(lambda x: np.float64(x) * x, [1e300]) == [np.inf]
