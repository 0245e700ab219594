"""`python -m lrcourse` is the command `lrcourse`."""

import sys

from lrcourse.cli import main

if __name__ == "__main__":
    sys.exit(main())
