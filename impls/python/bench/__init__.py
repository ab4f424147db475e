"""The BCC runner: docs/PROTOCOL.md is the contract, ../README.md says why things are as they are."""

__version__ = "0.1.0"
