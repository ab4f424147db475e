"""Starts the runner as `python3 -I impls/python`: without a PYTHONPATH, so with nothing from the environment."""

import sys

from bench.main import main

sys.exit(main(sys.argv[1:]))
