"""`/live/{event}`: what happens, sent to open pages and listening programs as server-sent events.

It decides nothing and keeps nothing: it reads the news that other capabilities told, and passes each on to those who
may see it.
"""
