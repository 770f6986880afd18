"""``python -m blindsr``."""

from blindsr.cli.main import main

main()
