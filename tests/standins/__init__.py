"""Real servers on loopback that the product's real clients talk to."""
