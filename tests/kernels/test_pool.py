"""The pool keeps the order of its arguments, and a task may use the pool that runs it."""

import threading

import pytest

from zisk.kernels.pool import Pool, default_pool


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_arguments(threads: int) -> None:
    assert Pool(threads).map(lambda a, b: 10 * a + b, range(50), range(50)) == [11 * k for k in range(50)]


def test_one_thread_runs_inline() -> None:
    assert Pool(1).map(lambda _: threading.get_ident(), range(3)) == [threading.get_ident()] * 3


def test_task_may_use_its_own_pool() -> None:
    pool = Pool(2)
    assert pool.map(lambda k: sum(pool.map(lambda j: j * k, range(4))), range(8)) == [6 * k for k in range(8)]


@pytest.mark.parametrize("threads", [1, 3])
def test_first_exception_is_raised(threads: int) -> None:
    def fail(k: int) -> None:
        if k > 1:
            raise RuntimeError(f"task {k}")

    with pytest.raises(RuntimeError, match="task 2"):
        Pool(threads).map(fail, range(5))


def test_the_caller_and_its_helpers_are_as_many_as_threads() -> None:
    together = threading.Barrier(3)  # passed only by three tasks at a time

    def meet(_: int) -> int:
        together.wait(timeout=20)
        return threading.get_ident()

    found = set(Pool(3).map(meet, range(3)))
    assert len(found) == 3
    assert threading.get_ident() in found


def test_a_pool_works_after_a_failure() -> None:
    pool = Pool(2)
    with pytest.raises(ZeroDivisionError):
        pool.map(lambda k: 1 // k, range(3))
    assert pool.map(lambda k: -k, range(3)) == [0, -1, -2]


def test_sequences_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Pool(2).map(lambda a, b: a + b, range(3), range(2))


@pytest.mark.parametrize(("threads", "length", "smallest"), [(1, 10, 1), (3, 10, 1), (3, 10, 4), (4, 0, 1)])
def test_chunks_cover_the_range_once(threads: int, length: int, smallest: int) -> None:
    covered = [k for start, stop in Pool(threads).chunks(length, smallest) for k in range(start, stop)]
    assert covered == list(range(length))


def test_no_chunk_is_larger_than_allowed() -> None:
    assert Pool(1).chunks(10, largest=4) == [(0, 3), (3, 6), (6, 10)]


def test_pool_without_threads_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one thread, not 0"):
        Pool(0)


def test_process_has_one_default_pool() -> None:
    assert default_pool() is default_pool()
    assert default_pool().threads >= 1
