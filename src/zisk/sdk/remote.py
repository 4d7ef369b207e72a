"""The prover of a client that has a coordinator."""

from zisk.cluster.errors import UnknownProgramError, WireError
from zisk.cluster.protocol.generated import coordinator_pb2 as wire
from zisk.cluster.protocol.limits import STALL_SECONDS
from zisk.cluster.protocol.payload import digest_of
from zisk.cluster.protocol.refusal import answered
from zisk.printable import SHOWN_LETTERS, printable
from zisk.sdk.arguments import elf_of, hash_id_of
from zisk.sdk.deadline import Deadline
from zisk.sdk.derived_keys import derived_key, require_derivable
from zisk.sdk.jobs import ProofJob, ProofOptions, cancelled_with
from zisk.sdk.remote_job import Connection, Derivation, RemoteJob, RemoteProofJob
from zisk.sdk.results import ExecutionReport, GuestProgram
from zisk.sdk.told import report_of
from zisk.sdk.verification import check_key
from zisk.stark.errors import Rejection, VerificationError
from zisk.verifier.outcome import KeyOrigin

__all__ = ["RemoteProver"]


class RemoteProver:
    """Has a cluster prove.

    Beside the errors of every client, a call may raise CoordinatorUnreachableError where nobody answers,
    SubmissionRefusedError where the coordinator does not take a job, JobFailedError where a job does not
    finish for a reason that is not its guest's, and WireError or ArtifactError where the coordinator answers
    what cannot be. A call or transfer on which nothing moves for a minute ends with one of them as well.
    """

    def __init__(self, url: str) -> None:
        self._connection = Connection(url)
        self._elves: dict[str, bytes] = {}
        self._keys: dict[tuple[str, int, int], tuple[bytes, KeyOrigin]] = {}

    def close(self) -> None:
        """Close the connection, and forget programs."""
        self._connection.close()
        self._elves.clear()
        self._keys.clear()

    def upload(self, elf: bytes) -> GuestProgram:
        """Register a guest program with the coordinator, and remember it: proofs are verified against it."""
        elf, connection = elf_of(elf), self._connection
        with answered(connection.url):
            request = wire.RegisterGuestProgramRequest(zisk_elf=connection.artifacts.send(elf).to_field())
            named = connection.api.RegisterGuestProgram(request, timeout=STALL_SECONDS).hash_id
        program = GuestProgram(digest_of(elf).hex())
        if named != program.hash_id:
            raise WireError(
                f"the coordinator calls program {program.hash_id} '{printable(named, SHOWN_LETTERS)}': "
                "it is none of this version"
            )
        self._elves[program.hash_id] = elf
        return program

    def setup(
        self, program: GuestProgram, *, log_size: int, security: int, digest: bytes | str | None
    ) -> bytes:
        """Have the workers derive the key of a program, so that they are ready, and check what they say.

        Their key alone would prove nothing: a proof of any program holds under that program's key. So the
        key is derived here too, while they do, or `digest` says which one is right.
        """
        hash_id = hash_id_of(program)
        options = wire.ProofOptions(log_size=log_size, security=security)
        request = wire.JobKind(setup=wire.SetupRequest(hash_id=hash_id, options=options))
        if digest is not None:
            key = self._done(request).setup.vk
            check_key(key, digest)
            return key
        derive = self._derivation(hash_id, log_size, security)
        key = self._done(request, meanwhile=derive).setup.vk
        if key != derive()[0]:
            raise VerificationError(
                Rejection.KEY, "the coordinator's key is not the one that is derived here from the ELF"
            )
        return key

    def execute(self, program: GuestProgram, data: bytes) -> ExecutionReport:
        """Have a worker run a program; the report is the coordinator's word, and nothing proves it."""
        request = wire.ExecuteRequest(hash_id=hash_id_of(program), input=self._input(data, Deadline()))
        response = self._done(wire.JobKind(execute=request)).execute
        return report_of(response.stats, response.public_outputs)

    def submit(
        self, program: GuestProgram, data: bytes, options: ProofOptions, deadline: Deadline
    ) -> ProofJob:
        """Have the workers prove a run.

        The key is derived once for each program, size and level, and kept in the user's cache folder.
        """
        hash_id = hash_id_of(program)
        derive = None
        if (options.key, options.digest) == (None, None):
            derive = self._derivation(hash_id, options.log_size, options.security)
        request = wire.ProveRequest(
            hash_id=hash_id,
            input=self._input(data, deadline),
            options=wire.ProofOptions(
                log_size=options.log_size, security=options.security, form=options.form or ""
            ),
            compute_capacity=options.compute_capacity,
        )
        job_id = self._connection.submit(wire.JobKind(prove=request), deadline)
        return RemoteProofJob(self._connection, job_id, options, derive)

    def _derivation(self, hash_id: str, log_size: int, security: int) -> Derivation:
        """What derives the key of a program, once for this client.

        Raises:
            UnknownProgramError: this client does not have the ELF.
            ImportError: what derives keys cannot be imported.
            InvalidGuestError: the guest does not fit this size.

        """
        if hash_id not in self._elves:
            raise UnknownProgramError(
                f"this client has not uploaded program {hash_id}, so it cannot derive its key; "
                "upload it here, or give the key or its digest"
            )
        elf = self._elves[hash_id]
        require_derivable(elf, log_size=log_size, security=security)

        def derive() -> tuple[bytes, KeyOrigin]:
            shape = (hash_id, log_size, security)
            if shape not in self._keys:
                self._keys[shape] = derived_key(elf, log_size=log_size, security=security)
            return self._keys[shape]

        return derive

    def _input(self, data: bytes, deadline: Deadline) -> wire.InputKind:
        with self._connection.in_time(deadline, "the input of the job had not arrived"):
            payload = self._connection.artifacts.send(data, timeout=deadline.left())
        return wire.InputKind(inline=wire.InputChunk(data=payload.to_field()))

    def _done(self, kind: wire.JobKind, meanwhile: Derivation | None = None) -> wire.JobKindResponse:
        """What a job results in that nobody asks for again, after doing something here while it runs."""
        deadline = Deadline()
        job = RemoteJob(self._connection, self._connection.submit(kind, deadline))
        with cancelled_with(job, deadline):
            if meanwhile is not None:
                meanwhile()
            return job.over(deadline)
