from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .test_papers import PaperCase, small_pdf


@tagged("post_install", "-at_install")
class TestPaperAccess(PaperCase, HttpCase):
    """The bytes of a dossier leave by one door, which writes down who went through."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(cls.env, "aptic_admin", "base.group_system,aptic_base.group_aptic_manager")
        cls.boss_accountant, _member = cls._member(cls.company, "accountant", "boss_accountant")
        cls.boss_mediator, _member = cls._member(cls.company, "mediator", "boss_mediator")
        cls.data = small_pdf("Secret (test)")

    def setUp(self):
        super().setUp()
        self.paper = self._receive(self.statutes)
        self.data = self.env["ir.attachment"].sudo().search(self._stored()).raw
        self.assertTrue(self.data.startswith(b"%PDF"))

    def _stored(self):
        return [("res_model", "=", "aptic.paper"), ("res_field", "=", "document"), ("res_id", "=", self.paper.id)]

    def _everyone(self):
        portal = (self.boss, self.boss_accountant, self.boss_mediator, self.manager_a, self.manager_b, self.stranger)
        return (self.admin, self.staff, self.staff_manager, self.reviewer, self.accountant, *portal)

    # -------------------------------------------------------------------- rpc
    def test_who_reads_what_of_a_paper(self):
        for user in (self.reviewer, self.staff_manager, self.admin):
            self.assertEqual(self.paper.with_user(user).read(["filename"])[0]["filename"], "papier.pdf")
        for user in set(self._everyone()) - {self.reviewer, self.staff_manager, self.admin}:
            for model in ("aptic.paper", "aptic.beneficial.owner", "aptic.paper.opening"):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.company.with_user(user).read(["paper_ids"])
        with self.assertRaises(AccessError):
            self.env["aptic.paper.opening"].with_user(self.reviewer).search([])
        self.assertFalse(self.env["aptic.paper.opening"].with_user(self.staff_manager).search([]))

    def test_nobody_makes_changes_or_deletes_papers_and_openings_by_rpc(self):
        self.papers.with_user(self.boss).browse(self.paper.id)._hand_out("192.0.2.7")
        opening = self.paper.sudo().opening_ids
        for user in self._everyone():
            for record in (self.paper, opening):
                for operation in ("create", "unlink"):
                    self.assertFalse(record.with_user(user).has_access(operation), f"{user.login} {record} {operation}")
            self.assertFalse(opening.with_user(user).has_access("write"))

    def test_the_bytes_are_read_by_no_field_and_no_export(self):
        for user in self._everyone():
            paper = self.paper.with_user(user)
            for read in (
                lambda paper=paper: paper.read(["document"]),
                lambda paper=paper: paper.web_read({"document": {}}),
                lambda paper=paper: paper.export_data(["document"]),
                lambda paper=paper: paper.search_read([("id", "=", self.paper.id)], ["document"]),
                lambda paper=paper: paper.search([("document", "!=", False)]),
                lambda paper=paper: paper.write({"document": "aGVsbG8="}),
            ):
                with self.assertRaises(UserError):  # an AccessError, or no right to export at all
                    read()
            if paper.has_access("read"):
                self.assertNotIn("document", paper.read()[0])
                self.assertNotIn("document", paper.fields_get())

    def test_the_attachment_is_read_by_nobody(self):
        attachment = self.env["ir.attachment"].sudo().search(self._stored())
        for user in self._everyone():
            theirs = attachment.with_user(user)
            for read in (
                lambda theirs=theirs: theirs.read(["datas"]),
                lambda theirs=theirs: theirs.read(["raw", "store_fname"]),
                lambda theirs=theirs: theirs.raw,
                lambda theirs=theirs: theirs.write({"public": True}),
                lambda theirs=theirs: theirs.generate_access_token(),
                lambda theirs=theirs: theirs.copy(),
                lambda theirs=theirs: theirs.unlink(),
            ):
                with self.assertRaises(AccessError):
                    read()
            model = self.env["ir.attachment"].with_user(user)
            for domain in ([("id", "=", attachment.id)], self._stored()):
                try:
                    rows = model.search_read(domain, ["datas", "raw"])
                except AccessError:
                    rows = []
                self.assertFalse(rows, f"{user.login} {domain}")

    # ------------------------------------------------------------------- http
    def test_odoo_s_own_doors_give_nothing(self):
        attachment = self.env["ir.attachment"].sudo().search(self._stored())
        doors = (
            f"/web/content/aptic.paper/{self.paper.id}/document",
            f"/web/content?model=aptic.paper&id={self.paper.id}&field=document&download=1",
            f"/web/content/{attachment.id}",
            f"/web/content/{attachment.id}?download=1",
            f"/web/image/{attachment.id}",
            f"/web/image/aptic.paper/{self.paper.id}/document",
            f"/web/pdfjs/web/viewer.html?file=/web/content/{attachment.id}",
        )
        for user in (self.admin, self.reviewer, self.accountant, self.boss, self.manager_b):
            self.authenticate(user.login, user.login)
            for door in doors:
                answer = self.url_open(door)
                self.assertNotIn(self.data, answer.content, f"{user.login} {door}")
                self.assertNotIn(b"%PDF", answer.content[:100], f"{user.login} {door}")
        self.assertFalse(self.paper.sudo().opening_ids)

    def test_the_one_door_for_reviewers(self):
        url = f"/aptic/papers/{self.paper.id}/document"
        for user in (self.reviewer, self.staff_manager):
            self.authenticate(user.login, user.login)
            answer = self.url_open(url)
            self.assertEqual((answer.status_code, answer.content), (200, self.data))
            headers = answer.headers
            self.assertEqual(headers["Content-Type"], "application/pdf")
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertIn("papier.pdf", headers["Content-Disposition"])
            self.assertIn("no-store", headers["Cache-Control"])
        openings = self.paper.with_user(self.staff_manager).opening_ids
        self.assertEqual(openings.user_id, self.reviewer | self.staff_manager)
        self.assertEqual(set(openings.mapped("ip")), {"127.0.0.1"})
        for user in (self.staff, self.accountant, self.boss, self.manager_b, self.stranger):
            self.authenticate(user.login, user.login)
            answer = self.url_open(url)
            self.assertEqual(answer.status_code, 403, user.login)
            self.assertNotIn(self.data, answer.content)
        self.assertEqual(len(self.paper.sudo().opening_ids), 2)

    def test_the_one_door_for_managers_of_the_provider(self):
        url = f"/my/aptic/provider/{self.company.id}/papers/{self.paper.id}/document"
        self.authenticate(self.boss.login, self.boss.login)
        self.assertEqual(self.url_open(url).content, self.data)
        self.assertEqual(self.paper.sudo().opening_ids.user_id, self.boss)
        for user in (self.boss_accountant, self.boss_mediator, self.manager_a, self.manager_b, self.reviewer):
            self.authenticate(user.login, user.login)
            self.assertEqual(self.url_open(url).status_code, 403, user.login)
        self.authenticate(self.manager_a.login, self.manager_a.login)
        own = f"/my/aptic/provider/{self.provider_a.id}/papers/{self.paper.id}/document"
        self.assertEqual(self.url_open(own).status_code, 403, "a paper of another provider under one's own address")
        self.assertEqual(len(self.paper.sudo().opening_ids), 1)
        self.boss_member.sudo().copy({"user_id": self.manager_b.id})
        self.boss_member.active = False
        self.authenticate(self.boss.login, self.boss.login)
        self.assertEqual(self.url_open(url).status_code, 403, "no longer a member")

    def test_openings_are_written_once(self):
        self.papers.with_user(self.boss).browse(self.paper.id)._hand_out("192.0.2.7")
        opening = self.paper.sudo().opening_ids
        for query in ("UPDATE aptic_paper_opening SET ip = 'x'", "DELETE FROM aptic_paper_opening"):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
                self.env.cr.execute(query)
        with self.assertRaises(UserError):
            opening.unlink()
        self.assertEqual(opening.ip, "192.0.2.7")
