"""What handlers share. Knows no capability."""
