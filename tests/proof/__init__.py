"""A second opinion on the package: a model of its own, random histories, requests and threads.

``hardware``, ``stores``, ``cluster_stores``, ``states`` and ``schedule`` are a small model of key
stores and clusters, ``external_stores``, ``proxies`` and ``outcomes`` one of external key stores
and their proxies, both written from AWS's documentation (the rows) alone: nothing in them is
imported from the package. ``histories`` has Hypothesis do things to a simulated world and to the
model, by the rules of the modules ``…_rules``, and compares the two after each step. ``fuzzing``
sends requests, right and wrong ones, to all operations of KMS and CloudHSM, ``threads`` calls from
many threads. Each is a test with a short profile. For a long run with a report:

    python -m tests.proof --minutes 60
"""
