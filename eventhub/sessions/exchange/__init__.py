"""The programme as files: what other programs write is read, and what they read is written."""
