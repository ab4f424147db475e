"""The BCC runner of `ringbuf_throughput`: see docs/PROTOCOL.md for the contract and ../README.md for the choices."""

__version__ = "0.1.0"
