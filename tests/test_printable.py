"""Text from elsewhere moves no cursor, ends no line, and has an end."""

import unicodedata

import pytest

from zisk.printable import MOST_LETTERS, is_text, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain text, é, 証明", "plain text, é, 証明"),
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("a\nb\r\tc\0", r"a\nb\r\tc\x00"),
        ("\x9b2J\x7f", r"\x9b2J\x7f"),
        ("\u2028\u202e\ufeff", r"\u2028\u202e\ufeff"),
        ("\udcff.vk", r"\udcff.vk"),
    ],
)
def test_what_is_no_letter_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_no_control_or_format_character_is_left() -> None:
    everything = "".join(map(chr, range(0x110000)))
    shown = printable(everything, len(everything))
    assert {unicodedata.category(letter) for letter in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()


def test_text_is_what_utf_8_writes() -> None:
    assert is_text("")
    assert is_text("a\n\U0001f600")
    assert not is_text("a\udcff")


def test_a_long_text_is_cut_and_says_so() -> None:
    assert printable("x" * MOST_LETTERS) == "x" * MOST_LETTERS
    assert printable("x" * (1 << 20), 3) == "xxx... (1,048,573 more characters)"
    assert printable("\0\0\0", 2) == r"\x00\x00... (1 more characters)"
