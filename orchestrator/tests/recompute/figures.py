"""The figures of one trial, written from docs/FIGURES.md."""

from __future__ import annotations

import json
from typing import Any

from hdr import Histogram
from ladder import Ladder
from machine import joules, softirq_percent

NS = 10**9

# Questions that are answered by what a trigger costs the load.
BY_TRIGGER = ("cost", "overhead", "scalability", "complexity")
# Questions that stand whatever rate the load could keep.
AT_ANY_RATE = ("drop_curve",)


def minus(left: float | None, right: float | None) -> float | None:
    """A difference; a negative one is unknown."""
    return None if left is None or right is None or left < right else left - right


def over(left: float | None, right: float | None) -> float | None:
    """A quotient; that by 0 is unknown."""
    return None if left is None or not right else left / right


def plus(left: float | None, right: float | None) -> float | None:
    """A sum."""
    return None if left is None or right is None else left + right


def rest(whole: float | None, *parts: float | None) -> float | None:
    """What is left of a whole, at least 0."""
    if whole is None or None in parts:
        return None
    return max(0, whole - sum(part for part in parts if part is not None))


def times(*factors: float | None) -> float | None:
    """A product."""
    product: float = 1
    for factor in factors:
        if factor is None:
            return None
        product *= factor
    return product


