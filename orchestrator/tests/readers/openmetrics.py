"""Two runs in OpenMetrics, read by the parser of Prometheus's client library: python3 openmetrics.py RUN LATER NAME

NAME is that of the benchmark of delays. In the later run one program costs twice as much.
"""

import sys
from pathlib import Path

from needed import need

parse = need("prometheus_client.openmetrics.parser").text_string_to_metric_families
COST = "ebpf_benchmark_cpu_per_event_seconds"
DELAY = "ebpf_benchmark_latency_seconds"


def families(path: str) -> dict:
    return {family.name: family for family in parse(Path(path).read_text(encoding="utf-8"))}


def costs(of: dict) -> dict:
    samples = [sample for sample in of[COST].samples if sample.labels["statistic"] == "value"]
    return {sample.labels["implementation"]: sample.value for sample in samples}


earlier, later = families(sys.argv[1]), families(sys.argv[2])
assert set(earlier) == set(later), set(earlier) ^ set(later)
for name, run in (("run", earlier), ("later", later)):
    assert run["ebpf_benchmark_run"].type == "info"
    assert [sample.labels["run"] for sample in run["ebpf_benchmark_run"].samples] == [name]
    assert (run[COST].type, run[COST].unit) == ("gauge", "seconds"), run[COST]
    assert {sample.value for sample in run["ebpf_benchmark_valid"].samples} == {1.0}
    delays = run[DELAY].samples
    assert {sample.labels["benchmark"] for sample in delays} == {sys.argv[3]}, delays
    assert {sample.labels["percentile"] for sample in delays} >= {"50", "99"}, delays
    assert all(1e-6 < sample.value < 1 for sample in delays), delays

assert set(costs(earlier)) == set(costs(later)) == {"c", "go"}
assert costs(earlier)["c"] == costs(later)["c"]
assert 1.99 < costs(later)["go"] / costs(earlier)["go"] < 2.01
