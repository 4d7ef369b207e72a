"""The proof of a job under a program key: the verifier's door."""

from __future__ import annotations

from tests.readable import composite, final
from tests.readable.claims import Statement
from tests.readable.program_key import read_key


def verify(proof: bytes, key: bytes) -> Statement:
    """What a job's proof, of any form, proves under a program key.

    Raises:
        RefusedError: the proof shows nothing under this key; the text says why.
    """
    program = read_key(key)
    if proof.startswith(final.MAGIC):
        return final.verify_final(proof, program)
    return composite.verify_composite(proof, program)
