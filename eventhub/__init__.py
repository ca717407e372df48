"""Hybrid events: one programme, three ways to attend, one attendance record."""

__version__ = "0.1.0"
