from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..models.aptic_siret_mixin import is_siret
from .common import ApticCase


@tagged("post_install", "-at_install")
class TestProvider(ApticCase):
    def test_siret_is_checked_by_luhn(self):
        self.assertTrue(is_siret("73282932000074"))
        for wrong in ("73282932000075", "7328293200007", "732829320000744", "", "abcdefghijklmn", "٧٣٢٨٢٩٣٢٠٠٠٠٧٤"):
            self.assertFalse(is_siret(wrong), wrong)
            with self.assertRaises(ValidationError):
                self._provider("Faux numéro", wrong or "0")

    def test_siret_of_la_poste_has_a_rule_of_its_own(self):
        self.assertTrue(is_siret("35600000049837"))
        self.assertFalse(is_siret("35600000049838"))

    def test_siret_is_kept_without_spaces(self):
        provider = self._provider("Espaces", "552 100 554 00013", state="draft")
        self.assertEqual(provider.siret, "55210055400013")
        provider.siret = "552 100 554 00021"
        self.assertEqual(provider.siret, "55210055400021")
        self.assertEqual(provider.partner_id.company_registry, "55210055400021", "invoices take it from there")
        self.sponsor_a.siret = "552 100 554 00021"
        self.assertEqual(self.sponsor_a.partner_id.company_registry, "55210055400021")

    def test_one_provider_per_siret(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._provider("Doublon", f"{self.provider_a.siret[:3]} {self.provider_a.siret[3:]}")

    def test_the_way_to_membership(self):
        provider = self._provider("Chemin", "55210055400013", state="draft")
        for verb, state in (
            ("_apply", "applied"),
            ("_decline", "declined"),
            ("_apply", "applied"),
            ("_declare_eligible", "eligible"),
            ("_charter_signed", "chartered"),
        ):
            getattr(provider, verb)()
            self.assertEqual(provider.state, state)
        with self.assertRaises(UserError):
            provider._suspend("conduct", "Essai")

    def test_activation_says_all_that_is_missing(self):
        provider = self._provider("Presque", "55210055400013", state="chartered")
        with self.assertRaisesRegex(UserError, "representative(.|\n)*manager(.|\n)*place(.|\n)*service"):
            provider._activate()
        self.assertEqual(provider.state, "chartered")
        self.assertEqual(len(provider.blockers.splitlines()), len(provider._activation_blockers()))
        provider.representative_name = "Alix Martin"
        self._member(provider, "manager", "nearly")
        self._place(provider, "Lieu", self.pau, self.library)
        self._offer(provider, self.service, 1000)
        own = [text for text in provider._activation_blockers() if "representative" in text or "place" in text]
        self.assertEqual(own, [])

    def test_state_is_never_written_by_hand(self):
        for user in (self.staff, self.staff_manager):
            with self.assertRaises(UserError):
                self.provider_a.with_user(user).state = "struck_off"
        with self.assertRaises(UserError):
            self.provider_a.state = "suspended"

    def test_a_suspension_ends_with_its_last_cause(self):
        provider = self.provider_a
        provider._suspend("unpaid", "Deux factures")
        provider._suspend("unpaid", "Deux factures")
        provider._suspend("papers", "K-bis périmé")
        self.assertEqual(sorted(provider.measure_ids.mapped("cause")), ["papers", "unpaid"])
        self.assertFalse(provider._lift("unpaid", "Payées"))
        self.assertEqual(provider.state, "suspended")
        self.assertEqual(provider._lift("papers", "Reçu"), provider)
        self.assertEqual(provider.state, "active")
        self.assertFalse(provider._lift("papers", "Encore"))
        self.assertEqual(provider.state, "active")
        with self.assertRaisesRegex(UserError, "reason"):
            provider._suspend("conduct", " ")

    def test_managers_alone_are_told(self):
        message = self.provider_a._tell_managers("Objet", "Texte")
        self.assertEqual(message.notified_partner_ids, self.manager_a.partner_id)
        message = self.provider_a._tell_managers("Objet", "Texte", roles=("manager", "accountant"))
        self.assertEqual(message.notified_partner_ids, (self.manager_a | self.accountant_a).partner_id)

    def test_reviewers_decide_on_applications(self):
        provider = self._provider("Dossier", "55210055400013", state="applied")
        with self.assertRaises(AccessError):
            provider.with_user(self.staff).action_declare_eligible()
        provider.with_user(self.reviewer).action_declare_eligible()
        self.assertEqual(provider.state, "eligible")


@tagged("post_install", "-at_install")
class TestCatalogue(ApticCase):
    def test_a_price_is_above_zero(self):
        for cents in (0, -1000):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
                self._offer(self.provider_a, self.service, cents)

    def test_price_in_euros_and_cents_agree(self):
        self.offer_a.price = 12.1
        self.assertEqual(self.offer_a.price_cents, 1210)
        self.offer_a.price_cents = 1999
        self.assertEqual(self.offer_a.price, 19.99)

    def test_sentence_of_payment(self):
        sentences = {
            cents: self.env["aptic.offer"]._payment_sentence_of(cents) for cents in (800, 1000, 1250, 2000, 2550)
        }
        self.assertIn("no change is given", sentences[800])
        self.assertEqual(sentences[1000], "One voucher pays it all.")
        self.assertIn("2.50", sentences[1250].replace(",", "."))
        self.assertEqual(sentences[2000], "2 vouchers pay it all.")
        self.assertIn("5.50", sentences[2550].replace(",", "."))

    def test_offers_stay_with_their_provider(self):
        with self.assertRaises(ValidationError):
            self._offer(self.provider_a, self.service, 1000, places=[self.place_b])
        with self.assertRaises(ValidationError):
            self._pathway(self.provider_a, "Mixte", [self.offer_b] * 5)

    def test_a_place_lies_in_a_municipality_and_stays_with_its_provider(self):
        with self.assertRaises(ValidationError):
            self._place(self.provider_a, "Nulle part", self.bordeaux.parent_id, self.library)
        with self.assertRaises(UserError):
            self.place_a.provider_id = self.provider_b

    def test_closing_a_place_keeps_its_last_day(self):
        day = self.env["aptic.place"]._fields["open_until"].today()
        self.place_a._close(day)
        self.assertTrue(self.place_a._is_open(day))
        self.assertFalse(self.place_a._is_open(day.replace(year=day.year + 1)))
        self.place_a._reopen()
        self.assertTrue(self.place_a._is_open(day.replace(year=day.year + 1)))
        self.place_a.open_from = day.replace(year=day.year + 2)
        with self.assertRaises(UserError):
            self.place_a._close(day)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.place_a.open_until = day
            self.place_a.flush_recordset()
