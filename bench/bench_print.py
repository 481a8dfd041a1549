"""Draw 1,000 booklets of 10, against one page of the same sheet by QWeb and wkhtmltopdf; memory stays flat."""

from bench import in_odoo


def run(stage):
    """Return the rows; see :mod:`devtools.commands.bench`. Without wkhtmltopdf only memory is compared."""
    with in_odoo.database(stage) as name:
        seen = in_odoo.run(stage, name, "print")
    count = seen["vouchers"]
    rows = [
        {
            "name": "print memory",
            "peer": "100 booklets",
            "ratio": seen["peak_1000_mb"] / seen["peak_100_mb"],
            "ours": seen["peak_1000_mb"],
            "theirs": seen["peak_100_mb"],
            "unit": "MB",
            "n": count,
            "at_most": 1.05,
            "growth_mb": round(seen["peak_1000_mb"] - seen["peak_100_mb"], 1),
            "pdf_mb": round(seen["size_mb"], 1),
        }
    ]
    if "page" in seen:
        rate, theirs = count / seen["seconds"], seen["on_page"] / seen["page"]
        rows.insert(
            0,
            {
                "name": "print",
                "peer": "QWeb and wkhtmltopdf, one page",
                "ratio": rate / theirs,
                "ours": rate,
                "theirs": theirs,
                "unit": "vouchers/s",
                "n": count,
                "at_least": 10,
            },
        )
    return rows
