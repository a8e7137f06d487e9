"""Snapshots: the world as it was at a moment, in memory and in files."""
