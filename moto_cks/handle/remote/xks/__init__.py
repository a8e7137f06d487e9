"""External key store proxies of a world in another process.

They have the public names of :mod:`moto_cks.xks_proxy`, and raise what those raise. What is asked
of a proxy by its clients happens in the server, and is not here.

Loaded with the first of them.
"""
