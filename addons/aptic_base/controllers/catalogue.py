from odoo.http import content_disposition, request, route

from .portal import ApticPortal, as_id

PUBLIC = "/aptic/acteurs/<string:address>"


class ApticCatalogue(ApticPortal):
    """What a provider shows: the catalogue that its members print, and the page that anyone reads."""

    @route(
        "/my/aptic/provider/<int:provider_id>/catalogue.pdf", type="http", auth="user", website=True, methods=["GET"],
        readonly=True,
    )  # fmt: skip
    def aptic_catalogue(self, provider_id, **_query):
        """Download the printable catalogue."""
        provider, member = self._aptic_member("aptic.provider", provider_id)
        if not member:
            return self._aptic_denied()
        name = request.env["ir.http"]._slugify(provider.name) or str(provider.id)
        return request.make_response(
            provider._catalogue_pdf(),
            [
                ("Content-Type", "application/pdf"),
                ("Content-Disposition", content_disposition(f"catalogue-{name[:80]}.pdf")),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )

    @route(PUBLIC, type="http", auth="public", website=True, methods=["GET"], readonly=True, sitemap=False)
    def aptic_public_page(self, address, **_query):
        """Show an active provider to anyone; others look as if they did not exist."""
        provider_id = as_id(address.partition("-")[0])
        provider = request.env["aptic.provider"].sudo().browse(provider_id or ()).exists()
        if not provider or not provider._is_shown():
            response = request.render("aptic_base.public_missing", {"page_name": "aptic_public"})
            response.status_code = 404
            return response
        if address != provider._public_path().rpartition("/")[2]:
            return request.redirect(provider._public_path())
        values = {"page_name": "aptic_public", "provider": provider, **provider._catalogue_values()}
        return request.render("aptic_base.public_provider", values)
