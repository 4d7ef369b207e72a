"""Forms of proofs on the wire: by this project's names, and by ZisK's kinds where it has one."""

from zisk.cluster.errors import WireError
from zisk.cluster.protocol.generated import coordinator_pb2 as wire
from zisk.printable import SHOWN_LETTERS, printable
from zisk.proof_format.forms import ProofForm

__all__ = ["form_of_dest", "form_of_name", "kind_of"]

_KINDS = {
    ProofForm.FINAL: wire.PROOF_KIND_STARK,
    ProofForm.COMPRESSED: wire.PROOF_KIND_STARK_MINIMAL,
    ProofForm.COMPOSITE: wire.PROOF_KIND_STARK,
}
"""The kind that a form is told as; ZisK knows nothing like a composite proof."""


def kind_of(form: ProofForm) -> wire.ProofKind:
    """ZisK's kind of a form."""
    return _KINDS[form]


def form_of_name(name: str, default: ProofForm) -> ProofForm:
    """The form that a field names; `default` where it is empty.

    Raises:
        WireError: there is no such form.

    """
    if not name:
        return default
    try:
        return ProofForm(name)
    except ValueError:
        shown = printable(name, SHOWN_LETTERS)
        raise WireError(f"there is no proof form '{shown}'; choose one of {', '.join(ProofForm)}") from None


def form_of_dest(dest: wire.ProofKind, name: str, default: ProofForm) -> ProofForm:
    """The form that a client asks for by ZisK's kind, by this project's name, or by both.

    `default` is the form of a request that says neither.

    Raises:
        WireError: this version does not make proofs of that kind, or name and kind contradict each other.

    """
    if dest == wire.PROOF_KIND_UNSPECIFIED:
        return form_of_name(name, default)
    if dest not in _KINDS.values():
        known = wire.ProofKind.Name(dest) if dest in wire.ProofKind.values() else f"kind {dest}"
        raise WireError(
            f"this version makes no proofs of {known}; ask for PROOF_KIND_STARK or PROOF_KIND_STARK_MINIMAL"
        )
    plain = ProofForm.FINAL if dest == wire.PROOF_KIND_STARK else ProofForm.COMPRESSED
    form = form_of_name(name, plain)
    if kind_of(form) != dest:
        raise WireError(
            f"a proof of the form {form} is a {wire.ProofKind.Name(kind_of(form))}, "
            f"not a {wire.ProofKind.Name(dest)}; leave proof_dest or options.form out"
        )
    return form
