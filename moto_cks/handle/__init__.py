"""``cks``: the handle on the simulated world, one module a part of it."""
