"""Announcements: what organizers tell everybody, or those of one session, on the pages that are open now.

Letters and changes of the programme go by mail (`invites`); an announcement is for today and for the screen.
"""
