"""What a simulated world is made of: its lock, clock, journal, life cycles and IDs."""
