"""Entry point of `python -m search.cli`, which is the command `stemma`."""

import sys

from search.cli.main import main

sys.exit(main())
