"""What the handles promise, wherever the world is: one module a part.

In this process the modules beside this package keep the promise, over the control API those of
:mod:`moto_cks.handle.remote`. Both give themselves the attributes by the constructor of the
protocol. Nothing here is loaded that knows a service, so that a test which only names a type
costs nothing.
"""
