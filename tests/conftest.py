"""Settings that every test shares."""

import os

from hypothesis import HealthCheck, settings

from zisk.kernels import workspace

settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "thorough", parent=settings.get_profile("default"), max_examples=2_000, derandomize=False
)
workspace.PROCESS.idle_bytes = 256 << 20
"""Test processes run side by side, and ask for thousands of shapes that no later test asks for again."""

settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
