"""Inputs and programs on their way in: checked before anything depends on them, and kept on disk.

What waits on disk costs no memory, and the bounds of the store hold for it.
"""

from collections.abc import Set

from zisk.cluster.artifacts.store import ArtifactStore
from zisk.cluster.coordinator.settings import Rules
from zisk.cluster.disk import on_disk
from zisk.cluster.errors import ArtifactError, SubmissionRefusedError
from zisk.cluster.inputs import check_input_size, read_input
from zisk.cluster.protocol.limits import MAX_PROGRAM_BYTES
from zisk.cluster.protocol.payload import Inline, Payload, Stored
from zisk.errors import ErrorKind

__all__ = ["check_place", "kept", "kept_program", "read_below_inputs_folder", "taken_in"]

_KEPT_IN_MEMORY = 64 << 10
"""Bytes of something up to which it waits in memory; what is larger waits as an artifact."""


async def taken_in(payload: Payload, artifacts: ArtifactStore, rules: Rules) -> Payload:
    """An input that a client sends, inline at any size or as an artifact, as a job keeps it.

    Raises:
        InputError: it is larger than the rules allow.
        ArtifactError: it names an artifact that is not here.
        SubmissionRefusedError: there is no room for it.

    """
    check_input_size("the input", payload.size, rules.max_input_bytes, "server.max_input_bytes")
    if isinstance(payload, Stored):
        artifacts.touch(payload.digest)
        await on_disk(lambda: artifacts.check(payload))
        return payload
    return await kept(payload.data, artifacts)


async def read_below_inputs_folder(name: str, artifacts: ArtifactStore, rules: Rules) -> Payload:
    """The input that a client names by its path, as a job keeps it.

    Raises:
        InputError: it cannot be read, or not from there.
        SubmissionRefusedError: there is no room for it.

    """
    data = await on_disk(
        lambda: read_input(
            rules.inputs_folder,
            name,
            "server.inputs_folder",
            most=rules.max_input_bytes,
            size_setting="server.max_input_bytes",
        )
    )
    return await kept(data, artifacts)


async def kept(data: bytes, artifacts: ArtifactStore) -> Payload:
    """Bytes that wait for somebody: in memory where they are few, on disk otherwise.

    Raises:
        ArtifactError, SubmissionRefusedError: there is no room for them.

    """
    payload = Inline(data)
    if payload.fits and payload.size <= _KEPT_IN_MEMORY:
        return payload
    return await on_disk(lambda: artifacts.put(data))


async def kept_program(elf: Payload, artifacts: ArtifactStore) -> Stored:
    """A guest program that a client sends, inline at any size or as an artifact, as an artifact.

    Raises:
        ArtifactError: it names an artifact that is not here, is damaged, or is no program by its size.
        SubmissionRefusedError: there is no room for it.

    """
    if isinstance(elf, Inline):
        return await on_disk(lambda: artifacts.put(elf.data))
    artifacts.touch(elf.digest)
    await on_disk(lambda: artifacts.check(elf, MAX_PROGRAM_BYTES))
    if not await on_disk(lambda: artifacts.is_sound(elf.digest)):
        raise ArtifactError(f"artifact {elf.digest.hex()} was damaged; upload it again")
    return elf


def check_place(program: bytes, kept: Set[bytes], rules: Rules) -> None:
    """Refuse a program where as many others are kept as there may be.

    Raises:
        SubmissionRefusedError: there are.

    """
    if program not in kept and 0 < rules.max_programs <= len(kept):
        raise SubmissionRefusedError(
            ErrorKind.NO_CAPACITY,
            f"{len(kept)} programs are kept, as many as server.max_programs allows; raise it, "
            "or start the coordinator again without those that are not needed",
        )
