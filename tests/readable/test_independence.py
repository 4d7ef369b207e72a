"""The readable verifier stands on the standard library alone."""

import ast
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def imported(path: Path) -> set[str]:
    """The modules that a file imports."""
    names: set[str] = set()
    for statement in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(statement, ast.Import):
            names.update(alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            names.add(statement.module or "")
    return names


def test_it_imports_the_standard_library_and_itself_only() -> None:
    verifier = [path for path in FOLDER.glob("*.py") if not path.name.startswith("test_")]
    foreign = {
        name
        for path in verifier
        for name in imported(path)
        if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith("tests.readable.")
    }
    assert len(verifier) > 10
    assert foreign == set()
