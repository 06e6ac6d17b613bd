"""The outbox: every message that leaves on its own goes through it, and none is lost or doubled."""
