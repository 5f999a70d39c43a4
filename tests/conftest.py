"""What holds for all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# How fast a machine is says nothing about the code: no property fails for being slow.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("untimed-ci", settings.get_profile("untimed"), derandomize=True, database=None)
settings.load_profile("untimed-ci" if settings.get_current_profile_name() == "ci" else "untimed")
