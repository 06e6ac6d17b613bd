"""Measurements of speed and accuracy; nothing here runs with the tests."""
