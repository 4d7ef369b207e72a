"""Memory of large arrays is handed out again once they and all their views are gone."""

import threading

import numpy as np
import pytest

from zisk.kernels.workspace import GRAIN_BYTES, LEAST_BYTES, Workspace

LARGE = LEAST_BYTES


def address(array: np.ndarray) -> int:
    return array.__array_interface__["data"][0]


def test_small_arrays_are_numpys_own() -> None:
    array = Workspace().empty((LARGE // 4 - 1,))
    assert array.flags.owndata
    assert array.dtype == np.uint32


@pytest.mark.parametrize("dtype", [np.uint32, np.int64])
def test_arrays_are_like_those_of_numpy(dtype: type) -> None:
    array = Workspace().empty((3, 5, LARGE), dtype)
    assert (array.shape, array.dtype) == ((3, 5, LARGE), np.dtype(dtype))
    assert array.flags.c_contiguous
    assert array.flags.writeable
    assert array.flags.aligned


def test_memory_comes_back_with_the_last_view() -> None:
    workspace = Workspace()
    array = workspace.zeros((4, LARGE))
    place, corner = address(array), array[2:, :5].T
    del array
    assert address(workspace.empty((4, LARGE))) != place, "a view still refers to it"
    corner[:] = 7
    del corner
    again = workspace.empty((4, LARGE))
    assert address(again) == place
    assert again[2, 0] == 7, "it is the same memory, as it was left"
    assert not workspace.zeros((4, LARGE)).any()


def test_a_little_less_is_served_from_the_same_memory_and_much_less_is_not() -> None:
    workspace = Workspace()
    place = address(workspace.empty((4 * LARGE,), np.uint8))
    assert address(workspace.empty((2 * LARGE,), np.uint8)) != place
    assert address(workspace.empty((3 * LARGE + 1,), np.uint8)) == place
    assert address(workspace.empty((5 * LARGE,), np.uint8)) != place


def test_no_two_living_arrays_share_memory() -> None:
    """Threads take and drop arrays of a few sizes, each filled with its own number."""
    workspace, wrong = Workspace(), []

    def work(number: int) -> None:
        kept: list[np.ndarray] = []
        for step in range(60):
            array = workspace.empty((LARGE + (step % 3) * GRAIN_BYTES,), np.uint8)
            array.fill(number)
            kept.append(array)
            if len(kept) > 3:
                oldest = kept.pop(0)
                if not np.all(oldest == number):
                    wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_idle_memory_keeps_to_its_bound() -> None:
    """What came back first goes first, and more goes to make room for what is fresh."""
    workspace = Workspace(idle_bytes=3 * LARGE)
    arrays = [workspace.empty((LARGE,), np.uint8) for _ in range(5)]
    places = [address(array) for array in arrays]
    while arrays:
        del arrays[0]
    assert [len(one) for one in workspace._idle] == [LARGE] * 3
    large = workspace.empty((2 * LARGE,), np.uint8)
    assert [len(one) for one in workspace._idle] == [LARGE]
    assert address(workspace.empty((LARGE,), np.uint8)) == places[-1]
    assert large.size == 2 * LARGE
