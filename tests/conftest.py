"""For all tests."""

from hypothesis import HealthCheck, settings

# How fast a machine is that other work is done on says nothing of the code.
settings.register_profile("falaj", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("falaj")
