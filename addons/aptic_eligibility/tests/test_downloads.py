import io
import zipfile
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from .. import posters
from ..models.aptic_provider_downloads import ApticProvider
from ..scene import Fonts
from .common import EligibilityCase


@tagged("post_install", "-at_install")
class TestDownloads(EligibilityCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        cls.url = f"/my/aptic/provider/{cls.provider_a.id}/downloads"

    def _get(self, user, page="", status=200):
        user.lang = "en_US"
        self.authenticate(user.login, user.login)
        response = self.url_open(f"{self.url}{page}")
        self.assertEqual(response.status_code, status, f"{user.login} {page}")
        return response

    def test_every_member_finds_every_download(self):
        for user in (self.manager_a, self.mediator_a, self.accountant_a):
            page = self._get(user).text
            for download in posters.DOWNLOADS:
                self.assertIn(f'data-download="{download.key}"', page)

    def test_they_are_drawn_with_the_member_s_name_and_not_kept(self):
        before = self.env["ir.attachment"].search_count([])
        poster = self._get(self.manager_a, "/poster")
        self.assertEqual(poster.headers["Content-Type"], "application/pdf")
        self.assertIn("aptic-affiche-a3.pdf", poster.headers["Content-Disposition"])
        self.assertTrue(poster.content.startswith(b"%PDF"))
        self.assertEqual(poster.content, self._get(self.manager_a, "/poster").content)
        with zipfile.ZipFile(io.BytesIO(self._get(self.manager_a, "/all").content)) as bundle:
            self.assertEqual(len(bundle.namelist()), len(posters.DOWNLOADS))
            self.assertIn("Acteur A (test)", bundle.read("aptic-pied-de-mail.html").decode())
        preview = self._get(self.manager_a, "/poster?preview=1")
        self.assertEqual(preview.headers["Content-Type"], "image/png")
        self.assertTrue(self._get(self.manager_a, "/scanner").content.startswith(b"%PDF"))
        self.assertEqual(self.env["ir.attachment"].search_count([]), before)

    def test_open_places_are_named_and_closed_ones_are_not(self):
        self._place(self.provider_a, "Fermé (test)", self.pau, self.library, open_until="2020-01-01")
        member = self.provider_a._download_member()
        self.assertEqual(member.places, ("Lieu A, Bordeaux",))
        self.assertEqual(member.name, "Acteur A (test)")
        self.assertTrue(member.url.endswith(self.provider_a._public_path()))
        self.assertEqual(self.provider._download_member().url, "")

    def test_without_the_house_s_font_another_one_serves(self):
        with patch.object(ApticProvider, "_download_fonts", lambda provider: Fonts()):
            self.assertTrue(self.provider_a._download("poster")[2].startswith(b"%PDF"))
        with patch("odoo.addons.aptic_eligibility.models.aptic_provider_downloads.MONTSERRAT", "web/none-{}.ttf"):
            self.assertEqual(self.provider_a._download_fonts(), Fonts())

    def test_nothing_else_is_there(self):
        for page in ("/nothing", "/logo-svg?preview=1", "/..%2F..%2Fetc"):
            self.assertIn(self._get_status(self.manager_a, page), (403, 404))

    def _get_status(self, user, page):
        self.authenticate(user.login, user.login)
        return self.url_open(f"{self.url}{page}").status_code

    def test_others_and_suspended_ones_find_nothing(self):
        for user in (self.manager_b, self.stranger, self.sponsor_user_a):
            for page in ("", "/poster", "/all", "/scanner"):
                self._get(user, page, 403)
        self.provider_a._suspend("conduct", "Motif")
        self.assertIn("takes no vouchers", self._get(self.manager_a).text)
        self._get(self.manager_a, "/poster", 403)
        self._get(self.manager_a, "/scanner")
