"""Imitations of what the product talks to; each passes the contract suite of the real thing."""
