"""``python -m workers.commands``: the command line where no script is installed."""

from workers.commands import main

main()
