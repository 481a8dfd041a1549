"""Seal and check a ledger of 300,000 rows, against a bare COPY of the same rows."""

from bench import in_odoo


def run(stage):
    """Return the rows; see :mod:`devtools.commands.bench`."""
    with in_odoo.database(stage) as name:
        seen = in_odoo.run(stage, name, "seal")
    count = seen["rows"]
    memory = {"peak_memory_mb": seen["peak_mb"], "peak_memory_before_mb": seen["peak_before_mb"]}
    return [
        {
            "name": f"seal: {act}",
            "peer": "bare COPY of the rows to nowhere",
            "ratio": seen[act] / seen["copy"],
            "ours": count / seen[act],
            "theirs": count / seen["copy"],
            "unit": "rows a second",
            "n": count,
            "at_most": 8,
            **memory,
        }
        for act in ("seal", "check")
    ]
