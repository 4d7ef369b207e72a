"""What runs on a device: the one seam between the mathematics and the hardware.

Importing this package is cheap: Numba is loaded by `zisk.kernels.jit` and by the modules of
`zisk.kernels.cpu`, not here.
"""
