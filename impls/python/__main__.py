"""Starts the runner as `python3 -I impls/python`: without a PYTHONPATH, so with nothing from the environment."""

import runpy

runpy.run_module("ringbuf_throughput", run_name="__main__", alter_sys=True)
