"""Rules become occurrences: what falls due on which day, and what the calendar or HR says against it."""
