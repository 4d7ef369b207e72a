"""Generation of the Python code of the committed `.proto` files.

Run it after changing one: `python -m zisk.cluster.protocol.generate`.
It needs `grpcio-tools`, which the `test` extra installs.
A test compares what it writes with what is committed.
"""

from importlib import resources
from pathlib import Path

__all__ = ["PROTO_FILES", "generate"]

PROTO_FILES = ("artifacts.proto", "cluster.proto", "coordinator.proto", "distributed.proto")
"""The files beside this module, in the order in which they are compiled."""

_SOURCE = Path(__file__).parent
_TARGET = "zisk/cluster/protocol/generated"


def generate(source_root: Path) -> None:
    """Write messages, stubs and type hints below `source_root`, the folder that holds the package `zisk`.

    The `.proto` files are mapped to the path of the target package, so that the generated modules import
    one another by their full names.

    Raises:
        RuntimeError: the compiler refused a file; it has printed why.

    """
    from grpc_tools import protoc

    common = resources.files("grpc_tools") / "_proto"
    (source_root / _TARGET).mkdir(parents=True, exist_ok=True)
    status = protoc.main(
        [
            "protoc",
            f"-I{_TARGET}={_SOURCE}",
            f"-I{common}",
            f"--python_out={source_root}",
            f"--pyi_out={source_root}",
            f"--grpc_python_out={source_root}",
            *(f"{_TARGET}/{name}" for name in PROTO_FILES),
        ]
    )
    if status != 0:
        raise RuntimeError(f"protoc ended with status {status}: correct the .proto file it names above")


if __name__ == "__main__":
    generate(Path(__file__).parents[3])
