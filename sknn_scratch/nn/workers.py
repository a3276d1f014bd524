"""Workers are threads that share out independent pieces of numpy work, while BLAS keeps to one thread."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import numpy as np
from threadpoolctl import OpenBLASController, ThreadpoolController

Run = Callable[[Callable[[Any], Any], Iterable[Any]], list[Any]]  # run(task, items) = [task(item) for item in items]

_lock = threading.Lock()
_inside = 0  # how many `workers` are open in this process
_limit: Any = None  # the one limit they share


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()  # 1 ms, so made once a process and only where it is needed


def _in_control(call: Callable[[], Any]) -> Any:
    """Call from a thread of its own that may set limits.

    To threadpoolctl >= 3.8 the limit belongs to one thread while that thread lives, and others set nothing, silently.
    So the right is taken from whoever has it, as inside of `threadpool_limits`, and is free again afterwards.
    """
    take = getattr(OpenBLASController, "clear_controlling_thread", lambda force: None)
    with ThreadPoolExecutor(1, initializer=partial(take, force=True)) as thread:
        return thread.submit(call).result()


@contextmanager
def one_blas_thread() -> Iterator[int]:
    """Limit BLAS to one thread; give the number it had. In and out takes 0.4 ms.

    A limit on BLAS holds for the whole process. So the first one in sets it and the last one out lifts it: fits in
    several threads at once leave the number of BLAS threads as they found it.
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


@contextmanager
def workers() -> Iterator[Run]:
    """Give a function that maps a task over items, on as many threads as BLAS would use.

    Within joblib's workers BLAS has one thread, so nothing is oversubscribed.
    """
    # What numpy does with floating-point errors is a setting of each thread; divergence is looked for elsewhere.
    quiet = partial(np.seterr, all="ignore")
    with one_blas_thread() as n_threads, ThreadPoolExecutor(n_threads, initializer=quiet) as pool:
        yield lambda task, items: list(pool.map(task, items))
