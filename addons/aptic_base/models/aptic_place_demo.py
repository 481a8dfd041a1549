import io
from datetime import date

from odoo import api, models
from reportlab.pdfgen.canvas import Canvas

from ..uploads import Upload

# By number of the demonstration place: codes of its accessibility.
WAYS = {
    1: ("wheelchair", "transport", "english"),
    2: ("transport",),
    3: ("wheelchair", "toilets", "parking", "transport", "hearing_loop"),
    4: ("wheelchair", "transport", "illiteracy", "languages"),
    5: ("wheelchair", "toilets", "visual"),
    6: ("sign_language", "hearing_loop", "transport"),
    7: ("wheelchair", "intellectual"),
}
HOST = "Commune d'Eysines, maison des associations"


class ApticPlace(models.Model):
    _inherit = "aptic.place"

    @api.model
    def _load_demo_places(self):
        """Give the demonstration's places their accessibility, and those at a host's their stays, by the real verbs.

        It may run again: places that have a stay are left alone.
        """
        for number, codes in WAYS.items():
            place = self.env.ref(f"aptic_base.demo_place_{number:02}")
            place.accessibility_ids |= self.env["aptic.accessibility"].search([("code", "in", codes)])
        stays = self.env["aptic.hosting"]
        start, waiting, refused, hosted = (self.env.ref(f"aptic_base.demo_place_{number}") for number in range(18, 22))
        if hosted.hosting_ids or start.hosting_ids:
            return
        stays._send_convention(hosted, self._demo_convention(HOST), HOST, date(2024, 1, 1))._accept()
        convention = stays._send_convention(
            refused, self._demo_convention("Café des Jalles"), "Café des Jalles", date(2026, 9, 1), date(2027, 8, 31)
        )
        convention.reason = "La signature du café manque : faites signer la dernière page et renvoyez-la."
        convention._refuse()
        host = "Centre social du Morne"
        stays._send_convention(waiting, self._demo_convention(host), host, date(2026, 10, 1))
        stays._declare_start(start, "Mairie de quartier Doulon", date(2026, 9, 1), date(2027, 6, 30))

    @api.model
    def _demo_convention(self, host):
        stream = io.BytesIO()
        canvas = Canvas(stream, invariant=1)
        canvas.drawString(72, 770, "Convention de mise à disposition d'un lieu (démonstration)")
        canvas.drawString(72, 740, f"Entre {host} et l'acteur de la médiation numérique.")
        canvas.save()
        return Upload(stream.getvalue(), "convention.pdf", "application/pdf", 1)
