from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import Request
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation, UniqueViolation

from .common import EligibilityCase


class KitCase(EligibilityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        cls.Kit = cls.env["aptic.kit"]
        cls.Scanner = cls.env["aptic.scanner"]
        cls.Replacement = cls.env["aptic.replacement"]
        cls.place_a.write({"street": "4 rue des Hangars", "zip": "33300"})
        cls.carrier = cls.env["aptic.carrier"].create(
            {"name": "Coursier (test)", "tracking_pattern": "https://colis.example/suivi?n={number}"}
        )

    @classmethod
    def _kit(cls, provider=None, serial="DS-0001", **values):
        kit = cls.Kit._prepare_welcome(provider or cls.provider_a)
        kit.write({"serial": serial, **values})
        return kit

    @classmethod
    def _sent(cls, provider=None, serial="DS-0001", **values):
        kit = cls._kit(provider, serial, **values)
        kit._send()
        return kit

    @classmethod
    def _declare(cls, kit, day, cause="broken"):
        with freeze_time(f"{day} 12:00:00"):
            return cls.Replacement._declare(kit.provider_id, kit.scanner_id, cause, "Ne lit plus rien")


@tagged("post_install", "-at_install")
class TestKit(KitCase):
    # ---------------------------------------------------------------- prepare
    def test_a_new_member_gets_one_kit_and_only_one(self):
        self._decided()
        self._sign()
        self.env["aptic.subscription"]._choose(self.provider, "monthly")
        place = self._place(self.provider, "Chez nous", self.bordeaux, self.library)
        self._offer(self.provider, self.service, 1000)
        with patch.object(type(self.provider), "_activation_blockers", lambda provider: []):
            self.provider._activate()
        self.assertRecordValues(
            self.provider.kit_ids, [{"kind": "welcome", "state": "to_prepare", "place_id": place.id}]
        )
        self.provider._suspend("request", "Congés")
        self.provider._lift("request", "De retour")
        with patch.object(type(self.provider), "_activation_blockers", lambda provider: []):
            self.provider._activate()
        self.assertEqual(len(self.provider.kit_ids), 1)

    def test_a_cancelled_kit_is_not_prepared_again_by_itself(self):
        kit = self._kit()
        kit._cancel("Doublon")
        self.assertFalse(self.Kit._prepare_welcome(self.provider_a))
        again = kit._prepare_again()
        self.assertEqual(again.place_id, kit.place_id)
        with self.assertRaisesRegex(UserError, "taken its place"):
            kit._prepare_again()
        with self.assertRaisesRegex(UserError, "Only a cancelled"):
            again._prepare_again()

    @mute_logger("odoo.sql_db")
    def test_the_database_knows_one_welcome_kit(self):
        self._kit()
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self.Kit._guarded_create([{"provider_id": self.provider_a.id}])

    @mute_logger("odoo.sql_db")
    def test_the_database_wants_a_scanner_in_what_was_sent(self):
        kit = self._kit()
        with self.assertRaises(CheckViolation), self.cr.savepoint():
            kit._guarded_write({"state": "sent"})
            kit.flush_recordset()

    # ------------------------------------------------------------------- send
    def test_it_leaves_with_its_scanner_and_the_managers_are_told(self):
        kit = self._kit(serial=" ds-0001 ", carrier_id=self.carrier.id, tracking_number="6A 12/3")
        kit.with_user(self.staff).action_send()
        self.assertRecordValues(
            kit, [{"state": "sent", "serial": "DS-0001", "tracking_url": "https://colis.example/suivi?n=6A%2012%2F3"}]
        )
        self.assertRecordValues(kit.scanner_id, [{"state": "out", "provider_id": self.provider_a.id}])
        self.assertIn("4 rue des Hangars", kit.sent_address)
        message = self.provider_a.message_ids[0]
        self.assertIn("DS-0001", message.body)
        self.assertIn(self.manager_a.partner_id, message.partner_ids)
        self.assertNotIn(self.manager_b.partner_id, message.partner_ids)

    def test_it_does_not_leave_without_a_serial_or_an_address(self):
        kit = self._kit(serial=False)
        with self.assertRaisesRegex(UserError, "serial number"):
            kit._send()
        kit.serial = "x!"
        with self.assertRaisesRegex(ValidationError, "not a serial number"):
            kit._send()
        kit.serial = "DS-0001"
        self.place_a.street = False
        with self.assertRaisesRegex(UserError, "street"):
            kit._send()
        self.assertEqual(kit.state, "to_prepare")
        self.assertFalse(self.Scanner.search([("serial", "=", "DS-0001")]))

    def test_it_leaves_once(self):
        kit = self._sent()
        with self.assertRaisesRegex(UserError, "has left already"):
            kit._send()
        self.assertEqual(kit._receive(), kit)
        self.assertFalse(kit._receive())
        self.assertEqual(kit.state, "received")

    def test_a_scanner_is_at_one_place(self):
        self._sent()
        self.place_b.write({"street": "1 rue", "zip": "69001"})
        with self.assertRaisesRegex(UserError, "is at Acteur A"):
            self._sent(self.provider_b, " ds-0001 ")

    def test_what_left_is_not_rewritten(self):
        kit = self._sent()
        for vals in ({"serial": "DS-9"}, {"place_id": False}, {"contact_name": "X"}):
            with self.assertRaisesRegex(UserError, "has left"):
                kit.with_user(self.staff).write(vals)
        kit.with_user(self.staff).write({"tracking_number": "ABC"})
        with self.assertRaises(UserError):
            kit.with_user(self.staff_manager).write({"state": "received"})

    def test_a_parcel_lost_on_its_way(self):
        kit = self._sent()
        with self.assertRaisesRegex(UserError, "Say why"):
            kit._cancel(" ")
        kit._cancel("Perdu par le transporteur")
        self.assertRecordValues(kit.scanner_id, [{"state": "lost", "provider_id": False}])
        again = kit._prepare_again()
        again.serial = "DS-0001"
        with self.assertRaisesRegex(UserError, "lost or out of use"):
            again._send()

    def test_who_has_left_gets_nothing_any_more(self):
        kit = self._kit()
        self.provider_a._strike_off("conduct", "Motif")
        self.assertEqual(kit.state, "cancelled")
        self.assertFalse(self.Kit.search([("provider_id", "=", self.provider_a.id), ("state", "=", "to_prepare")]))

    # ---------------------------------------------------------------- address
    def test_the_provider_says_where_it_goes(self):
        kit = self._kit()
        place = self._place(self.provider_a, "Annexe", self.pau, self.library, street="1 place", zip="64000")
        kit._deliver_to(place, "  Ada   Martin ")
        self.assertEqual(
            kit._address_lines(),
            ["Acteur A (test)", "Annexe", "For the attention of Ada Martin", "1 place", "64000 PAU"],
        )
        with self.assertRaisesRegex(UserError, "one of your places"):
            kit._deliver_to(self.place_b, "")
        place.zip = False
        with self.assertRaisesRegex(UserError, "no complete address"):
            kit._deliver_to(place, "")

    def test_the_queue_finds_what_lacks_an_address(self):
        kit, other = self._kit(), self._kit(self.provider_b, "DS-2")
        lacking = self.Kit.search([("has_address", "=", False)])
        self.assertIn(other, lacking)
        self.assertNotIn(kit, lacking)
        self.assertIn(kit, self.Kit.search([("has_address", "=", True)]))

    def test_a_tracking_address_is_a_pattern(self):
        for pattern in ("http://x/{number}", "https://x/", "https://x/{number}{number}", "javascript:{number}"):
            with self.assertRaises(ValidationError):
                self.carrier.tracking_pattern = pattern


@tagged("post_install", "-at_install")
class TestReplacement(KitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-01-10 12:00:00"):
            cls.kit = cls._sent()

    def _replace(self, day, serial, cause="broken"):
        replacement = self._declare(self.provider_a.kit_ids.filtered("scanner_id")[:1], day, cause)
        replacement._approve()
        new = replacement.kit_ids
        new.serial = serial
        with freeze_time(f"{day} 18:00:00"):
            new._send()
        return replacement

    def test_the_way_of_a_replacement(self):
        replacement = self._declare(self.kit, "2026-03-14")
        self.assertEqual(replacement.state, "declared")
        replacement.with_user(self.staff).action_approve()
        parcel = replacement.kit_ids
        self.assertRecordValues(parcel, [{"kind": "replacement", "state": "to_prepare", "place_id": self.place_a.id}])
        parcel.serial = "DS-0002"
        with freeze_time("2026-03-20 12:00:00"):
            parcel._send()
        self.assertRecordValues(replacement, [{"state": "sent", "return_due_on": date(2026, 4, 19)}])
        self.assertEqual(self.provider_a.scanner_ids.mapped("serial"), ["DS-0001", "DS-0002"])
        replacement.with_user(self.staff).action_back_to_stock()
        self.assertEqual(replacement.state, "closed")
        self.assertRecordValues(self.kit.scanner_id, [{"state": "stock", "provider_id": False}])
        self.assertEqual(self.provider_a.scanner_ids.serial, "DS-0002")
        self.assertEqual(self.kit.scanner_id.kit_ids, self.kit)

    def test_the_year_counts_from_the_last_declaration_to_the_day(self):
        self._replace("2026-03-14", "DS-0002")._take_back("scrapped")
        newer = self.provider_a.kit_ids.filtered(lambda kit: kit.serial == "DS-0002")
        with self.assertRaisesRegex(UserError, "once a year.*14/03/2027|once a year.*03/14/2027"):
            self._declare(newer, "2027-03-13")
        self.assertTrue(self._declare(newer, "2027-03-14"))

    def test_the_day_is_that_of_france(self):
        self._replace("2026-03-14", "DS-0002")._take_back("scrapped")
        with freeze_time("2027-03-13 23:30:00"):
            self.assertTrue(
                self.Replacement._declare(self.provider_a, self.provider_a.scanner_ids, "broken", "Ne lit plus")
            )

    def test_a_refused_or_withdrawn_declaration_does_not_count(self):
        refused = self._declare(self.kit, "2026-03-14")
        with self.assertRaisesRegex(UserError, "Write the answer"):
            refused._refuse()
        refused.answer = "Essayez un autre port USB."
        refused.with_user(self.staff).action_refuse()
        self.assertIn("autre port", self.provider_a.message_ids[0].body)
        withdrawn = self._declare(self.kit, "2026-03-15")
        withdrawn._withdraw()
        self.assertTrue(self._declare(self.kit, "2026-03-16"))

    def test_one_at_a_time(self):
        self._declare(self.kit, "2026-03-14")
        with self.assertRaisesRegex(UserError, "under way"):
            self._declare(self.kit, "2026-03-15")

    @mute_logger("odoo.sql_db")
    def test_the_database_knows_one_at_a_time(self):
        first = self._declare(self.kit, "2026-03-14")
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self.Replacement._guarded_create([first.copy_data()[0] | {"state": "declared"}])

    def test_a_lost_scanner_is_replaced_and_not_awaited(self):
        replacement = self._replace("2026-03-14", "DS-0002", "lost")
        self.assertEqual(replacement.state, "closed")
        self.assertFalse(replacement.return_due_on)
        self.assertEqual(self.kit.scanner_id.state, "lost")

    def test_a_replaced_scanner_is_not_declared_again(self):
        self._replace("2026-03-14", "DS-0002")
        with self.assertRaisesRegex(UserError, "send it back"):
            self._declare(self.kit, "2027-06-01")

    def test_what_is_missing_is_said(self):
        for arguments, words in (
            ((self.Scanner, "broken", "x"), "Choose the scanner"),
            ((self.kit.scanner_id, "eaten", "x"), "Say what happened"),
            ((self.kit.scanner_id, "broken", "  "), "Describe"),
        ):
            with self.assertRaisesRegex(UserError, words):
                self.Replacement._declare(self.provider_a, *arguments)
        with self.assertRaisesRegex(UserError, "Choose the scanner"):
            self.Replacement._declare(self.provider_b, self.kit.scanner_id, "broken", "x")
        self.provider_a._suspend("conduct", "Motif")
        with self.assertRaisesRegex(UserError, "active members"):
            self.Replacement._declare(self.provider_a, self.kit.scanner_id, "broken", "x")

    def test_late_scanners_are_asked_for_every_fortnight(self):
        replacement = self._replace("2026-03-14", "DS-0002")
        due = replacement.return_due_on
        for day, expected in (
            (due, False),
            (due + timedelta(days=1), True),
            (due + timedelta(days=2), False),
            (due + timedelta(days=14), False),
            (due + timedelta(days=15), True),
        ):
            with freeze_time(f"{day} 12:00:00"):
                self.assertEqual(replacement in self.Replacement._cron_remind_returns(), expected, day)
        replacement._write_off()
        self.assertEqual(self.kit.scanner_id.state, "lost")
        with freeze_time("2027-12-01 12:00:00"):
            self.assertNotIn(replacement, self.Replacement._cron_remind_returns())

    def test_a_replacement_lost_on_its_way_is_sent_again(self):
        replacement = self._replace("2026-03-14", "DS-0002")
        parcel = replacement.kit_ids
        parcel._cancel("Perdu")
        self.assertRecordValues(replacement, [{"state": "approved", "return_due_on": False}])
        again = parcel._prepare_again()
        again.serial = "DS-0003"
        again._send()
        self.assertEqual(replacement.state, "sent")

    # ----------------------------------------------------------------- access
    def test_who_may_what(self):
        replacement = self._declare(self.kit, "2026-03-14")
        records = (self.kit, self.kit.scanner_id, replacement)
        for user in (self.staff, self.reviewer, self.accountant, self.staff_manager):
            for record in records:
                self.assertTrue(record.with_user(user).display_name)
                self.assertFalse(record.with_user(user).has_access("unlink"))
                self.assertFalse(record.with_user(user).has_access("create"))
        for user in (self.manager_a, self.mediator_a, self.accountant_a, self.manager_b, self.stranger):
            for record in (*records, self.carrier):
                with self.assertRaises(AccessError):
                    record.with_user(user).read(["id"])
            for record, verb in ((self.kit, "action_send"), (replacement, "action_approve")):
                with self.assertRaises(AccessError):
                    getattr(record.with_user(user).sudo(), verb)()
        with self.assertRaises(UserError):
            self.kit.scanner_id.with_user(self.staff_manager).sudo().write({"state": "stock"})
        with self.assertRaises(UserError):
            replacement.with_user(self.staff).write({"state": "approved"})


@tagged("post_install", "-at_install")
class TestKitPortal(KitCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.kit = self._kit()
        self.url = f"/my/aptic/provider/{self.provider_a.id}/kit"

    def _login(self, user):
        user.lang = "en_US"
        self.authenticate(user.login, user.login)

    def _post(self, page, status=200, **data):
        response = self.url_open(f"{self.url}{page}", data={"csrf_token": Request.csrf_token(self), **data})
        self.assertEqual(response.status_code, status, page)
        return response.text

    def test_a_manager_says_where_it_goes_and_that_it_came(self):
        self._login(self.manager_a)
        page = self.url_open(self.url).text
        self.assertIn("4 rue des Hangars", page)
        place = self._place(self.provider_a, "Annexe", self.pau, self.library, street="1 place", zip="64000")
        self._post(f"/{self.kit.id}/delivery", place_id=place.id, contact_name="Zoé")
        self.assertRecordValues(self.kit, [{"place_id": place.id, "contact_name": "Zoé"}])
        self.kit.write({"carrier_id": self.carrier.id, "tracking_number": "6A1"})
        self.kit._send()
        self.assertIn("https://colis.example/suivi?n=6A1", self.url_open(self.url).text)
        self._post(f"/{self.kit.id}/received")
        self.assertRecordValues(self.kit, [{"state": "received", "received_by_id": self.manager_a.id}])

    def test_bad_input_is_said_and_kept(self):
        self._login(self.manager_a)
        page = self._post(f"/{self.kit.id}/delivery", place_id="x", contact_name="Zoé")
        self.assertIn("Choose one of your places", page)
        self.assertIn('value="Zoé"', page)
        self._post(f"/{self.kit.id}/delivery", place_id=self.place_b.id)
        self.assertEqual(self.kit.place_id, self.place_a)
        page = self._post("/replacement", description="Ne lit <b>rien</b>")
        self.assertIn("Choose the scanner", page)
        self.assertIn("Ne lit &lt;b&gt;rien&lt;/b&gt;", page)

    def test_other_hands_are_noticed_and_a_form_counts_once(self):
        self._login(self.manager_a)
        page = self._post(f"/{self.kit.id}/delivery", place_id=self.place_a.id, form_version="2020-01-01T00:00:00")
        self.assertIn("changed this while you were typing", page)
        self.kit._send()
        self.kit._receive()
        for _again in range(2):
            self._post(
                "/replacement",
                scanner_id=self.kit.scanner_id.id,
                cause="broken",
                description="Ne lit rien",
                form_token="one",
            )
        self.assertEqual(len(self.provider_a.replacement_ids), 1)
        self._post(f"/replacement/{self.provider_a.replacement_ids.id}/withdraw")
        self.assertEqual(self.provider_a.replacement_ids.state, "withdrawn")

    def test_a_mediator_reads_and_receives_only(self):
        self.kit._send()
        self._login(self.mediator_a)
        self.assertNotIn("Declare it", self.url_open(self.url).text)
        self._post("/replacement", 403, scanner_id=self.kit.scanner_id.id, cause="broken", description="x")
        self._post(f"/{self.kit.id}/received")
        self.assertEqual(self.kit.state, "received")
        self._login(self.accountant_a)
        self._post(f"/{self.kit.id}/received", 403)

    def test_others_and_those_who_are_no_members_find_nothing(self):
        other = self._kit(self.provider_b, "DS-2")
        self._login(self.manager_b)
        self.assertEqual(self.url_open(self.url).status_code, 403)
        self._post(f"/{self.kit.id}/received", 403)
        self._login(self.manager_a)
        self._post(f"/{other.id}/delivery", 403, place_id=self.place_b.id)
        self._login(self.manager)
        self.assertEqual(self.url_open(f"/my/aptic/provider/{self.provider.id}/kit").status_code, 403)

    def test_labels_and_addresses_are_for_staff(self):
        self._login(self.staff)
        self.provider_a.name = "=cmd|' /C calc'!A0"
        self.kit.flush_recordset()
        labels = self.url_open(f"/aptic/kits/labels?ids={self.kit.id}")
        self.assertEqual(labels.headers["Content-Type"], "application/pdf")
        self.assertTrue(labels.content.startswith(b"%PDF"))
        lines = self.url_open(f"/aptic/kits/addresses?ids={self.kit.id},x,").content.decode("utf-8-sig").splitlines()
        self.assertEqual(len(lines), 2)
        self.assertIn(f"KIT{self.kit.id};'=cmd|", lines[1])
        self.assertIn("4 rue des Hangars;33300;Bordeaux", lines[1])
        for user in (self.manager_a, self.stranger):
            self._login(user)
            for page in ("labels", "addresses"):
                self.assertEqual(self.url_open(f"/aptic/kits/{page}?ids={self.kit.id}").status_code, 403)
