"""``python -m policyconsole``: the same program as ``policy-console``."""

import sys

from policyconsole.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
