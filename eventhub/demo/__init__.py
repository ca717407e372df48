"""The sample event, Rakortekrenbang 2021: who came, the programme, and what has happened up to a moment.

What is real in it and what is made up stands in `data/README.md`.
"""
