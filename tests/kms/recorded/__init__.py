"""What AWS was recorded to answer, as a table of facts that the mock is held against.

A row is one fact: in which situation, what is asked, and what came back. The facts are told in this
project's own form; ``source`` says who recorded or documents them. Keys, accounts and Regions are
those of the mock; what AWS draws (key IDs, dates, ciphertexts) is compared by its form.
"""
