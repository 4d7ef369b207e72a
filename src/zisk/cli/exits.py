"""The judgement of a guest's exit code, which nobody judges unless asked to."""

from zisk.cli.failures import CommandError
from zisk.errors import ErrorKind
from zisk.exit_codes import ExitCode


def check_exit(exit_code: int, expected: int | None) -> ExitCode:
    """OK, unless `--expect-exit` named another code.

    Raises CommandError with REFUSED otherwise.
    """
    if expected is None or exit_code == expected:
        return ExitCode.OK
    from zisk.verifier.outcome import exit_text

    raise CommandError(
        ErrorKind.REFUSED,
        f"the guest's exit code is {exit_text(exit_code)}, and --expect-exit asks for {exit_text(expected)}; "
        "guests of unmodified ZisK leave it undefined: drop the flag for those",
    )
