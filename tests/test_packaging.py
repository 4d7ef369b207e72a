"""What a user gets from `pip install`."""

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

import zisk

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_version_is_written_once() -> None:
    assert version("pyzisk") == zisk.__version__


def test_the_commands_are_these() -> None:
    scripts = {
        point.name: point.value
        for point in entry_points(group="console_scripts")
        if point.dist is not None and point.dist.name == "pyzisk"
    }
    assert scripts == {
        "zisk": "zisk.cli.main:main",
        "zisk-coordinator": "zisk.cli.coordinator:main",
        "zisk-worker": "zisk.cli.worker:main",
    }


def test_every_command_can_be_loaded() -> None:
    for point in entry_points(group="console_scripts"):
        if point.dist is not None and point.dist.name == "pyzisk":
            assert callable(point.load())


def test_every_dependency_has_its_line() -> None:
    needed = PROJECT["dependencies"] + [
        each for extra in PROJECT["optional-dependencies"].values() for each in extra
    ]
    names = sorted(re.split(r"[<>=\[ ]", each)[0] for each in needed)
    page = (ROOT / "docs" / "dependencies.md").read_text()
    assert sorted(re.findall(r"^\| ([a-z0-9-]+) \|", page, re.MULTILINE)[0:]) == sorted(
        [*names, *["distribution"] * 2]
    )


def test_every_page_that_is_linked_exists() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    missing = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert missing == []


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_nothing_else(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, ROOT],
        check=True,
    )
    [wheel] = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    package = {f"zisk/{path.relative_to(ROOT / 'src/zisk')}" for path in source_files()}
    info = f"pyzisk-{zisk.__version__}.dist-info"
    assert {name for name in names if not name.startswith(info)} == package
    assert {name.removeprefix(info) for name in names if name.startswith(info)} == {
        "/METADATA",
        "/RECORD",
        "/WHEEL",
        "/entry_points.txt",
        "/licenses/LICENSE-APACHE",
        "/licenses/LICENSE-MIT",
    }
    assert {
        "zisk/py.typed",
        "zisk/data/sha-hasher.elf",
        "zisk/data/sha-hasher.input",
        "zisk/recursion/keys.json",
    } <= set(names)


def source_files() -> list[Path]:
    """The files of the package that belong to it, compiled ones left out."""
    return [
        path
        for path in (ROOT / "src" / "zisk").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
