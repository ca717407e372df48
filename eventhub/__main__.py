"""`python -m eventhub`."""

from eventhub.cli import main

main()
