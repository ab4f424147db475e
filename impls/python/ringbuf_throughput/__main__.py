"""Entry point: `python3 -m ringbuf_throughput`."""

import sys

from .interpreter import ensure

ensure()

from .runner import main  # noqa: E402 - only this interpreter is sure to have what the rest imports

sys.exit(main(sys.argv[1:]))
