from odoo.http import Controller, content_disposition, request, route

from ..models.aptic_reading import PAGES

CACHE_SECONDS = 3600


class ApticReadingPages(Controller):
    """What anyone may read and download before applying, without an account."""

    @route("/aptic", type="http", auth="public", website=True, methods=["GET"], readonly=True, sitemap=True)
    def aptic_door(self, **_query):
        """The five steps to membership, and what to read before."""
        return request.render("aptic_eligibility.reading_door", {"page_name": "aptic_door"})

    @route(
        ["/aptic/questionnaire", "/aptic/referentiel", "/aptic/charte", "/aptic/demarche-qualite"],
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        readonly=True,
        sitemap=True,
    )
    def aptic_reading(self, **_query):
        """One document, on a page."""
        page = request.httprequest.path.rstrip("/").rsplit("/", 1)[-1]
        document = request.env["aptic.reading"]._document(page) if page in PAGES else None
        if not document:
            return request.redirect("/aptic")
        return request.render("aptic_eligibility.reading_page", {"page": page, **document})

    @route(
        ["/aptic/questionnaire.pdf", "/aptic/referentiel.pdf", "/aptic/charte.pdf", "/aptic/demarche-qualite.pdf"],
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def aptic_reading_pdf(self, **_query):
        """One document as a PDF."""
        page = request.httprequest.path.rsplit("/", 1)[-1].removesuffix(".pdf")
        readings = request.env["aptic.reading"]
        return self._download(page, "pdf", "application/pdf", lambda: readings._pdf(page))

    @route(
        "/aptic/referentiel.csv",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def aptic_referentiel_csv(self, **_query):
        """The référentiel as a table."""
        readings = request.env["aptic.reading"]
        return self._download("referentiel", "csv", "text/csv; charset=utf-8", readings._referentiel_csv)

    def _download(self, page, extension, mimetype, make):
        """Answer a file, or that the reader's copy is still good."""
        etag = request.env["aptic.reading"]._digest(page)
        content = None
        if etag not in request.httprequest.if_none_match:
            content = make()
            if not content:
                return request.redirect("/aptic")
        headers = [
            ("Content-Type", mimetype),
            ("Content-Disposition", content_disposition(f"aptic-{page}.{extension}")),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", f"public, max-age={CACHE_SECONDS}"),
        ]
        response = request.make_response(content or "", headers)
        response.set_etag(etag)
        if content is None:
            response.status_code = 304
        return response
