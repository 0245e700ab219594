"""Open the course: python3 start.py. Run all its tests: python3 start.py test.

This file is kept readable for Python 2.7, so that an old Python gives advice and not a traceback.
"""

import sys


def main():
    if sys.version_info < (3, 11):  # noqa: UP036
        version = ".".join(str(number) for number in sys.version_info[:2])
        sys.exit(
            "This course needs Python 3.11 or newer, and this is Python " + version + ": install a"
            " newer one and start again with it, for example: python3.12 start.py"
        )
    from tools import starter

    return starter.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
