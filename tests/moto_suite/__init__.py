"""moto's own tests, with mock_cks in the place of mock_aws (row M4).

    python -m tests.moto_suite /path/to/moto

The checkout has to be of the moto version that is installed; only its tests are used, and the
installed moto is what they test. Every test runs twice: with mock_aws, and with mock_cks. What
passes with the first has to pass with the second, unless `deviations.py` says why not.
"""
