"""Users, logins, roles per event, API tokens and the audit log. Not the people of an event."""
