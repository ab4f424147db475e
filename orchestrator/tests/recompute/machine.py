"""What the whole machine's first reading and its last say, written from docs/FIGURES.md."""

from __future__ import annotations

from typing import Any

Readings = list[dict[str, Any]]


def softirq_percent(readings: Readings) -> float | None:
    """Time in soft interrupts, per cent of one core."""
    if not readings or None in (readings[0]["softirq_ns"], readings[-1]["softirq_ns"]):
        return None
    spent = readings[-1]["softirq_ns"] - readings[0]["softirq_ns"]
    passed = readings[-1]["t_ns"] - readings[0]["t_ns"]
    return spent / passed * 100 if spent >= 0 and passed > 0 else None


def joules(readings: Readings) -> float | None:
    """What all packages used; a counter may have begun anew."""
    packages = [{each["zone"]: each for each in reading.get("energy", [])} for reading in readings]
    if not packages or not packages[0]:
        return None
    used = 0
    for zone, before in packages[0].items():
        after = packages[-1].get(zone)
        if after is None:
            return None
        anew = before["range_uj"] if after["energy_uj"] < before["energy_uj"] else 0
        used += after["energy_uj"] + anew - before["energy_uj"]
    return used / 10**6
