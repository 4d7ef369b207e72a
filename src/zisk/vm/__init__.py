"""The machine: loads RISC-V guests, runs them and records what the tables need."""

from zisk.kernels.warmup import register


def _warm() -> None:
    """Compile the interpreter; imports it only now, so that importing this package stays quick."""
    from zisk.vm.warm import warm

    warm()


def announce_kernels() -> None:
    """Tell the warm-up of the interpreter; importing this package does so too."""
    register("interpreter", _warm)


announce_kernels()
