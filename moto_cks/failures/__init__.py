"""The documented failures of custom key stores, as one table.

What brings each about, what is seen of it, how it is repaired, and what proves that: AWS's page
"Troubleshooting a custom key store" and what the behaviours of this package add to it, as data. An
interpreter brings a failure about and repairs it, by the calls that a person would make; the
commands that a person would type stand beside them.

https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html

:mod:`moto_cks.failures.table` is the table, :mod:`moto_cks.failures.acting` its interpreter. The
clusters' HSMs, tools and the clock are reached through :class:`moto_cks.failures.hands.Hands`,
which the handle gives.
"""
