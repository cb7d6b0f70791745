"""`python -m balefire`: the command line, where its script is not on the path."""

from balefire.cli import main

main()
