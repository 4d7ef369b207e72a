"""Keys that are kept: found again by the same user and code, and where nobody else could have put them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import zisk
from zisk.sdk import key_cache

PACKAGE = Path(zisk.__file__).parent


@pytest.fixture
def kept(key_folder: Path) -> Path:
    """The file of a key that is kept."""
    key_cache.store(b"elf", 16, 128, b"key")
    assert key_cache.load(b"elf", 16, 128) == b"key"
    [place] = key_folder.rglob("*.vk")
    return place


def test_a_key_is_of_one_guest_size_and_level(kept: Path) -> None:
    assert [key_cache.load(*other) for other in ((b"e", 16, 128), (b"elf", 18, 128), (b"elf", 16, 100))] == [
        None
    ] * 3


def test_keys_of_other_code_are_not_found(kept: Path) -> None:
    kept.parent.rename(kept.parent.with_name("keys-0123456789abcdef"))
    assert key_cache.load(b"elf", 16, 128) is None


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_where_others_may_write_no_key_is_found(kept: Path, steps: int) -> None:
    """The file, its folder, the cache folder, and the folder of that: who writes these can put keys there."""
    changed = [kept, *kept.parents][steps]
    changed.chmod(changed.stat().st_mode | 0o020)
    assert key_cache.load(b"elf", 16, 128) is None


def linked(kept: Path) -> None:
    kept.rename(kept.with_name("other"))
    kept.symlink_to("other")


def replaced_by_a_folder(kept: Path) -> None:
    kept.unlink()
    kept.mkdir()


@pytest.mark.parametrize("change", [linked, replaced_by_a_folder, Path.unlink])
def test_a_key_is_a_file_in_its_own_folder(kept: Path, change: Callable[[Path], None]) -> None:
    change(kept)
    assert key_cache.load(b"elf", 16, 128) is None


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, as Python leaves it after it was run."""
    copy = tmp_path / "zisk"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "__pycache__").mkdir()
    (copy / "__pycache__" / "version.pyc").write_bytes(b"compiled")
    return copy


def digest_of(package: Path) -> str:
    key_cache._package_digest.cache_clear()
    return key_cache._package_digest(package)


def test_the_digest_is_that_of_the_package_and_not_of_what_python_compiles(package: Path) -> None:
    assert digest_of(package) == digest_of(PACKAGE)


@pytest.mark.parametrize(
    "name",
    [
        "version.py",
        "kernels/parameters.py",
        "kernels/cpu/field.py",
        "hash/__init__.py",
        "recursion/shapes.py",
        "recursion/keys.json",
        "vm/tables/__init__.py",
        "cluster/errors.py",
        "data/sha-hasher.elf",
    ],
)
def test_every_file_of_the_package_counts(name: str, package: Path) -> None:
    before = digest_of(package)
    text = (package / name).read_bytes()
    (package / name).write_bytes(text + b"\n")
    changed = digest_of(package)
    (package / name).write_bytes(text)
    (package / name).rename(package / f"{name}.py")
    assert len({before, changed, digest_of(package)}) == 3
