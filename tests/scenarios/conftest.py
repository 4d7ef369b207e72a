"""What scenarios share: the smallest job, whose proofs are pinned, and one of eight small segments."""

from tests.cluster.processes import ELF, FIBONACCI, sha_hasher
from tests.golden import cases
from zisk import ProofForm, ProverClient
from zisk.sdk import ProofJob

LOG_SIZE = 16
SEGMENTS = 8
"""Segments of the larger job: seven of steps, and one of the edges of memory."""

_PINS = {ProofForm.COMPOSITE: "fibonacci", ProofForm.FINAL: "fibonacci-final"}


def small_job(client: ProverClient, form: ProofForm) -> ProofJob:
    """Ask for a proof of the smallest job, in ten units."""
    data = (FIBONACCI / "inputs" / "90.bin").read_bytes()
    return client.submit(client.upload(ELF.read_bytes()), data, log_size=LOG_SIZE, form=form)


def is_pinned(proof: bytes, form: ProofForm) -> bool:
    """Whether a proof of the smallest job is, to the byte, that of one process."""
    return cases.is_pinned(proof, _PINS[form])


def larger_job(client: ProverClient, form: ProofForm) -> ProofJob:
    """Ask for a proof of the larger job."""
    elf, guest_input = sha_hasher()
    return client.submit(client.upload(elf), guest_input, log_size=LOG_SIZE, form=form)
