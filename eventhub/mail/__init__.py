"""Messages and the one way out for them, SMTP or a folder. Knows no capability."""
