"""Set-up: from an ELF to a program that can be executed, proved and verified."""

from __future__ import annotations

from dataclasses import dataclass

from blake3 import blake3

from zisk.kernels.pool import Pool, default_pool
from zisk.progress import NULL_PROGRESS, Progress
from zisk.prover.preparation import prepare
from zisk.prover.program_key import FixedPart, ProgramKey, digest_bytes
from zisk.stark.commitment import FixedTables, fix_tables
from zisk.stark.parameters import parameters_for
from zisk.vm.kinds import core_kind, edges_kind
from zisk.vm.program import Program as Guest
from zisk.vm.program import load_program
from zisk.vm.segments import core_fixed, edges_fixed
from zisk.vm.tables.image import image_chunks

DEFAULT_LOG_SIZE = 20
DEFAULT_SECURITY = 128


@dataclass(frozen=True, eq=False)
class Program:
    """A guest that is set up for one size and security level.

    Attributes:
        guest: the decoded program.
        core: preprocessed tables of core segments.
        chunks: preprocessed tables of the edges segments, one for each chunk of initial words.
        empty: those of edges segments beyond the chunks.
        program_key: what a verifier needs.
        elf_hash: BLAKE3 of the ELF file, hexadecimal: how clusters name the program.
    """

    guest: Guest
    core: FixedTables
    chunks: tuple[FixedTables, ...]
    empty: FixedTables
    program_key: ProgramKey
    elf_hash: str

    @property
    def log_size(self) -> int:
        """log2 of the steps of a core segment."""
        return self.program_key.log_size

    @property
    def security(self) -> int:
        """The security level."""
        return self.program_key.level

    @property
    def digest(self) -> bytes:
        """The program digest, 36 bytes."""
        return digest_bytes(self.program_key.digest)

    @property
    def key(self) -> bytes:
        """The verifying key's bytes."""
        return self.program_key.encode()

    def edges(self, chunk: int) -> FixedTables:
        """Preprocessed tables of edges segment number `chunk`, counted from 0."""
        return self.chunks[chunk] if chunk < len(self.chunks) else self.empty


def setup(
    elf: bytes,
    *,
    log_size: int = DEFAULT_LOG_SIZE,
    security: int = DEFAULT_SECURITY,
    progress: Progress = NULL_PROGRESS,
    pool: Pool | None = None,
) -> Program:
    """Decode an ELF and commit to its code and initial words; compiles the kernels where that is due.

    Raises:
        InvalidGuestError: the bytes are no guest that the machine can run at this size.
        UnknownSecurityLevelError: there is no such level.
    """
    prepare(progress)
    pool = pool or default_pool()
    parameters = parameters_for(security)
    guest = load_program(elf, log_size)
    core, edges = core_kind(log_size), edges_kind()
    chunks = len(image_chunks(guest.image_keys))
    with progress.phase("setup", total=chunks + 2) as advance:
        fixed_core = fix_tables(core, parameters, core_fixed(log_size, guest), pool)
        advance(1)
        fixed_edges = []
        for index in range(1, chunks + 2):
            fixed_edges.append(fix_tables(edges, parameters, edges_fixed(guest, index), pool))
            advance(1)
    key = ProgramKey(
        level=security,
        log_size=log_size,
        entry=guest.entry,
        core=_part(fixed_core),
        chunks=tuple(_part(one) for one in fixed_edges[:chunks]),
        empty=_part(fixed_edges[chunks]),
    )
    edges_tables = tuple(fixed_edges[:chunks])
    return Program(guest, fixed_core, edges_tables, fixed_edges[chunks], key, blake3(elf).hexdigest())


def _part(fixed: FixedTables) -> FixedPart:
    return FixedPart(fixed.key.cap, fixed.key.fixed_log_heights)
