"""A participant's own page and calendar feed. Reads across capabilities; writes only their answers."""
