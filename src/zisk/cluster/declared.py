"""Settings as fields: key, flag, variable, default, bounds and help stand where the value is used."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

__all__ = ["Setting", "filled", "key_of", "setting", "settings_of", "shown"]

Group = TypeVar("Group")

_METADATA = "zisk setting"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    `key` is its dotted name in TOML; names without a dot have no place there and are flags only.
    `default` gives its type: bool, int, float, str or Path.
    `flags` and `environment` are the other ways to give it; every key in TOML also has the variable
    PREFIX_SECTION_NAME.
    A number with bounds is from `least` to `most`, or from `least` up.
    `used` is False for what is accepted because the documents have it, and means nothing here.
    `optional_value` is for flags that may stand alone or have a value.
    """

    key: str
    default: Any
    help: str
    flags: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    used: bool = True
    counted: bool = False
    optional_value: bool = False

    @property
    def kind(self) -> Callable[..., Any]:
        """What its values are."""
        return type(self.default)

    @property
    def range(self) -> str:
        """The bounds of a number, in words; "" where there are none."""
        if self.least is None:
            return ""
        return f"from {self.least} up" if self.most is None else f"from {self.least} to {self.most}"

    @property
    def destination(self) -> str:
        """Its name among parsed arguments."""
        return self.key.replace(".", "__").replace("-", "_")

    def variables(self, prefix: str) -> tuple[str, ...]:
        """Environment variables that set it, the one that counts most first."""
        own = f"{prefix}_{self.key.replace('.', '_').upper()}"
        return (*self.environment, own) if "." in self.key else self.environment


def shown(value: Any) -> str:
    """A value as messages and pages show it: a path as its text."""
    return repr(value if isinstance(value, (bool, int, float, str)) else str(value))


def setting(key: str, default: Any, help: str, *flags: str, **more: Any) -> Any:
    """A field of a frozen dataclass that a user sets."""
    return field(default=default, metadata={_METADATA: Setting(key, default, help, flags, **more)})


def settings_of(*groups: type) -> tuple[Setting, ...]:
    """The settings that are declared as fields of these dataclasses, in order."""
    return tuple(declared for group in groups for declared in _declared(group).values())


def key_of(group: type, name: str) -> str:
    """The key of the field `name`."""
    return _declared(group)[name].key


def filled(group: type[Group], value_of: Callable[[str], Any], **others: Any) -> Group:
    """An instance with the value of every setting by its key; `others` follow from several."""
    values = {name: value_of(declared.key) for name, declared in _declared(group).items()}
    return group(**values | others)


def _declared(group: Any) -> dict[str, Setting]:
    """The settings of a dataclass by the names of their fields."""
    return {one.name: one.metadata[_METADATA] for one in fields(group) if _METADATA in one.metadata}
