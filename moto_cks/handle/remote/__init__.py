"""``cks`` on a world in another process: the same handles, over the control API.

They raise what the handles in this process raise.
"""
