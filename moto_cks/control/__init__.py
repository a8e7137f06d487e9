"""Control over HTTP: what ``cks`` can do, under ``/moto-api/cks/``.

``openapi.json`` says what can be asked and what is answered; requests are held against it.
"""
