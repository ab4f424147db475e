"""The report for a person."""


def report(version: str, program: str, summary: dict[str, int], until_stop: int, delays: dict[str, int]) -> str:
    """`until_stop` is how many were read until the runner decided to stop, and the rate is of that; the summary also
    counts what was drained after that. `delays` are in nanoseconds, by the name of the percentile.
    """
    attempted, submitted, dropped = summary["attempted"], summary["submitted"], summary["dropped"]
    accounting, hint = "balanced", ""
    if attempted != submitted + dropped or submitted != summary["received"]:
        counts = ("attempted", "submitted", "dropped", "received")
        accounting = "NOT BALANCED: " + ", ".join(f"{name} {summary[name]}" for name in counts)
    if not attempted:
        hint = "\n\nhint: nothing triggered the program; run `orchestrator load` in another terminal"
    return f"""{version}

program      {program}
events       {summary["received"]:,} received of {attempted:,} attempted
dropped      {dropped:,}
throughput   {until_stop / summary["elapsed_ns"] * 1e9:,.0f} events/s
latency      {", ".join(f"{name} {delay:,} ns" for name, delay in delays.items()) or "none recorded"}
accounting   {accounting}{hint}"""
