"""`python -m bot` is `transferdesk`."""

from bot.cli import main

main()
