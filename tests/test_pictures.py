"""The pictures of the pages are those that the code gives, and each is on a page."""

import runpy
import sys
from pathlib import Path

import pytest

DOCUMENTS = Path(__file__).parents[1] / "docs"


def test_committed_pictures_are_those_that_the_code_gives(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(DOCUMENTS))  # where the script finds what it draws with
    texts = runpy.run_path(str(DOCUMENTS / "generate_pictures.py"))["pictures"]()
    committed = {path.name: path.read_text(encoding="utf-8") for path in (DOCUMENTS / "pictures").iterdir()}
    assert sorted(committed) == sorted(texts), f"run {sys.executable} docs/generate_pictures.py"
    stale = [name for name, text in texts.items() if committed[name] != text]
    assert stale == [], f"run {sys.executable} docs/generate_pictures.py"


def test_every_picture_is_on_a_page():
    pages = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS.glob("*.md"))
    pictures = sorted(path.name for path in (DOCUMENTS / "pictures").iterdir())
    assert [name for name in pictures if f"](pictures/{name})" not in pages] == []
