"""`python -m search.cli` is `stemma`."""

import sys

from search.cli.main import main

sys.exit(main())
