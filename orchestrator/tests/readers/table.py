"""Two runs in CSV, put together and compared by pandas: python3 table.py RUN LATER NAME

NAME is that of the benchmark of delays. In the later run one program costs twice as much.
"""

import sys

from needed import need

pandas = need("pandas")
frames = [pandas.read_csv(path) for path in sys.argv[1:3]]
assert list(frames[0].columns) == list(frames[1].columns)
table = pandas.concat(frames, ignore_index=True)
assert not table.isna().any().any(), table[table.isna().any(axis=1)]
assert table["value"].dtype == float and all(table[name].dtype == int for name in ("trial", "block", "position"))
assert set(table["run"]) == {"run", "later"} and set(table["status"]) == {"valid"}
assert set(table.loc[table["question"] == "latency", "benchmark"]) == {sys.argv[3]}
assert not table.duplicated(["run", "trial", "quantity"]).any()

costs = table[(table["question"] == "capacity") & (table["quantity"] == "cpu_ns_per_event")]
medians = costs.groupby(["label", "run"])["value"].median().unstack()
assert costs.groupby(["label", "run"]).size().eq(3).all(), costs
assert medians.loc["c", "later"] == medians.loc["c", "run"]
assert 1.99 < medians.loc["go", "later"] / medians.loc["go", "run"] < 2.01, medians
