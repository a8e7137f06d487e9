"""Custom key stores: what they have in common, and a folder for each kind.

Nothing is imported here: a handle that only wants to know what the types are called gets no more.
"""
