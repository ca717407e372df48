"""Telling other programs what happens: signed deliveries over HTTP, repeated until they arrive."""
