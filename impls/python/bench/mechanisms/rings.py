"""A ring buffer for each CPU, all of which BCC reads in one call."""

import ctypes as ct

from ..framework import BPF
from .ringbuf import RingBuffer


class Rings:
    """As `RingBuffer`, of several: each has a callback of its own."""

    text = "rings"

    def __init__(self, cpus: list[int], *, latency: bool, plain: bool = False) -> None:
        self.rings = {cpu: RingBuffer(latency=latency, plain=plain) for cpu in cpus}
        # What BCC changes must be in the text: a name made by a macro would not be.
        self.declarations = "".join(f"BPF_RINGBUF_OUTPUT(ring{cpu}, RING_PAGES);\n" for cpu in cpus)
        self.declarations += f'BPF_ARRAY_OF_MAPS(rings, "ring{cpus[0]}", POSSIBLE_CPUS);\n'
        self.maps = ("rings", *(f"ring{cpu}" for cpu in cpus))

    def open(self, bpf: BPF) -> None:
        """Put each into the map `rings`, and have its records given to its callback."""
        for cpu, ring in self.rings.items():
            table = bpf[f"ring{cpu}"]
            bpf["rings"][ct.c_int(cpu)] = ct.c_int(table.map_fd)
            table.open_ring_buffer(ring.callback)
        self.poll = bpf.ring_buffer_poll
        self.consume = bpf.ring_buffer_consume

    def received(self) -> int:
        """Records so far."""
        return sum(ring.received() for ring in self.rings.values())

    def totals(self) -> tuple[int, int, int]:
        """And with them their bytes and the sum of their marks."""
        received, payload_bytes, marks = (
            sum(part) for part in zip(*(ring.totals() for ring in self.rings.values()), strict=True)
        )
        return received, payload_bytes, marks & (1 << 64) - 1

    @property
    def delay_counts(self) -> list[int]:
        """Those of all together."""
        return [sum(counts) for counts in zip(*(ring.delay_counts for ring in self.rings.values()), strict=True)]

    def ended(self) -> bool:
        """Whether a drain has ended, or would, before all was read."""
        return any(ring.ended() for ring in self.rings.values())

    def end_drain(self) -> None:
        """End it after the next record, of whatever ring."""
        for ring in self.rings.values():
            ring.end_drain()

    def continue_drain(self) -> None:
        """Let it go on."""
        for ring in self.rings.values():
            ring.continue_drain()
