"""The rate without loss of a ladder, written from docs/FIGURES.md."""

from __future__ import annotations

from typing import Any

Rung = dict[str, Any]


class Ladder:
    """The rungs of one trial and its benchmark."""

    def __init__(self, rungs: list[Rung], plan: dict[str, Any], slot: int) -> None:
        """`slot` is the bytes of a record in the ring."""
        self.rungs, self.plan = rungs, plan
        self.batch = plan["runner"]["batch"]
        self.trigger_bytes = slot * self.batch
        self.keep_one_in: int = plan["runner"].get("keep_one_in", 1)
        wakeup = plan["runner"]["wakeup"]
        self.timer = wakeup.get("timer") if isinstance(wakeup, dict) else None
        sampled = wakeup.get("sampled") if isinstance(wakeup, dict) else None
        rings = plan["load"]["threads"] if plan["runner"].get("rings") == "cpu" else 1
        self.sampled_bytes = sampled["bytes"] * rings if sampled else 0

    def end(self, rung: Rung) -> str | None:
        """What became of a rung."""
        if None in (rung["attempted"], rung["dropped"], rung["least_waiting_bytes"]):
            return None
        load = rung["load"]
        loss = self.plan.get("most_loss")
        if rung["dropped"] > (0.001 if loss is None else loss) * rung["attempted"]:
            return "dropped"
        waiting = 2_000_000 + (self.timer["interval_ns"] if self.timer else 0)
        arriving = load["rate_per_sec"] * waiting // 10**9 * self.trigger_bytes // self.keep_one_in
        allowed = arriving + self.trigger_bytes
        if rung["least_waiting_bytes"] > allowed + self.sampled_bytes:
            return "behind"
        return "missed" if load["missed"] > 0.002 * (load["issued"] + load["missed"]) else "carried"

    def figures(self, alone: float | None) -> dict[str, Any]:
        """`loss_free_per_sec` and `limit`. `alone`: what a record costs the load by itself, nanoseconds."""
        ends = [self.end(rung) for rung in self.rungs]
        if None in ends:
            return {"loss_free_per_sec": None, "limit": None}
        found = list(zip((rung["load"]["rate_per_sec"] for rung in self.rungs), ends, self.rungs, strict=True))
        proofs = any(rung.get("is_proof", False) for rung in self.rungs)
        carried = [
            (rate, rung) for rate, end, rung in found if end == "carried" and rung.get("is_proof", False) == proofs
        ]
        highest = max((rate for rate, _ in carried), default=None)
        value = None
        for rate, rung in carried:
            if rate == highest:
                load = rung["load"]
                value = rate * self.batch / self.keep_one_in * load["issued"] / (load["issued"] + load["missed"])
        above = [
            (rate, end, rung) for rate, end, rung in found if end != "carried" and (highest is None or rate > highest)
        ]
        lowest = min((rate for rate, _, _ in above), default=None)
        last = [(end, rung) for rate, end, rung in above if rate == lowest][-1:]
        limit = self.limit(*last[0], alone) if last else None
        return {"loss_free_per_sec": value, "limit": limit}

    def limit(self, end: str | None, rung: Rung, alone: float | None) -> dict[str, Any]:
        """What stood against a rate."""
        load = rung["load"]
        length = load["ended_ns"] - load["started_ns"]
        busy = None if rung["runner_cpu_ns"] is None else rung["runner_cpu_ns"] / length
        if busy is not None and busy >= 0.95:
            return {"by": "consumer", "share": busy}
        if end in ("dropped", "behind"):
            share = rung["dropped"] / rung["attempted"] if rung["dropped"] else None
            return {"by": "timer_or_ring" if self.timer else "loss", "share": share}
        events = load["issued"] * self.batch / self.keep_one_in
        if alone is not None and events:
            beyond = load["cpu_ns"] / events - alone
            share = max(0.0, 1 - alone / (load["cpu_ns"] / events))
            if share > 0.5:
                sleeps = rung["sleeps"]
                dear = sleeps is not None and beyond * events > 50_000 * sleeps
                return {"by": "contention" if dear else "wakeups", "share": share}
        return {"by": "load", "share": load["cpu_ns"] / length / max(1, self.plan["load"]["threads"])}
