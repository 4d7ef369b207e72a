"""Types of columns that keep the same values, to the bit, in every database."""

import re

from sqlalchemy import BigInteger, Dialect, LargeBinary, String, Text
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.types import TypeDecorator

__all__ = ["CONTENT", "IDENTIFIER", "Count", "Words"]

_MYSQL_COLLATION = "utf8mb4_bin"
"""Letters are compared as they are, capitals and accents too."""

IDENTIFIER = (
    String(64)
    .with_variant(mysql.VARCHAR(64, collation=_MYSQL_COLLATION), "mysql")
    .with_variant(postgresql.VARCHAR(64, collation="C"), "postgresql")
)
"""The id of a job or program, or a word of this package."""

CONTENT = LargeBinary().with_variant(mysql.LONGBLOB(), "mysql")
"""Bytes of any number."""

_TEXT = (
    Text()
    .with_variant(mysql.LONGTEXT(collation=_MYSQL_COLLATION), "mysql")
    .with_variant(postgresql.TEXT(collation="C"), "postgresql")
)

_SIGNED = 1 << 63

_ESCAPED = re.compile("[\\\\\x00\ud800-\udfff]")
"""What not every database takes in a text, and the sign that an escape begins with."""

_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")


class Count(TypeDecorator[int]):
    """A number from 0 to 2^64 - 1, kept as the signed number of the same bits."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """The signed number."""
        return value - 2 * _SIGNED if value is not None and value >= _SIGNED else value

    def process_result_value(self, value: int | None, dialect: Dialect) -> int | None:
        """The number itself."""
        return value + 2 * _SIGNED if value is not None and value < 0 else value


class Words(TypeDecorator[str]):
    """A text of any letters and any length; backslashes, NUL and lone surrogates are kept as escapes."""

    impl = _TEXT
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text with escapes."""
        return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", value) if value is not None else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """The text without."""
        return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), value) if value is not None else None