def total(values: list[Any]) -> float | None:
    """The sum of those that are known."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def middle(values: list[float]) -> float | None:
    """The median."""
    ordered = sorted(values)
    if not ordered:
        return None
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


class Trial:
    """Raw facts of one trial and its benchmark."""

    def __init__(self, record: dict[str, Any], benchmark: dict[str, Any]) -> None:
        self.record = record
        self.plan = benchmark
        self.batch: int = benchmark["runner"]["batch"]
        self.keep_one_in: int = benchmark["runner"].get("keep_one_in", 1)
        self.slot = (benchmark["runner"]["record_size"] + 8 + 7) // 8 * 8
        self.load: dict[str, Any] | None = record["load"]
        self.warm_up: dict[str, Any] | None = record["warm_up"]
        self.pattern: str = benchmark["load"]["pattern"]["kind"]
        messages = [json.loads(line["line"]) for line in record["stdout"]]
        self.messages = [message for message in messages if message.get("type") == "counters"]
        self.ready = self.only(messages, "ready")
        self.summary = self.only(messages, "summary")
        self.readings = record["readings"]

    @staticmethod
    def only(messages: list[dict[str, Any]], kind: str) -> dict[str, Any]:
        """The message of a kind, or nothing known."""
        return next((message for message in messages if message.get("type") == kind), {})

    def of_load(self, field: str) -> int | None:
        """A field of the load's report."""
        return None if self.load is None else self.load.get(field)

    # The measured part

    def window(self) -> float | None:
        return minus(self.of_load("ended_ns"), self.of_load("started_ns"))

    def load_cpu(self) -> float | None:
        return total([self.of_load("user_ns"), self.of_load("system_ns")])

    def cpu_start(self) -> int | None:
        cpu: int | None = self.record["cpu_ready_ns"] if self.warm_up is None else self.warm_up["cpu_ns"]
        return cpu

    def consumed(self, moment: str) -> int | None:
        """Where the consumer was at a moment."""
        return (self.readings[moment] or {}).get("consumer_position")

    def counters(self, moment: str) -> dict[str, int] | None:
        """What the program had counted at a moment."""
        return (self.readings[moment] or {}).get("counters")

    def messages_before_release(self) -> list[dict[str, Any]]:
        released = self.record["times"]["released_ns"]
        return [message for message in self.messages if released is not None and message["t_ns"] <= released]

    def read_start(self) -> int | None:
        if self.warm_up is None:
            return 0
        for position in (self.consumed("released"), self.warm_up["consumer_position"]):
            if position is not None:
                return int(position) // self.slot
        before = self.messages_before_release()
        return int(before[-1]["received"]) if before else None

    def events_read(self) -> int | None:
        consumed = minus(self.consumed("settled"), self.consumed("released"))
        if consumed is not None:
            return int(consumed) // self.slot
        return minus(self.summary.get("received"), self.read_start())  # type: ignore[return-value]

    def counted(self, field: str) -> float | None:
        """Attempted or dropped events."""
        end, start = self.counters("settled"), self.counters("released")
        if end is not None and start is not None:
            return minus(end[field], start[field])
        if self.warm_up is None:
            known: float | None = self.summary.get(field)
            return known
        attempted = times(self.of_load("issued"), self.batch)
        return attempted if field == "attempted" else minus(attempted, self.events_read())

    def woken(self) -> tuple[float | None, float | None]:
        """Wakeups and the events that were read meanwhile."""
        before = self.messages_before_release()
        if self.summary.get("wakeups") is None:
            return None, None
        start: dict[str, Any] | None = {"wakeups": 0, "received": 0}
        if self.warm_up is not None:
            later = self.messages[len(before) :]
            if before and before[-1]["received"] == self.read_start():
                start = before[-1]
            else:
                start = later[0] if later else None
        if start is None or start["wakeups"] is None:
            return None, None
        pair = tuple(minus(self.summary[field], start[field]) for field in ("wakeups", "received"))
        return (None, None) if None in pair else (pair[0], pair[1])

    # Rates and shares

    def read_by(self) -> list[tuple[int, int]]:
        """Moments, and how many events had been read by then."""
        start = self.read_start()
        if start is None:
            return []
        positions = self.readings["positions"]
        if positions and all(reading["consumer_position"] is not None for reading in positions):
            pairs = [(reading["t_ns"], reading["consumer_position"] // self.slot) for reading in positions]
        else:
            pairs = [(message["t_ns"], message["received"]) for message in self.messages]
        return [(t_ns, max(0, read - start)) for t_ns, read in pairs]

    def delivered_per_sec(self) -> float | None:
        window, read = self.window(), self.events_read()
        if self.load is None or not window or read is None:
            return None
        begin, end = self.load["started_ns"], self.load["ended_ns"]
        readings = self.read_by()
        after = next((events for t_ns, events in readings if t_ns >= end), read)
        before = [(t_ns, events) for t_ns, events in readings if begin < t_ns < end]
        if not before:
            return after / window * NS
        t_ns, events = before[-1]
        carried_on = events / (t_ns - begin) * window
        return min(max(carried_on, events), max(after, events)) / window * NS

    def cpu_ns_per_event(self) -> float | None:
        if self.record["left_bytes"]:
            return None
        spent = plus(minus(self.record["cpu_settled_ns"], self.cpu_start()), self.hidden())
        return over(spent, self.events_read()) or None

    def runner_cpu_percent(self) -> float | None:
        if self.load is None:
            return None
        seen = self.record["times"]["load_ended_ns"]
        end = max(seen, self.load["ended_ns"]) if seen is not None else self.load["ended_ns"]
        spent = plus(minus(self.record["cpu_load_ended_ns"], self.cpu_start()), self.hidden())
        return times(over(spent, minus(end, self.load["started_ns"])), 100)

    def kept(self) -> float | None:
        """Triggers of which the program makes records."""
        kept = self.of_load("kept")
        return self.of_load("issued") if kept is None else kept

    def on_schedule(self) -> float | None:
        """Triggers that had a slot."""
        had = self.of_load("on_schedule")
        return self.of_load("issued") if had is None else had

    def slots(self) -> int | None:
        slots = plus(self.on_schedule(), self.of_load("missed"))
        return None if slots is None else int(slots)

    def missed_share(self) -> float | None:
        return over(self.of_load("missed"), self.slots())

    def pushes(self) -> bool:
        """Whether the load does not wait for its slots."""
        return self.pattern not in ("ladder", "beside") and (
            self.pattern != "open" or (self.missed_share() or 0) > 0.01
        )

    def load_ns_per_event(self) -> float | None:
        if not self.pushes():
            return None
        return over(self.load_cpu(), times(self.kept(), self.batch)) or None

    def load_ns_per_event_alone(self) -> float | None:
        if not (self.pushes() or self.pattern == "ladder") or self.warm_up is None:
            return None
        events = self.batch / self.keep_one_in
        return middle([fill["cpu_ns"] / (fill["issued"] * events) for fill in self.warm_up["fills"]])

    def load_excess_share(self) -> float | None:
        own = over(self.load_ns_per_event_alone(), self.load_ns_per_event())
        return None if own is None else max(0.0, 1 - own)

    def lateness(self, p: float) -> int | None:
        encoded = None if self.load is None else self.load["lateness"]
        return None if encoded is None else Histogram.decode(encoded).percentile(p, self.slots())

    def schedule(self) -> bool | None:
        """Whether a rate that was asked for was kept; unknown where that is not held against the trial."""
        missed = self.missed_share()
        return None if missed is None or self.plan["question"] in AT_ANY_RATE else missed <= 0.1

    def load_ns_per_trigger(self) -> float | None:
        if self.plan["question"] not in BY_TRIGGER:
            return None
        spent = self.of_load("call_ns") if self.pattern == "open" else self.load_cpu()
        return over(spent, self.of_load("issued"))

    def least_thread_share(self) -> float | None:
        issued = [thread["issued"] for thread in (self.load or {}).get("threads", [])]
        return over(min(issued), sum(issued) / len(issued)) if issued else None

    def delivered_per_thread(self) -> float | None:
        if self.plan["question"] != "scalability":
            return None
        return over(self.delivered_per_sec(), max(1, self.plan["load"]["threads"]))

    def rings(self) -> list[dict[str, Any]]:
        """What went through each ring, where each CPU has one."""
        readings = self.record["readings"]
        by_time = {at["t_ns"]: at["rings"] for at in readings.get("rings", [])}
        ends = [readings[name] for name in ("released", "settled")]
        if None in ends:
            return []
        found = []
        for before in by_time.get(ends[0]["t_ns"], []):
            of = [ring for ring in by_time.get(ends[1]["t_ns"], []) if ring["cpu"] == before["cpu"]]
            looks = [ring for at in readings["positions"] for ring in by_time.get(at["t_ns"], [])]
            waited = [r["producer_position"] - r["consumer_position"] for r in looks if r["cpu"] == before["cpu"]]
            if not of:
                continue
            read = of[0]["consumer_position"] // self.slot - before["consumer_position"] // self.slot
            dropped = minus(of[0]["dropped"], before["dropped"])
            if read > 0 or (dropped or 0) > 0:
                most = max(waited, default=0)
                found.append({"cpu": before["cpu"], "read": read, "dropped": dropped, "peak_backlog_bytes": most})
        return found

    def quiet(self) -> dict[str, int | None]:
        """Delays in the ring of the CPU of the load's last thread, which has it to itself."""
        threads = (self.load or {}).get("threads", [])
        cpus = [thread.get("cpu") for thread in threads]
        if self.pattern != "beside" or not cpus or cpus[-1] is None or cpus.count(cpus[-1]) > 1:
            return {}
        told = [ring for ring in self.summary.get("rings") or [] if ring["cpu"] == cpus[-1] and ring["latency"]]
        if not told:
            return {}
        slots, histogram = self.slots(), Histogram.decode(told[0]["latency"])
        planned = None if slots is None else slots * self.batch
        return {f"quiet_p{p}_ns": histogram.percentile(p / 100, planned) for p in (50, 99)}

    def least_ring_share(self) -> float | None:
        read = [ring["read"] for ring in self.rings()]
        return over(min(read), sum(read) / len(read)) if len(read) > 1 and sum(read) > 0 else None

    def bpf_run_ns(self) -> float | None:
        programs = self.record["kernel"]["programs"]
        spent, runs = (total([program[field] for program in programs]) for field in ("run_time_ns", "run_count"))
        return over(spent, runs)

    # Sums, peaks and words

    def grown(self, field: str) -> float | None:
        known = [snapshot[field] for snapshot in self.record["snapshots"] if snapshot[field] is not None]
        return minus(known[-1], known[0]) if len(known) > 1 else None

    def peak(self, *fields: str) -> int | None:
        values = [snapshot[field] for snapshot in self.record["snapshots"] for field in fields]
        return max((value for value in values if value is not None), default=None)

    def first_event_ns(self) -> float | None:
        """Without what passed between `ready` and the first trigger."""
        times = self.record["times"]
        waited = minus(self.record.get("first_read_ns"), self.of_load("started_ns"))
        return plus(minus(times["ready_ns"], times["spawned_ns"]), waited)

    def of_programs(self, field: str) -> float | None:
        return total([program[field] for program in self.record["kernel"]["programs"]])

    def map_memory_bytes(self) -> int | None:
        kernel = self.record["kernel"]
        rings = {ring["map_id"]: ring["size_bytes"] + 3 * 4096 for ring in kernel["rings"]}
        pairs = [(each["memory_bytes"], rings.get(each["id"])) for each in kernel["maps"]]
        sizes = [max((size for size in pair if size is not None), default=None) for pair in pairs]
        return sum(sizes) if sizes and None not in sizes else None

    def peak_backlog_bytes(self) -> float | None:
        pairs = [(reading["producer_position"], reading["consumer_position"]) for reading in self.readings["positions"]]
        return max((waiting for pair in pairs if (waiting := minus(*pair)) is not None), default=None)

    def limit(self, figures: dict[str, Any]) -> dict[str, Any] | None:
        """What limited the rate, in the order of METHODOLOGY's table."""
        busy = None if figures["runner_cpu_percent"] is None else figures["runner_cpu_percent"] / 100
        wakeup = self.plan["runner"]["wakeup"]
        timer = wakeup == "none" or (isinstance(wakeup, dict) and "timer" in wakeup)
        dropped = figures["drop_ratio"]
        if dropped is not None and dropped > 0.001:
            idle = timer and busy is not None and busy < 0.95
            return {"by": "timer_or_ring" if idle else "loss", "share": dropped}
        if busy is not None and busy >= 0.95:
            return {"by": "consumer", "share": busy}
        if figures["load_cpu_percent"] is None:
            return None
        missed = figures["missed_share"] or 0
        closed = self.pattern == "closed"
        if not closed and missed <= 0.01:
            return {"by": "schedule", "share": 1 - missed}
        excess = figures["load_excess_share"]
        wakeups = figures["wakeups_per_event"]
        if wakeups is None:
            wakeups = over(figures["voluntary_switches"], figures["events_read"])
        if excess is not None and excess > 0.5:
            beyond = figures["load_ns_per_event"] - figures["load_ns_per_event_alone"]
            dear = wakeups is not None and beyond > 50_000 * wakeups
            return {"by": "contention" if dear else "wakeups", "share": excess}
        if excess is None and wakeups is not None and wakeups >= 0.05:
            return {"by": "wakeups", "share": None}
        own = figures["load_cpu_percent"] / 100 / max(1, self.plan["load"]["threads"]) * (1 - (excess or 0))
        return {"by": "load", "share": own if closed else missed}

    def figures(self) -> dict[str, Any]:
        """All of them, by name."""
        record = self.record
        wakeups, meanwhile = self.woken()
        attempted, dropped = self.counted("attempted"), self.counted("dropped")
        offered = over(times(self.kept(), self.batch), self.window())
        grown = ["user_ns", "system_ns", "minor_faults", "major_faults", "voluntary_switches", "involuntary_switches"]
        figures = {
            "cpu_ns_per_event": self.cpu_ns_per_event(),
            "delivered_per_sec": self.delivered_per_sec(),
            "offered_per_sec": times(offered, NS),
            "drop_ratio": over(dropped, attempted),
            "wakeups_per_event": over(wakeups, meanwhile),
            "events_per_wakeup": over(meanwhile, wakeups),
            "events_attempted": attempted,
            "events_dropped": dropped,
            "events_read": self.events_read(),
            "wakeups": wakeups,
            "events_while_wakeups": meanwhile,
            "peak_backlog_bytes": self.peak_backlog_bytes(),
            "load_ns_per_event": self.load_ns_per_event(),
            "load_ns_per_event_alone": self.load_ns_per_event_alone(),
            "load_excess_share": self.load_excess_share(),
            "missed_share": self.missed_share(),
            "late_share": over(self.of_load("late"), self.on_schedule()),
            "lateness_p50_ns": self.lateness(0.5),
            "lateness_p99_ns": self.lateness(0.99),
            "runner_cpu_percent": self.runner_cpu_percent(),
            "load_cpu_percent": times(over(self.load_cpu(), self.window()), 100),
            "supervisor_cpu_percent": times(over(record["supervisor"]["cpu_ns"], record["supervisor"]["wall_ns"]), 100),
            "supervisor_peak_rss_bytes": record["supervisor"]["peak_rss_bytes"],
            "peak_rss_bytes": self.peak("peak_rss_bytes", "rss_bytes"),
            "virtual_bytes": self.peak("virtual_bytes"),
            "private_bytes": self.peak("private_bytes"),
            "pss_bytes": self.peak("pss_bytes"),
            "threads": self.peak("threads"),
            "map_memory_bytes": self.map_memory_bytes(),
            "time_to_ready_ns": minus(record["times"]["ready_ns"], record["times"]["spawned_ns"]),
            "first_event_ns": self.first_event_ns(),
            "exit_ns": minus(record["times"]["exited_ns"], record["times"]["stop_ns"]),
            "private_at_rest_bytes": (record.get("at_rest") or {}).get("private_bytes"),
            "softirq_percent": softirq_percent(record["machine"]),
            "joules_per_event": over(joules(record["machine"]), self.events_read()),
            "program_files": (record.get("files") or {}).get("files"),
            "program_bytes": (record.get("files") or {}).get("bytes"),
            "least_thread_share": self.least_thread_share(),
            "delivered_per_thread": self.delivered_per_thread(),
            "least_ring_share": self.least_ring_share(),
            "load_ns_per_trigger": self.load_ns_per_trigger(),
            "bpf_run_ns": self.bpf_run_ns(),
            "verified_instructions": self.of_programs("verified_instructions"),
            "jited_bytes": self.of_programs("jited_bytes"),
            "load_ns": self.ready.get("load_ns"),
            "attach_ns": self.ready.get("attach_ns"),
        }
        figures.update({field: self.grown(field) for field in grown})
        figures["loss_free_per_sec"] = None
        figures["limit"] = self.limit(figures)
        if self.pattern == "ladder":
            ladder = Ladder(record.get("rungs", []), self.plan, self.slot)
            figures.update(ladder.figures(figures["load_ns_per_event_alone"]))
            figures["offered_per_sec"] = figures["delivered_per_sec"] = None
        if self.rings():
            figures["rings"] = self.rings()
        figures.update({key: value for key, value in self.quiet().items() if value is not None})
        return figures

    def grown_cpu(self, field: str) -> float | None:
        """Growth of a CPU time between the release and the end of the measured part."""
        facts = self.record["processes"]
        return rest(facts["settled"].get(field), facts["released"].get(field))

    def busy(self, whose: str) -> float | None:
        """What was work by both accounts of a processor: the ticks' and the clock's, where there is the second."""
        accounts = [self.grown_cpu(f"{whose}_ns"), self.grown_cpu(f"{whose}_awake_ns")]
        if accounts[0] is None:
            return None
        return min(account for account in accounts if account is not None)

    def hidden(self) -> float:
        """CPU time of the runner that is in no clock of a living process."""
        balance = self.cpu()
        return 0 if balance is None else balance["hidden_ns"] or 0

    def cpu(self) -> dict[str, Any] | None:
        """Who used the processors."""
        facts = self.record["processes"]
        if facts["released"] is None or facts["settled"] is None:
            return None
        clocks, group = self.grown_cpu("clocks_ns"), self.grown_cpu("group_ns")
        more = self.grown_cpu("reaped_ns") if group is None else rest(group, clocks)
        hidden = None
        if more is not None and clocks is not None:
            hidden = more if more >= 500_000 and more >= 0.01 * clocks else 0
        runner = plus(clocks, hidden or 0)
        source = ("reaped" if group is None else "group") if hidden else "clocks"
        others = rest(self.busy("machine"), runner, self.load_cpu(), self.grown_cpu("supervisor_ns"))
        awake = (self.record["pauses"] or {}).get("cpu_ns", 0)
        suspects = sum(each["cpu_ns"] for each in facts["strangers"] if each["hidden_map"])
        return {
            "window_ns": self.grown_cpu("t_ns"),
            "runner_ns": runner,
            "runner_by": None if runner is None else source,
            "hidden_ns": hidden,
            "load_ns": self.load_cpu(),
            "supervisor_ns": self.grown_cpu("supervisor_ns"),
            "others_on_processor_ns": rest(self.busy("runner_processor"), runner, awake),
            "others_ns": others,
            "unexplained_ns": rest(others, rest(facts["strangers_cpu_ns"], suspects)),
        }

    def latency(self) -> dict[str, Any] | None:
        """The delays, but for their histogram itself."""
        encoded = self.summary.get("latency")
        if encoded is None:
            return None
        kept, missed = self.kept(), self.of_load("missed")
        slots = None if kept is None or missed is None else int(kept) + int(missed) // self.keep_one_in
        return delays(Histogram.decode(encoded), None if slots is None else slots * self.batch)


def delays(histogram: Histogram, planned: int | None) -> dict[str, Any]:
    """Percentiles of a histogram."""
    percentiles = {"p50_ns": 0.5, "p95_ns": 0.95, "p99_ns": 0.99, "p999_ns": 0.999}
    return {
        "samples": histogram.samples(),
        "planned": planned,
        "mean_ns": histogram.mean(),
        "max_ns": histogram.largest(),
        **{name: histogram.percentile(p, planned) for name, p in percentiles.items()},
    }
