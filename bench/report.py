# SPDX-License-Identifier: Apache-2.0
"""Run the benchmarks, or take their JSON file, and write the page, the picture, the README's table.

    python bench/report.py [--quick] [--threads 1] [--out docs/benchmarks.md] [--json FILE ...]

Without ``--quick`` expect roughly half an hour a pass and 10 GB of memory. A quick run tries
everything on small cases; it writes to ``bench/results`` and leaves the README alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from records import joined
from report_page import filled, page, readme_block

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"


def measured(arguments: argparse.Namespace, path: Path) -> None:
    """Run pytest in a process of its own; failures stop the report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pytest", "bench", f"--threads={arguments.threads}"]
    command += ["-q", f"--benchmark-json={path}", "--benchmark-disable-gc", "--benchmark-quiet"]
    command += ["--benchmark-sort=fullname", "--benchmark-columns=min,median,rounds"]
    command += ["--quick"] if arguments.quick else []
    command += [f"--passes={arguments.passes}"] if arguments.passes else []
    subprocess.run(command, cwd=ROOT, check=True)


def write(content: dict[str, Any], out: Path, readme: Path | None) -> None:
    """Page, picture beside it, and the README's part if wanted."""
    out.parent.mkdir(parents=True, exist_ok=True)
    picture = out.with_suffix(".png")
    try:
        from figure import draw

        drawn = draw(content, picture)
    except ImportError as error:
        print(f"no picture: {error}", file=sys.stderr)
        drawn = False
    out.write_text(page(content, picture.name if drawn else None), encoding="utf-8")
    if readme is not None:
        link = Path(os.path.relpath(out, readme.parent)).as_posix()
        text = filled(readme.read_text(encoding="utf-8"), readme_block(content, link))
        readme.write_text(text, encoding="utf-8")


def main() -> None:
    """Read the options, run, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small cases, one pass")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--passes", type=int, default=0, help="2; quick: 1")
    parser.add_argument(
        "--json", type=Path, nargs="+", help="take these runs, as passes of one, not a new one"
    )
    parser.add_argument("--out", type=Path, help="docs/benchmarks.md; quick: bench/results")
    parser.add_argument("--readme", type=Path, help="README.md; quick: none")
    arguments = parser.parse_args()
    paths = arguments.json
    if paths is None:
        paths = [RESULTS / ("quick.json" if arguments.quick else "benchmarks.json")]
        measured(arguments, paths[0])
    content = joined([json.loads(path.read_text(encoding="utf-8")) for path in paths])
    quick = content["machine_info"]["hashrec"]["quick"]
    out = arguments.out or (RESULTS / "quick.md" if quick else ROOT / "docs" / "benchmarks.md")
    readme = arguments.readme or (None if quick else ROOT / "README.md")
    write(content, out, readme)
    print(f"wrote {out}")


if __name__ == "__main__":
    main()
