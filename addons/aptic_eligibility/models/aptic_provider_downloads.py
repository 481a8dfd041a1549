from odoo import models
from odoo.tools import file_path

from .. import posters, scanner_sheet
from ..scene import Fonts

# Of Odoo's own tree; where a distribution leaves it out, the font that comes with reportlab does.
MONTSERRAT = "web/static/fonts/google/Montserrat/Montserrat-{}.ttf"


class ApticProvider(models.Model):
    """Papers and pictures drawn for a member when it asks for them; nothing of them is kept."""

    _inherit = "aptic.provider"

    def _may_download(self):
        """Whether the papers that say « payez en #APTIC » are for this provider: while vouchers are taken there."""
        self.ensure_one()
        return self.state == "active"

    def _download_member(self):
        """Who the papers name: the organisation, its open places, its public page."""
        self.ensure_one()
        today = self.env["aptic.kit"]._today()
        places = self.place_ids.filtered(lambda place: place._is_open(today)).sorted("name")
        website = (self.env.company.sudo().website or "").removeprefix("https://").removeprefix("http://")
        return posters.Member(
            self.name,
            tuple(f"{place.name}, {place.territory_id.name}" for place in places),
            self._download_url(),
            website.rstrip("/"),
        )

    def _download_url(self):
        """Address of the public page, which a QR code leads to; empty where there is none."""
        self.ensure_one()
        return self.get_base_url() + self._public_path() if self._is_shown() else ""

    def _download_fonts(self):
        try:
            return Fonts(file_path(MONTSERRAT.format("Medium")), file_path(MONTSERRAT.format("Bold")))
        except FileNotFoundError:
            return Fonts()

    def _download(self, key, preview=0):
        """Draw one of ``posters.DOWNLOADS``, ``all`` of them, or the ``scanner``'s instructions.

        :param str key: of the download
        :param int preview: width in pixels of a picture that shows it; 0 for the file itself
        :return: ``(filename, MIME type, bytes)``, or None when there is none of that name
        """
        self.ensure_one()
        fonts = self._download_fonts()
        if key == "scanner":
            page = scanner_sheet.sheet(fonts)
            return "aptic-douchette-mode-d-emploi.pdf", posters.PDF, page.pdf()
        member = self._download_member()
        if key == "all":
            return "aptic-communication.zip", "application/zip", posters.archive(member, fonts)
        download = posters.BY_KEY.get(key)
        if not download or (preview and not download.preview):
            return None
        if preview:
            return download.filename, posters.PNG, download.preview(member, fonts).png(preview)
        return download.filename, download.kind, download.draw(member, fonts)
