"""moto's server with the plugin on: ``moto-cks-server``.

It needs the extra ``server``: ``pip install 'moto_cks[server]'``.
"""

from moto_cks.server.threaded import ThreadedCksServer

__all__ = ["ThreadedCksServer"]
