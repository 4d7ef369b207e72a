"""`python -m zisk` is the `zisk` command."""

import sys

from zisk.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
