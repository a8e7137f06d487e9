"""Mutants of the package: each is a small fault, and a test has to notice it.

    python -m tests.mutation --sample 150 --seed 1

See "Mutants" in docs/testing.md.
"""
