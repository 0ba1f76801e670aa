"""`python -m crossfade` is the command `crossfade`."""

from crossfade.entrypoints.cli.main import main

main()
