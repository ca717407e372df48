"""Delegations (invited offices) and participants (the people who represent them)."""
