"""Broadcasts on YouTube or by link, the ways in from afar (join links, watch page), and who was present there."""
