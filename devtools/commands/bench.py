"""Measure against stock peers, on a durable PostgreSQL.

Each bench/bench_<name>.py has `run(stage)` that returns a list of {"name", "peer", "ratio", "ours", "theirs", "unit",
"n"}; a row may say "at_least" or "at_most" of its ratio, and then the exit code tells whether it held. At a smaller
scale than 1 bounds are not judged: such a run shows that a benchmark works, not how fast we are.
"""

import argparse
import importlib
import json

from ..paths import ROOT
from ..stage import Stage
from ..ui import ApticError, say, step

NEEDS_ENVIRONMENT = True
KEYS = ("name", "peer", "ratio", "ours", "theirs", "unit", "n")
BOUNDS = ("at_least", "at_most")


def arguments(parser):
    """Add the options of the command."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="only this one")
    parser.add_argument("--json", metavar="FILE", help="write the rows to FILE (- for the terminal)")
    parser.add_argument(
        "--scale", type=_scale, default=1, metavar="PART", help="a part of the size, above 0; bounds count at 1 only"
    )


def _scale(text):
    try:
        scale = float(text)
    except ValueError:
        scale = 0
    if not 0 < scale <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0 and at most 1")
    return scale


def available():
    """Return the names of the benchmarks."""
    return sorted(path.stem.removeprefix("bench_").replace("_", "-") for path in (ROOT / "bench").glob("bench_*.py"))


def held(row):
    """Tell whether a row's ratio is within its bounds, where it has any."""
    return row.get("at_least", row["ratio"]) <= row["ratio"] <= row.get("at_most", row["ratio"])


def run(options):
    """Run the benchmarks, print a table, write JSON."""
    names = available()
    if options.name:
        if options.name not in names:
            raise ApticError(f"there is no benchmark {options.name!r}", f"one of: {' '.join(names) or '(none yet)'}")
        names = [options.name]
    stage, rows = Stage(options.scale), []
    for name in names:
        module = importlib.import_module(f"bench.bench_{name.replace('-', '_')}")
        with step(f"bench {name}"):
            fresh = module.run(stage)
        for row in fresh:
            missing = [key for key in KEYS if key not in row]
            if missing:
                raise ApticError(f"bench {name}: a row lacks {', '.join(missing)}")
        rows += fresh
    if options.scale != 1:
        rows = [{key: value for key, value in row.items() if key not in BOUNDS} for row in rows]
    _print(rows)
    if options.json:
        text = json.dumps(rows, indent=2, ensure_ascii=False)
        if options.json == "-":
            say(text)
        else:
            with open(options.json, "w", encoding="utf-8") as stream:
                stream.write(text + "\n")
    return 0 if rows and all(map(held, rows)) else 1


def _number(value):
    return f"{value:,.3g}" if isinstance(value, float) and abs(value) < 1000 else f"{value:,.0f}"


def _print(rows):
    say(f"{'name':<20} {'peer':<34} {'ours':>12} {'theirs':>12} {'unit':<14} {'n':>8} {'ratio':>8}  bound")
    for row in rows:
        bound = f"≥ {row['at_least']}" if "at_least" in row else f"≤ {row['at_most']}" if "at_most" in row else ""
        verdict = "" if not bound else " held" if held(row) else " MISSED"
        say(
            f"{row['name']:<20} {row['peer']:<34} {_number(row['ours']):>12} {_number(row['theirs']):>12} "
            f"{row['unit']:<14} {_number(row['n']):>8} {row['ratio']:>8.2f}  {bound}{verdict}"
        )
        extra = {key: value for key, value in row.items() if key not in (*KEYS, *BOUNDS)}
        if extra:
            say("    " + ", ".join(f"{key}: {value}" for key, value in extra.items()))
