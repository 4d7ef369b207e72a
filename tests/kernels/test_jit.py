"""Compiled kernels are kept on disk, one file per signature, and a damaged file is made anew."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from zisk.kernels.jit import borrowing_kernel, kernel

PROGRAM = """
import numpy as np
from zisk.kernels.jit import inline_kernel, kernel

@inline_kernel
def double(x):
    return x + x

@kernel
def total(values):
    result = 0
    for value in values:
        result += double(value)
    return result

print(total(np.arange(5)), sum(total._cache_hits.values()), sum(total._cache_misses.values()))
"""


def run_program(cache: Path, program: str = PROGRAM, told: str = "") -> str:
    """The output of a program with this cache folder, and with the folder beside it for temporary files."""
    script = cache.parent / "program.py"
    script.write_text(program)
    environment = {
        **os.environ,
        "ZISK_CACHE_DIR": str(cache),
        "TMPDIR": str(cache.parent),
        "PYTHONPATH": ":".join(filter(None, sys.path)),
    }
    finished = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True)
    assert finished.stderr == told
    return finished.stdout


def files(cache: Path) -> list[Path]:
    return sorted(path for path in cache.rglob("*") if path.is_file())


def test_second_process_loads_what_the_first_compiled(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert run_program(cache) == "20 0 1\n"
    assert len(files(cache)) == 2
    assert run_program(cache) == "20 1 0\n"


def test_damaged_file_is_compiled_again(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    run_program(cache)
    for path in files(cache):
        path.write_bytes(path.read_bytes()[:-1])
    assert run_program(cache) == "20 0 1\n"
    assert run_program(cache) == "20 1 0\n"


def test_changed_constant_of_the_module_is_compiled_again(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    program = "SCALE = 2\n" + PROGRAM.replace("+= double(value)", "+= SCALE * value")
    assert run_program(cache, program) == "20 0 1\n"
    assert run_program(cache, program.replace("SCALE = 2", "SCALE = 3")) == "30 0 1\n"


def test_machine_code_that_others_may_have_written_is_not_run(tmp_path: Path) -> None:
    """What is refused is told in one line, and what is compiled instead is found again."""
    cache = tmp_path / "cache"
    assert run_program(cache) == "20 0 1\n"
    cache.chmod(0o777)
    told = (
        f"{cache} is refused as a cache: others than you and root may change what it holds; "
        "run chmod go-w on it and on the folders above it, or set ZISK_CACHE_DIR to a folder of your own\n"
    )
    assert run_program(cache, told=told) == "20 0 1\n"
    assert run_program(cache, told=told) == "20 1 0\n"


READ_ONLY = """
import os
import numba
total(np.arange(5, dtype=np.int32))
numba.njit(total.py_func)(np.ones(5, np.float32))  # imports all that a compiler takes, while it may be read
read_only = os.stat(os.environ["ZISK_CACHE_DIR"]).st_mode & 0o222 == 0
if read_only and os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65_534)
    os.setuid(65_534)
before = sum(total._cache_hits.values())
print(total(np.arange(5)), sum(total._cache_hits.values()) - before, read_only and total(np.arange(5.0)))
"""


def test_machine_code_that_cannot_be_written_is_run_and_what_is_new_is_kept_beside_it() -> None:
    """Root can write it all the same, and so becomes another user."""
    program = PROGRAM.rpartition("print")[0] + READ_ONLY
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        cache = place / "cache"
        place.chmod(0o1777)
        assert run_program(cache, program) == "20 0 False\n"
        kept = files(cache)
        for path in kept:
            path.chmod(0o444)
        for folder in (cache / "kernels", cache):
            folder.chmod(0o555)
        assert run_program(cache, program) == "20 1 20.0\n"
        assert files(cache) == kept
        [own] = place.glob("zisk-*")
        assert len(files(own)) == 2


def test_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.write_text("a file where the folder should be")
    assert run_program(cache) == "20 0 1\n"
    assert run_program(cache) == "20 1 0\n"


def test_package_does_not_load_numba() -> None:
    program = "import sys, zisk.kernels, zisk.field, zisk.hash; print('numba' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": ":".join(filter(None, sys.path))}
    finished = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True
    )
    assert finished.stdout == "False\n"


@borrowing_kernel
def larger(values, other, at):
    """The larger of two entries; either array is read behind a branch."""
    if values[at] > other[at]:
        return values[at]
    return other[at]


@kernel
def total_of_larger(values, other):
    """Sum of the larger entries."""
    total = 0
    for at in range(values.size):
        total += larger(values, other, at)
    return total


def test_borrowed_arrays_have_as_many_references_after_a_call() -> None:
    values, other = np.array([1, 5, 2]), np.array([4, 3, 9])
    before = sys.getrefcount(values), sys.getrefcount(other)
    assert total_of_larger(values, other) == 4 + 5 + 9
    assert (sys.getrefcount(values), sys.getrefcount(other)) == before
