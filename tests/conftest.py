"""Profiles of the tests with random graphs, indices and loops: `make nightly` tries 25 times as many."""

from hypothesis import HealthCheck, settings

common = {"deadline": None, "suppress_health_check": list(HealthCheck)}
settings.register_profile("ordinary", max_examples=200, derandomize=True, database=None, **common)
settings.register_profile("nightly", max_examples=5000, print_blob=True, **common)
settings.load_profile("ordinary")
