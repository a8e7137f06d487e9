"""An external key store proxy (XKS proxy), version 1 of AWS's specification, in Python.

It knows neither AWS APIs nor moto, and imports nothing else of this package. What is where:

- ``protocol``, ``errors``: the specification as data; ``messages`` reads requests by it;
  ``names``: what is called by which name.
- ``keys``, ``manager``, ``instances``: the external key manager.
- ``credentials``, ``signature``: who may ask; ``authorization``, ``quota``: what, and how often;
  ``prefixes``: path prefixes, each with its own of all that.
- ``certificates``, ``server_certificate``, ``tls``: what clients see of it before they ask.
- ``answering``: the way of a request, step by step; ``log``: what is kept of it.
- ``breaking``, with ``causes``, ``latency``, ``fronting``, ``defects``: how it breaks.
- ``wire``, ``channels``, ``connection``: bytes in, bytes out; ``carriers`` says what clients see of
  that, ``memory`` and ``serving`` carry them, ``listeners`` knows what is served.
- ``names``: how names are given.
- ``proxy``: all of it in one object; ``configuration`` makes one of a JSON file.

See the "AWS KMS External Keystore (XKS) Proxy API Specification", version 1.0.3.
"""
