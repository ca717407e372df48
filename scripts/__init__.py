"""Developers' commands, run by make."""
