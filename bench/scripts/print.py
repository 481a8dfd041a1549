"""In Odoo's shell (``env``, ``report``): draw sheets of 100 and of 1,000 booklets, and one page by wkhtmltopdf."""
# ruff: noqa: F821

import base64
import io
import os
import resource
import shutil
import statistics
import time
from datetime import date

from lxml import etree
from odoo.addons.aptic_voucher import sheet
from PIL import Image

SIZE = 10
PAGE = """
<t t-name="bench_page">
<html><head><meta charset="utf-8"/><style>
body {margin: 0; font-family: sans-serif; color: #1b2a57}
.slip {height: 46mm; width: 190mm; border: 1px solid #b9c4dc; position: relative; page-break-inside: avoid}
.stub {position: absolute; left: 0; top: 0; width: 32mm; height: 46mm; background: #eef2fa; font-size: 7pt}
.band {position: absolute; left: 32mm; right: 0; top: 0; height: 8mm; background: #1b2a57; color: white}
.text {position: absolute; left: 35mm; top: 10mm; width: 42mm; font-size: 7pt}
.value {position: absolute; left: 81mm; top: 10mm; font-size: 20pt; color: #c8323f}
.code {position: absolute; left: 110mm; top: 10mm; width: 76mm; text-align: center; font-size: 9pt}
.code img {width: 70mm; height: 15mm}
</style></head><body>
<div class="slip"><div class="text"><b t-out="sheet.sponsor"/><br/><t t-out="sheet.message"/></div>
<div class="value">#APTIC</div></div>
<t t-foreach="pairs" t-as="pair"><div class="slip">
<div class="stub">#APTIC<br/><t t-out="face"/><br/><t t-out="sheet.sponsor"/><br/><t t-out="pair[0]"/></div>
<div class="band">#APTIC le chèque culture numérique pour tous</div>
<div class="text"><b t-out="sheet.sponsor"/><br/><t t-out="sheet.message"/></div>
<div class="value"><t t-out="face"/><div style="font-size: 7pt"><t t-out="words"/><br/><t t-out="day"/></div></div>
<div class="code"><img t-att-src="image(pair[1])"/><br/><t t-out="pair[1]"/><br/><t t-out="pair[0]"/></div>
</div></t>
</body></html>
</t>
"""


def issued(booklets):
    """An order with its vouchers made."""
    order = env["aptic.order"]._guarded_create(
        [
            {
                "sponsor_id": sponsor.id,
                "quantity": booklets * SIZE,
                "booklet_size": SIZE,
                "last_day": date.today(),
                "message": "Un formateur près de chez vous, pour apprendre à votre rythme.",
                "state": "proofed",
            }
        ]
    )
    order._issue()
    env.cr.commit()
    return order


def draw(order):
    """Draw an order's sheets as the download does; return seconds, bytes and the peak of memory in MB."""
    env.invalidate_all()
    start = time.perf_counter()
    with order._print(reason="bench") as file:
        size = file.seek(0, os.SEEK_END)
    env.cr.commit()
    return time.perf_counter() - start, size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def page_by_qweb(model, pairs):
    """The first page of a booklet as a QWeb report: template, barcode pictures, wkhtmltopdf; return seconds."""

    def image(code):
        modules = sheet.bars(code)
        picture, stream = Image.new("1", (len(modules), 1)), io.BytesIO()
        picture.putdata([module == "0" for module in modules])
        picture.resize((4 * len(modules), 150)).save(stream, "PNG")
        return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()

    values = {
        "sheet": model,
        "pairs": pairs,
        "face": sheet.euros(model.face_cents),
        "words": sheet.in_words(model.face_cents),
        "day": sheet.long_day(model.last_day),
        "image": image,
    }
    start = time.perf_counter()
    body = env["ir.qweb"]._render(etree.fromstring(PAGE), values)
    content = env["ir.actions.report"]._run_wkhtmltopdf([str(body)])
    assert content.startswith(b"%PDF")
    return time.perf_counter() - start


sponsor = env["aptic.sponsor"].create({"name": "Département de démonstration", "is_company": True})
orders = {count: issued(sized(count)) for count in (10, 100, 1000)}
draw(orders[10])
_seconds, _size, hundred = draw(orders[100])
runs = [draw(orders[1000]) for _round in range(2)]
seconds = min(run[0] for run in runs)
report(
    seconds=seconds,
    vouchers=orders[1000].quantity,
    size_mb=runs[0][1] / 2**20,
    peak_100_mb=hundred,
    peak_1000_mb=runs[-1][2],
)
if shutil.which("wkhtmltopdf"):
    pairs = env["aptic.booklet"]._codes(orders[10])[:5]
    model = orders[10]._prepare_sheet()
    page_by_qweb(model, pairs)
    report(page=statistics.median(page_by_qweb(model, pairs) for _round in range(5)), on_page=len(pairs))
