"""Measurements of what users wait for: a module per subject, each with `figures(…)`."""
