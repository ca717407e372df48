"""The database: one URL, two engines, one schema."""
