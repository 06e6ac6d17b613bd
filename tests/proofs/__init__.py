"""Proofs of what the delivery promises, with real processes that are really killed."""
