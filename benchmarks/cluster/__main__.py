"""`python -m benchmarks.cluster --corpora FOLDER` measures the engine on OpenSearch beside the embedded one.

It is apart from what it starts: processes that are spawned do not import a `__main__`.
"""

from __future__ import annotations

import sys

from benchmarks.cluster.both_engines import main

main(sys.argv[1:])
