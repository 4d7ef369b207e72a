"""The readable verifier stands on the standard library alone."""

import ast
import sys
from pathlib import Path

PACKAGE = "tests.readable"
FOLDER = Path(__file__).parent


def imported(module: str) -> set[str]:
    """The modules that a module of the verifier imports."""
    path = FOLDER / f"{module.rpartition('.')[2]}.py"
    names: set[str] = set()
    for statement in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(statement, ast.Import):
            names.update(alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module == PACKAGE:
            names.update(f"{PACKAGE}.{alias.name}" for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            names.add(statement.module or "")
    return names


def test_it_imports_the_standard_library_and_itself_only() -> None:
    own, foreign = {f"{PACKAGE}.job"}, set[str]()
    waiting = [*own]
    while waiting:
        for name in imported(waiting.pop()):
            if not name.startswith(f"{PACKAGE}."):
                foreign.add(name)
            elif name not in own:
                own.add(name)
                waiting.append(name)
    assert {name for name in foreign if name.partition(".")[0] not in sys.stdlib_module_names} == set()
    helpers = {"__init__", "proving"}
    files = {path.stem for path in FOLDER.glob("*.py") if not path.name.startswith("test_")}
    assert {f"{PACKAGE}.{stem}" for stem in files - helpers} == own
