"""Check-in: signed tickets, scanning devices, passages and the health protocol, and who is inside which room.

Not here: who is invited (`sessions`), and the record of who attended (`reports`).
"""
