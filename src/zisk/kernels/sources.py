"""The sources that a kernel's machine code depends on: its module, and all of this package that it imports.

LLVM copies callees into a kernel, with the constants that these take from wherever they are, and intrinsics
run any code to emit theirs. So a kernel depends on whole modules, which their import statements name.
Nobody has to list them, so none is forgotten. The whole package would be simpler, but then each change of a
table or of a message would compile every kernel anew, for a minute.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["import_closure", "source_digest"]

_PACKAGE = Path(__file__).parents[1]

_HOLDING_STATEMENTS = (ast.stmt, ast.ExceptHandler, ast.match_case)
"""Nodes that are statements or have some in them; expressions have none."""


@cache
def source_digest(source: Path) -> bytes:
    """A digest of the text of a source and of all sources in its import closure: 32 bytes.

    Raises:
        OSError: a file cannot be read.
        SyntaxError: one is no Python.
    """
    digest = hashlib.sha256()
    for path in sorted(import_closure(source)):
        text = path.read_bytes()
        digest.update(f"{path.name} {len(text)} ".encode() + text)
    return digest.digest()


def import_closure(source: Path) -> set[Path]:
    """A source and the sources of this package that it imports, directly or through others.

    Imports inside functions count, those that only type checkers see do not. Of a package on the way to an
    imported module the file `__init__.py` does not count: it gives the module nothing.

    Raises:
        OSError: a file cannot be read.
        SyntaxError: one is no Python.
    """
    found: set[Path] = set()
    left = [source]
    while left:
        path = left.pop()
        if path not in found:
            found.add(path)
            left += _imported(path)
    return found


@cache
def _imported(source: Path) -> frozenset[Path]:
    """The sources of this package that a source names in its import statements."""
    names: set[str] = set()
    for node in _statements(ast.parse(source.read_bytes())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(path for name in names for path in _files_of(name))


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """All statements of a module but those that only type checkers see, in no order."""
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            left += node.orelse
            continue
        yield node
        left += [child for child in ast.iter_child_nodes(node) if isinstance(child, _HOLDING_STATEMENTS)]


def _files_of(name: str) -> list[Path]:
    """The file of a module of this package, if that is what a dotted name names."""
    package, *path = name.split(".")
    if package != _PACKAGE.name:
        return []
    stem = _PACKAGE.joinpath(*path)
    return [each for each in (stem.with_suffix(".py"), stem / "__init__.py") if each.is_file()]
