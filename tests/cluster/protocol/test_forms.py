"""Which form a client asks for, by ZisK's kinds and by this project's names."""

import pytest

from zisk.cluster.errors import WireError
from zisk.cluster.protocol.forms import form_of_dest, form_of_name, kind_of
from zisk.cluster.protocol.generated.coordinator_pb2 import (
    PROOF_KIND_PLONK,
    PROOF_KIND_STARK,
    PROOF_KIND_STARK_MINIMAL,
    PROOF_KIND_UNSPECIFIED,
    ProofKind,
)
from zisk.proof_format.forms import ProofForm

FINAL, COMPRESSED, COMPOSITE = ProofForm.FINAL, ProofForm.COMPRESSED, ProofForm.COMPOSITE


@pytest.mark.parametrize(
    ("dest", "name", "default", "form"),
    [
        (PROOF_KIND_UNSPECIFIED, "", FINAL, FINAL),
        (PROOF_KIND_UNSPECIFIED, "", COMPRESSED, COMPRESSED),
        (PROOF_KIND_UNSPECIFIED, "final", COMPRESSED, FINAL),
        (PROOF_KIND_UNSPECIFIED, "composite", FINAL, COMPOSITE),
        (PROOF_KIND_STARK, "", COMPRESSED, FINAL),
        (PROOF_KIND_STARK, "composite", FINAL, COMPOSITE),
        (PROOF_KIND_STARK_MINIMAL, "", FINAL, COMPRESSED),
        (PROOF_KIND_STARK_MINIMAL, "compressed", FINAL, COMPRESSED),
    ],
)
def test_what_is_asked_for(dest: ProofKind, name: str, default: ProofForm, form: ProofForm):
    assert form_of_dest(dest, name, default) is form


@pytest.mark.parametrize(
    ("dest", "name", "message"),
    [
        (PROOF_KIND_PLONK, "", "makes no proofs of PROOF_KIND_PLONK; ask for PROOF_KIND_STARK or"),
        (17, "", "makes no proofs of kind 17; ask for PROOF_KIND_STARK or"),
        (PROOF_KIND_UNSPECIFIED, "snark", "there is no proof form 'snark'; choose one of final, compressed"),
        (PROOF_KIND_STARK_MINIMAL, "composite", "composite is a PROOF_KIND_STARK, not a PROOF_KIND_STARK_M"),
        (PROOF_KIND_STARK, "compressed", "compressed is a PROOF_KIND_STARK_MINIMAL, not a PROOF_KIND_STARK;"),
    ],
)
def test_what_cannot_be(dest: ProofKind, name: str, message: str):
    with pytest.raises(WireError, match=message):
        form_of_dest(dest, name, FINAL)


def test_each_form_is_told_as_a_kind():
    assert [kind_of(form) for form in ProofForm] == [
        PROOF_KIND_STARK,
        PROOF_KIND_STARK_MINIMAL,
        PROOF_KIND_STARK,
    ]


def test_a_name_of_any_length_is_shown_in_part():
    with pytest.raises(WireError) as caught:
        form_of_name("\0" * (1 << 20), FINAL)
    shown = r"\x00" * 64 + "... (1,048,512 more characters)"
    assert str(caught.value) == (
        f"there is no proof form '{shown}'; choose one of final, compressed, composite"
    )
