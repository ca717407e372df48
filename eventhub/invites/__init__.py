"""Invitations: who is told what about which session by mail, as iTIP that calendars understand, through a queue."""
