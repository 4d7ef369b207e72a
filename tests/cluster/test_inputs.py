"""Inputs are read from below one folder and from nowhere else."""

from pathlib import Path

import pytest

from zisk.cluster.errors import InputError
from zisk.cluster.inputs import read_input


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inputs" / "below").mkdir(parents=True)
    (tmp_path / "inputs" / "a.bin").write_bytes(b"a")
    (tmp_path / "inputs" / "below" / "b.bin").write_bytes(b"b")
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "inputs" / "link").symlink_to(tmp_path / "secret")
    return tmp_path / "inputs"


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.bin", b"a"), ("below/b.bin", b"b"), ("below/../a.bin", b"a"), ("file://a.bin", b"a")],
)
def test_inside(folder: Path, name: str, data: bytes):
    assert read_input(folder, name, "--inputs-folder") == data


def test_an_absolute_path_that_leads_into_the_folder(folder: Path):
    assert read_input(folder, str(folder / "a.bin"), "--inputs-folder") == b"a"


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "link", "below/../../secret"])
def test_outside(folder: Path, name: str):
    with pytest.raises(InputError) as caught:
        read_input(folder, name, "--inputs-folder")
    assert str(caught.value) == (
        f"input {name} lies outside {folder}, the only folder that inputs are read from; "
        "move it there, choose another folder with --inputs-folder, or send it inline with --direct-inputs"
    )


@pytest.mark.parametrize(("name", "shown"), [("a\0b", r"a\x00b"), ("\ud800", r"\ud800"), ("round", "round")])
def test_what_can_be_no_path(folder: Path, name: str, shown: str):
    (folder / "round").symlink_to("round")
    with pytest.raises(InputError) as caught:
        read_input(folder, name, "--inputs-folder")
    assert str(caught.value) in (
        f"input {shown} can be no path; name a file below {folder}",
        # Since Python 3.13 a link that leads round is found when the file is opened.
        f"input {shown} cannot be read: Too many levels of symbolic links; check its permissions",
    )


def test_a_name_of_any_length_is_shown_in_part(folder: Path):
    with pytest.raises(InputError) as caught:
        read_input(folder, "a" * (1 << 20), "--inputs-folder")
    assert len(str(caught.value)) < 5000


def test_missing(folder: Path):
    with pytest.raises(InputError, match="there is no input"):
        read_input(folder, "c.bin", "--inputs-folder")


def test_a_folder_is_no_input(folder: Path):
    with pytest.raises(InputError, match="cannot be read"):
        read_input(folder, "below", "--inputs-folder")
