"""Attendance: who was invited, who came and who stayed, read across the capabilities; it writes nothing."""
