"""Threads for independent pieces of numpy work, with BLAS limited to one thread."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache, partial
from typing import Any

import numpy as np
from threadpoolctl import OpenBLASController, ThreadpoolController

Map = Callable[[Callable[[Any], Any], Iterable[Any]], list[Any]]  # map(task, items) = [task(item) for item in items]

# Multiplications in a product, from which on OpenBLAS shares it out among threads of its own, which wait for each other
# by spinning: where others keep the cores busy, it takes 10 to 50 times as long.
BLAS_SHARES = 2**18

_lock = threading.Lock()
_inside = 0  # how many `workers` are open in this process
_limit: Any = None  # the one limit they share


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()  # 1 ms, so made once a process and only where it is needed


def _in_control(call: Callable[[], Any]) -> Any:
    """Call in a new thread that may set limits.

    In threadpoolctl >= 3.8 only one thread may set limits while it lives; in others this does nothing, silently. So
    control is taken by force, as inside of `threadpool_limits`, and is free again afterwards.
    """
    take = getattr(OpenBLASController, "clear_controlling_thread", lambda force: None)
    with ThreadPoolExecutor(1, initializer=partial(take, force=True)) as thread:
        return thread.submit(call).result()


@contextmanager
def one_blas_thread() -> Iterator[int]:
    """Limit BLAS to one thread; yield the previous number. Takes 0.6 ms.

    A limit on BLAS holds for the whole process. So the first context sets it and the last one restores it: fits in
    several threads at once do not change the number of BLAS threads.
    """
    global _inside, _limit
    with _lock:
        _inside += 1
        if _inside == 1:
            _limit = _in_control(lambda: _controller().limit(limits=1, user_api="blas"))
        n_threads = _limit.get_original_num_threads()["blas"] or 1
    try:
        yield n_threads
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _in_control(_limit.restore_original_limits)


def in_one_thread(product: int) -> AbstractContextManager[object]:
    """Return a context for products of so many multiplications, in which BLAS does not spin."""
    return one_blas_thread() if product >= BLAS_SHARES else nullcontext()


@contextmanager
def workers() -> Iterator[Map]:
    """Yield a function that maps a task over items, on as many threads as BLAS would use.

    Within joblib's workers BLAS has one thread, so nothing is oversubscribed.
    """
    # numpy's handling of floating-point errors is set per thread; divergence is detected once an epoch.
    quiet = partial(np.seterr, all="ignore")
    with one_blas_thread() as n_threads, ThreadPoolExecutor(n_threads, initializer=quiet) as pool:
        yield lambda task, items: list(pool.map(task, items))
