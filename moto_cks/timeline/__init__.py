"""The timeline: what has happened in the simulated world, in order.

Calls are those that CloudTrail has recorded; everything else is noted where it happens.
"""
