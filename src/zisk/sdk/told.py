"""What a coordinator tells of a run, read with distrust and held against the proof."""

import struct

from zisk.choices import PUBLIC_WORDS
from zisk.cluster.errors import WireError
from zisk.cluster.protocol.generated import coordinator_pb2 as wire
from zisk.proof_format.statement import WORD_LIMIT
from zisk.sdk.results import Counted, ExecutionReport
from zisk.stark.errors import Rejection, VerificationError
from zisk.verifier.outcome import Outcome

__all__ = ["check_told", "report_of"]

_PUBLIC_WORDS = struct.Struct(f"<{PUBLIC_WORDS}Q")
"""The public words as a coordinator sends them."""


def report_of(stats: wire.ExecutionStats, public: bytes) -> ExecutionReport:
    """A report from its statistics and the public words, which follow 32 bytes of something else.

    Raises:
        WireError: these are not as many words as a guest has, or one does not fit 32 bits.

    """
    if len(public) != 32 + _PUBLIC_WORDS.size:
        raise WireError(f"the coordinator reports public outputs of {len(public)} bytes, which no guest has")
    outputs = _PUBLIC_WORDS.unpack_from(public, 32)
    if max(outputs) >= WORD_LIMIT:
        raise WireError(f"the coordinator reports an output word of {max(outputs)}, which no guest has")
    cycles = stats.cycles if stats.HasField("cycles") else None
    return ExecutionReport(stats.steps, cycles, stats.segments, stats.exit_code, outputs, Counted.COORDINATOR)


def check_told(told: ExecutionReport, form: str, outcome: Outcome) -> None:
    """Check that a coordinator reports what the proof shows, and steps that its segments can hold.

    Only a composite proof shows the steps themselves. Cycles are shown by none, and are no more than steps.

    Raises:
        VerificationError: it does not.

    """
    for what, reported, shown in (
        ("outputs", told.outputs, outcome.outputs),
        ("exit code", told.exit_code, outcome.exit_code),
        ("number of segments", told.segments, outcome.segments),
        ("number of steps", told.steps, told.steps if outcome.steps is None else outcome.steps),
        ("form", form, outcome.form),
    ):
        if reported != shown:
            raise VerificationError(
                Rejection.POLICY, f"the coordinator does not report the {what} that the proof shows"
            )
    # A segment that executes nothing is refused before this.
    if not outcome.segments <= told.steps <= outcome.segments << outcome.log_size:
        raise VerificationError(
            Rejection.POLICY,
            f"the coordinator reports {told.steps} steps, "
            f"which {outcome.segments} segments of 2^{outcome.log_size} cannot have",
        )
    if told.cycles is not None and told.cycles > told.steps:
        raise VerificationError(
            Rejection.POLICY, f"the coordinator reports {told.cycles} cycles in {told.steps} steps"
        )
