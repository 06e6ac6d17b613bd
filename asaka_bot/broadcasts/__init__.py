"""Broadcasts: who works at city hall, and to whom a notice goes."""
