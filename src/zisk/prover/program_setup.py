"""Set-up: from an ELF to a program that can be executed, proved and verified."""

from __future__ import annotations

from dataclasses import dataclass

from blake3 import blake3

from zisk.choices import DEFAULT_LOG_SIZE, DEFAULT_SECURITY
from zisk.kernels.backend import Backend
from zisk.kernels.default import default_backend
from zisk.progress import NULL_PROGRESS, Progress
from zisk.proof_format.by_chunk import ByChunk
from zisk.proof_format.program_key import FixedPart, ProgramKey, chunks_of, digest_bytes
from zisk.prover.preparation import prepare
from zisk.stark.commitment import FixedTables, fix_tables
from zisk.stark.parameters import parameters_for
from zisk.vm.kinds import KINDS
from zisk.vm.program import Program as Guest
from zisk.vm.program import load_program
from zisk.vm.segment_kind import SegmentKind
from zisk.vm.tables.image import image_chunks


@dataclass(frozen=True, eq=False)
class Program:
    """A guest that is set up for one size and security level.

    Attributes:
        guest: the decoded program.
        fixed: preprocessed tables of each kind of segments, in the order of `KINDS`.
        program_key: what a verifier needs.
        elf_hash: BLAKE3 of the ELF file, hexadecimal: how clusters name the program.
    """

    guest: Guest
    fixed: tuple[ByChunk[FixedTables], ...]
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

    def fixed_of(self, kind: SegmentKind, place: int) -> FixedTables:
        """Preprocessed tables of the segment of a kind at a place, counted from 0."""
        return self.fixed[KINDS.index(kind)].at(place)


def setup(
    elf: bytes,
    *,
    log_size: int = DEFAULT_LOG_SIZE,
    security: int = DEFAULT_SECURITY,
    progress: Progress = NULL_PROGRESS,
    backend: Backend | None = None,
) -> Program:
    """Decode an ELF and commit to its code and initial words; compiles the kernels where that is due.

    Raises:
        InvalidGuestError: the bytes are no guest that the machine can run at this size.
        UnknownSecurityLevelError: there is no such level.
    """
    prepare(progress)
    backend = backend or default_backend()
    parameters = parameters_for(security)
    guest = load_program(elf, log_size)
    chunks = len(image_chunks(guest.image_keys))
    fixed = []
    with progress.phase("setup", total=sum(1 + chunks_of(kind, chunks) for kind in KINDS)) as advance:
        for kind in KINDS:
            shape, found = kind.of_job(log_size), []
            for number in range(1, 2 + chunks_of(kind, chunks)):
                contents = kind.filling().fixed(shape, guest, number)
                found.append(fix_tables(shape, parameters, contents, backend))
                advance(1)
            fixed.append(ByChunk(found[-1], tuple(found[:-1])))
    key = ProgramKey(security, log_size, guest.entry, chunks, tuple(one.map(_part) for one in fixed))
    return Program(guest, tuple(fixed), key, blake3(elf).hexdigest())


def _part(fixed: FixedTables) -> FixedPart:
    return FixedPart(fixed.key.cap, fixed.key.fixed_log_heights)
