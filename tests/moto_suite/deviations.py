"""The tests of moto that cannot pass with mock_cks, each with its reason.

Each is expected to fail: one that passes, or that no longer exists, fails the suite, so the table
stays true. A key is a pytest id as the suite prints it.
"""

DEVIATIONS: dict[str, str] = {}
