"""What callers hand in, checked at the door: a wrong kind of thing is told what would be right."""

import operator
from collections.abc import Mapping, Sequence, Set

from zisk.choices import PUBLIC_WORDS
from zisk.proof_format.forms import ProofForm
from zisk.proof_format.program_key import DIGEST_LENGTH
from zisk.proof_format.statement import WORD_LIMIT
from zisk.sdk.results import GuestProgram
from zisk.vm.elf import read_elf

__all__ = [
    "digest_of",
    "elf_of",
    "exit_code_of",
    "form_of",
    "hash_id_of",
    "level_of",
    "outputs_of",
    "whole_bytes",
]

_DIGEST_BYTES = 4 * DIGEST_LENGTH


def whole_bytes(value: object, what: str) -> bytes:
    """Bytes, a bytearray or a memoryview as bytes; `what` names them, such as "the key".

    Raises:
        TypeError: it is anything else.
    """
    if isinstance(value, bytes):
        return value
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    raise TypeError(
        f"{what} is to be bytes, not {type(value).__name__}; read a file with pathlib.Path(name).read_bytes()"
    )


def elf_of(elf: object) -> bytes:
    """The bytes of a guest program whose file is in order; whether it fits a size is for set-up to say.

    Raises:
        TypeError: it is not bytes.
        InvalidGuestError: it is no ELF file of a guest.
    """
    content = whole_bytes(elf, "the guest program")
    read_elf(content)
    return content


def hash_id_of(program: object) -> str:
    """The name of a program that `upload` returned.

    Raises:
        TypeError: it is anything else.
    """
    if not isinstance(program, GuestProgram):
        raise TypeError(f"a program is what upload returns, not {type(program).__name__}; upload the guest")
    return program.hash_id


def form_of(form: ProofForm | str | None) -> ProofForm | None:
    """A form by itself or by its name; None stays None.

    Raises:
        ValueError: there is no such form.
    """
    if form is None:
        return None
    try:
        return ProofForm(form)
    except ValueError:
        raise ValueError(
            f"there is no form {form!r} of proof; choose {', '.join(repr(str(each)) for each in ProofForm)}"
        ) from None


def digest_of(digest: bytes | str | None) -> bytes | None:
    """A program digest as its 36 bytes; None stays None.

    Raises:
        TypeError: it is neither bytes nor text.
        ValueError: it is not 36 bytes, or not 72 hexadecimal digits.
    """
    if digest is None:
        return None
    try:
        found = bytes.fromhex(digest) if isinstance(digest, str) else whole_bytes(digest, "the digest")
    except ValueError:
        found = b""
    if len(found) != _DIGEST_BYTES:
        raise ValueError(
            f"a program digest is {_DIGEST_BYTES} bytes or {2 * _DIGEST_BYTES} hexadecimal digits, "
            "as `zisk program-setup` prints it"
        )
    return found


def level_of(minimal_security: int) -> int:
    """The lowest level of security that is taken, in bits: any whole number, a level of proofs or not.

    Raises:
        TypeError: it is no whole number.
    """
    return _whole_number(minimal_security, "minimal_security")


def exit_code_of(exit_code: int | None) -> int | None:
    """An exit code as 64 bits without sign; one below zero is meant as C means it. None stays None.

    Raises:
        TypeError: it is no whole number.
        ValueError: it does not fit 64 bits.
    """
    if exit_code is None:
        return None
    exit_code = _whole_number(exit_code, "expect_exit")
    if not -(1 << 63) <= exit_code < 1 << 64:
        raise ValueError(f"exit code {exit_code} does not fit 64 bits")
    return exit_code % (1 << 64)


def outputs_of(outputs: Sequence[int] | bytes | None) -> tuple[int, ...] | None:
    """The 64 public words, from as many as are given and zeros; None stays None.

    Bytes are taken as the guest wrote them, four to a word, little-endian: the file of `zisk execute -o`.

    Raises:
        TypeError: they are neither bytes nor whole numbers in their order.
        ValueError: they are more than 64 words, not whole words, or a word does not fit 32 bits.
    """
    if outputs is None:
        return None
    if isinstance(outputs, bytes | bytearray | memoryview):
        content = bytes(outputs)
        if len(content) % 4:
            raise ValueError(f"outputs of {len(content)} bytes are not whole words of 4 bytes")
        words = [int.from_bytes(content[at : at + 4], "little") for at in range(0, len(content), 4)]
    elif isinstance(outputs, str | Mapping | Set) or not hasattr(outputs, "__iter__"):
        raise TypeError(
            f"expect_outputs is to be a list of whole numbers, or bytes, not {type(outputs).__name__}; "
            "pass the public words in their order, or the file of `zisk execute -o` as bytes"
        )
    else:
        words = [_whole_number(word, f"public word {place}") for place, word in enumerate(outputs)]
    if len(words) > PUBLIC_WORDS:
        raise ValueError(f"a guest has {PUBLIC_WORDS} public words, {len(words)} are expected of it")
    for place, word in enumerate(words):
        if not 0 <= word < WORD_LIMIT:
            raise ValueError(f"public word {place} is to be from 0 to 2^32 - 1, not {word}")
    return (*words, *[0] * (PUBLIC_WORDS - len(words)))


def _whole_number(value: object, what: str) -> int:
    """An int, or what stands for one, such as a number of NumPy's; neither a truth value nor a float.

    Raises:
        TypeError: it is anything else.
    """
    if hasattr(value, "__index__") and not isinstance(value, bool):
        return operator.index(value)  # pyright: ignore[reportArgumentType]
    raise TypeError(f"{what} is to be a whole number, an int, not {type(value).__name__}")
