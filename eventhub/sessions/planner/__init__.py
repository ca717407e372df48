"""Proposes times and rooms for many sessions at once, under the rules that watch the programme."""
