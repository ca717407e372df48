"""The programme: sessions, audiences, conflicts, releases and the public pages of the last release."""
