"""What decides whether a kernel is compiled anew: all sources that its code comes from, and no others."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import zisk
from zisk.kernels import sources
from zisk.kernels.sources import import_closure, source_digest

PACKAGE = Path(zisk.__file__).parent

IMPORTS = """
import builtins, importlib, json, pkgutil, sys

edges, plain_import = {}, builtins.__import__

def recording(name, variables=None, local=None, names=(), level=0):
    module = plain_import(name, variables, local, names, level)
    importer = (variables or {}).get("__name__", "")
    reached = [name, *(f"{name}.{each}" for each in names or ())]
    edges.setdefault(importer, set()).update(each for each in reached if each in sys.modules)
    return module

builtins.__import__ = recording
import zisk
from numba.core.dispatcher import Dispatcher

for entry in pkgutil.walk_packages(zisk.__path__, "zisk."):
    if entry.name.rpartition(".")[2] != "__main__":
        importlib.import_module(entry.name)
builtins.__import__ = plain_import

def closure(start):
    found, left = set(), [start]
    while left:
        name = left.pop()
        if name not in found and name.partition(".")[0] == "zisk":
            found.add(name)
            left += edges.get(name, ())
    return found

kernels = {}
for name, module in list(sys.modules.items()):
    if name.partition(".")[0] == "zisk":
        for value in vars(module).values():
            if isinstance(value, Dispatcher) and value.py_func.__module__ == name:
                kernels[module.__file__] = sorted(sys.modules[each].__file__ for each in closure(name))
print(json.dumps(kernels))
"""


def output_of(program: str, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "PYTHONPATH": ":".join(filter(None, sys.path)), **environment},
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    return done.stdout


def test_the_closure_of_every_module_with_kernels_is_what_python_imports_for_it() -> None:
    """Every import of the whole package is recorded as it happens, and followed from the kernels."""
    imported = json.loads(output_of(IMPORTS))
    names = {str(Path(source).relative_to(PACKAGE)) for source in imported}
    assert {"kernels/cpu/field.py", "kernels/cpu/circuit.py", "vm/interpreter_memory.py"} <= names
    found = {source: sorted(map(str, import_closure(Path(source)))) for source in imported}
    assert found == imported


def test_the_interpreter_depends_on_its_memory_map_and_not_on_the_tables() -> None:
    closure = {str(path.relative_to(PACKAGE)) for path in import_closure(PACKAGE / "vm" / "interpreter.py")}
    assert {"vm/memory_map.py", "vm/operations.py", "kernels/jit.py"} <= closure
    assert not [name for name in closure if name.startswith(("vm/tables", "stark", "vm/program"))]


@pytest.mark.parametrize(
    "statement",
    [
        "import zisk.kernels.parameters",
        "import zisk.kernels.parameters as constants",
        "from zisk.kernels import parameters",
        "from zisk.kernels.parameters import P as prime",
        "def prime():\n    from zisk.kernels.parameters import P\n    return P",
        "try:\n    import zisk.kernels.parameters\nexcept ImportError:\n    pass",
        "try:\n    import absent\nexcept ImportError:\n    import zisk.kernels.parameters",
        "if TYPE_CHECKING:\n    import zisk.vm\nelse:\n    import zisk.kernels.parameters",
        "with open('x'):\n    match 1:\n        case 1:\n            import zisk.kernels.parameters",
    ],
)
def test_an_import_is_found_in_any_form(statement: str, tmp_path: Path) -> None:
    source = tmp_path / "source.py"
    source.write_text(statement)
    found = import_closure(source) - {PACKAGE / "kernels" / "__init__.py"}
    assert found == {source, PACKAGE / "kernels" / "parameters.py"}


@pytest.mark.parametrize(
    "statement",
    [
        "import numpy",
        "import ziskette.kernels",
        "from zisk.absent import name",
        "if TYPE_CHECKING:\n    import zisk.vm",
    ],
)
def test_what_is_no_source_of_this_package_is_left_out(statement: str, tmp_path: Path) -> None:
    source = tmp_path / "source.py"
    source.write_text(statement)
    assert import_closure(source) == {source}


CALLEE = """
from zisk.kernels.jit import inline_kernel
from zisk.{home} import SCALE

@inline_kernel
def scaled(value):
    return SCALE * value
"""

CALLER = """
import numpy as np
from zisk.kernels.jit import kernel
from zisk.callee import scaled

@kernel
def total(values):
    result = 0
    for value in values:
        result += scaled(value)
    return result
"""

CALL = """
import numpy as np, zisk
from zisk.caller import total
print(zisk.__file__, total(np.arange(5)), sum(total._cache_hits.values()))
"""


@pytest.mark.parametrize("home", ["constants", "vm.constants"])
def test_a_constant_that_an_inlined_callee_takes_from_elsewhere_compiles_its_caller_anew(
    home: str, tmp_path: Path
) -> None:
    """In a copy of the package with three modules more; what the kernel does not import changes nothing."""
    copy = tmp_path / "zisk"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    constants = copy.joinpath(*home.split(".")).with_suffix(".py")
    (copy / "callee.py").write_text(CALLEE.format(home=home))
    (copy / "caller.py").write_text(CALLER)

    def call() -> str:
        cache = str(tmp_path / "cache")
        return output_of(CALL, PYTHONPATH=str(tmp_path), ZISK_CACHE_DIR=cache, PYTHONDONTWRITEBYTECODE="1")

    constants.write_text("SCALE = 2")
    assert [call(), call()] == [f"{copy / '__init__.py'} 20 0\n", f"{copy / '__init__.py'} 20 1\n"]
    (copy / "vm" / "segments.py").write_text("")
    assert call() == f"{copy / '__init__.py'} 20 1\n"
    constants.write_text("SCALE = 3")
    assert [call(), call()] == [f"{copy / '__init__.py'} 30 0\n", f"{copy / '__init__.py'} 30 1\n"]


def test_the_digest_changes_with_every_source_of_the_closure(tmp_path: Path) -> None:
    source = tmp_path / "source.py"
    digests = set()
    for text in ("import zisk.kernels.parameters", "import zisk.kernels.pool", "import zisk.kernels.pool "):
        source.write_text(text)
        source_digest.cache_clear()
        sources._imported.cache_clear()
        digests.add(source_digest(source))
    assert len(digests) == 3
