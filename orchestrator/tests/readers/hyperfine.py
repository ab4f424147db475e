"""Two runs in the form of hyperfine, read by the scripts that hyperfine ships: python3 hyperfine.py RUN LATER NAME

NAME is that of the benchmark of delays. In the later run one program costs twice as much.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from needed import need, skip

for module in ("numpy", "scipy", "matplotlib"):
    need(module)
VERSIONS = sorted(Path(sys.prefix).glob("hyperfine-*"))
if len(VERSIONS) < 2:
    skip("the scripts of hyperfine could not be fetched")


def run(script: Path, *arguments: str) -> str:
    environment = {**os.environ, "MPLBACKEND": "Agg", "MPLCONFIGDIR": str(Path.cwd())}
    command = [sys.executable, "-B", str(script), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{script} {arguments}: {done.stdout}{done.stderr}"
    return done.stdout


exports = {path: json.loads(Path(path).read_text(encoding="utf-8")) for path in sys.argv[1:3]}
for export in exports.values():
    assert [result["command"] for result in export["results"]] == [
        f"{benchmark}/{label}" for benchmark in ("capacity", "throughput", sys.argv[3]) for label in ("c", "go")
    ]

for scripts in VERSIONS:
    for path, export in exports.items():
        said = run(scripts / "advanced_statistics.py", path)
        assert all(f"Command '{result['command']}'" in said for result in export["results"]), said
        # The older one fails on fewer than five runs unless it is told over how many to average.
        plots = {"plot_whisker.py": (), "plot_histogram.py": (), "plot_progression.py": ("--moving-average-width", "1")}
        for name, more in plots.items():
            image = Path(f"{path}-{scripts.name}-{name}.png")
            run(scripts / name, path, "--output", str(image), *more)
            assert image.read_bytes().startswith(b"\x89PNG"), name
    image = Path(f"{scripts.name}-comparison.png")
    run(scripts / "plot_benchmark_comparison.py", *exports, "--output", str(image))
    assert image.read_bytes().startswith(b"\x89PNG")

    # One program in both runs: what somebody does who compares two versions.
    for index, differs in ((0, False), (1, True)):
        pair = Path(f"pair-{index}.json")
        results = [export["results"][index] for export in exports.values()]
        pair.write_text(json.dumps({**export, "results": results}), encoding="utf-8")
        said = run(scripts / "welch_ttest.py", str(pair))
        assert ("There is a difference" in said or "A statistically significant" in said) == differs, said
