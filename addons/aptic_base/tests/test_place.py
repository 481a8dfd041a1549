from datetime import timedelta
from unittest.mock import Mock, patch

import requests
from freezegun import freeze_time
from odoo import fields
from odoo.addons.base.models.ir_cron import IrCron
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from psycopg2 import IntegrityError

from ..uploads import Upload
from .common import ApticCase

GEOCODER = "odoo.addons.aptic_base.models.aptic_place_location.requests.get"
POINT = (44.8378, -0.5792)


def answering(latitude=POINT[0], longitude=POINT[1], **facts):
    feature = {
        "geometry": {"coordinates": [longitude, latitude]},
        "properties": {"type": "housenumber", "score": 0.9, "citycode": "33063", **facts},
    }
    return Mock(json=lambda: {"features": [feature]})


@tagged("post_install", "-at_install")
class TestPlaceLocation(ApticCase):
    def _where(self, place):
        return round(place.latitude, 4), round(place.longitude, 4), place.coordinates_source

    def _configure(self):
        self.env["ir.config_parameter"].set_param("aptic_base.geocoder_url", "https://geocoder.example/search")

    def test_a_place_stands_at_the_centre_of_its_municipality_and_says_so(self):
        town = self.bordeaux
        self.assertTrue(town.reach_km)
        self.assertEqual(self._where(self.place_a), (round(town.latitude, 4), round(town.longitude, 4), "commune"))
        self.assertIn("Bordeaux", self.place_a._coordinates_sentence())
        self.place_a.territory_id = self.pau
        self.assertEqual(self._where(self.place_a)[2], "commune")
        self.assertAlmostEqual(self.place_a.latitude, self.pau.latitude, 4)

    def test_where_no_centre_is_known_there_are_no_coordinates(self):
        noumea = self.env["aptic.territory"]._of_insee("98818")
        place = self._place(self.provider_a, "Nouméa", noumea, self.library)
        self.assertEqual(self._where(place), (0, 0, False))
        self.assertIn("Not on the map", place._coordinates_sentence())
        place.write({"latitude": -22.27, "longitude": 166.44})
        self.assertEqual(self._where(place), (-22.27, 166.44, "pin"))
        place.write({"latitude": 0, "longitude": 0})
        self.assertEqual(self._where(place), (0, 0, False))

    def test_a_pin_stays_until_it_is_taken_away_or_the_municipality_changes(self):
        place = self.place_a
        place.write({"latitude": POINT[0], "longitude": POINT[1]})
        place.write({"street": "1 rue Neuve", "zip": "33000"})
        self.assertEqual(self._where(place), (*POINT, "pin"))
        place.territory_id = self.pau
        self.assertEqual(place.coordinates_source, "commune")
        place.write({"latitude": 43.3, "longitude": -0.37})
        place.write({"latitude": False, "longitude": False})
        self.assertEqual(place.coordinates_source, "commune")
        self.assertAlmostEqual(place.latitude, self.pau.latitude, 4)

    def test_a_pin_far_from_the_municipality_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "km away from the centre of Bordeaux"):
            self.place_a.write({"latitude": 45.75, "longitude": 4.85})
        with self.assertRaises(IntegrityError), self.cr.savepoint(), self.assertLogs("odoo.sql_db"):
            self.cr.execute("UPDATE aptic_place SET latitude = 91 WHERE id = %s", (self.place_a.id,))

    def test_without_a_service_nobody_is_asked(self):
        self.place_a.street = "1 rue Neuve"
        with patch(GEOCODER) as asked:
            self.env["aptic.place"]._cron_locate()
        asked.assert_not_called()
        with self.assertRaisesRegex(UserError, "No geocoding service"):
            self.place_a.action_locate()

    def test_a_service_finds_addresses_and_a_new_address_is_asked_for_again(self):
        self._configure()
        place = self._place(self.provider_a, "Trouvé", self.bordeaux, self.library, street="1 rue Neuve", zip="33000")
        with patch(GEOCODER, return_value=answering()) as asked:
            place._locate()
        self.assertEqual(asked.call_args.kwargs["params"]["citycode"], "33063")
        self.assertIn("1 rue Neuve, 33000 Bordeaux", asked.call_args.kwargs["params"]["q"])
        self.assertEqual(self._where(place), (*POINT, "geocoder"))
        self.assertTrue(place.geocoder_asked)
        place.street = "2 rue Neuve"
        self.assertEqual((place.coordinates_source, place.geocoder_asked), ("commune", False))
        with patch(GEOCODER, return_value=answering(45.75, 4.85)):  # another town: not believed
            place._locate()
        self.assertEqual(place.coordinates_source, "commune")
        place.write({"latitude": POINT[0], "longitude": POINT[1]})
        with patch(GEOCODER) as asked:  # a person knows better
            place._locate()
        asked.assert_not_called()

    def test_a_service_that_fails_changes_nothing_and_is_asked_again_later(self):
        self._configure()
        place = self._place(self.provider_a, "Muet", self.bordeaux, self.library, street="1 rue Neuve")
        failures = (
            requests.ConnectionError(),
            requests.Timeout(),
            Mock(side_effect=None, json=Mock(side_effect=ValueError)),
            Mock(raise_for_status=Mock(side_effect=requests.HTTPError)),
        )
        for failure in failures:
            kind = {"side_effect": failure} if isinstance(failure, Exception) else {"return_value": failure}
            with patch(GEOCODER, **kind):
                self.assertEqual(place._locate(), (self.env["aptic.place"], False))
            self.assertEqual((place.coordinates_source, place.geocoder_asked), ("commune", False))

    def test_many_places_at_once_cost_no_query_each(self):
        def vals(count):
            return [
                {
                    "provider_id": self.provider_a.id,
                    "name": f"Lieu {number}",
                    "territory_id": self.pau.id,
                    "type_id": self.library.id,
                }
                for number in range(count)
            ]

        places = self.env["aptic.place"].with_context(tracking_disable=True)
        places.create(vals(2))
        self.env.flush_all()
        before = self.cr.sql_log_count
        places.create(vals(2))
        self.env.flush_all()
        few = self.cr.sql_log_count - before
        before = self.cr.sql_log_count
        places.create(vals(60))
        self.env.flush_all()
        self.assertLessEqual(self.cr.sql_log_count - before, few + 6)

    def test_hours_and_addresses_are_checked_whoever_writes(self):
        for vals in (
            {"opening_hours": "de 9h à midi"},
            {"website": "javascript:alert(1)"},
            {"website": "https://"},
            {"acceslibre_url": "https://example.org/app/33-bordeaux"},
        ):
            with self.assertRaises(ValidationError, msg=vals):
                self.place_a.write(vals)
        self.place_a.write(
            {
                "opening_hours": "Mo-Fr 09:00-12:00,14:00-18:00; Sa 10:00-12:00",
                "website": "https://lieu.example/accueil",
                "acceslibre_url": "https://acceslibre.beta.gouv.fr/app/33-bordeaux/a/mediatheque/",
            }
        )
        self.assertEqual(
            self.place_a._hours_lines(),
            [("Monday to Friday", "9:00–12:00, 14:00–18:00"), ("Saturday", "10:00–12:00")],
        )
        self.place_a.opening_hours = "Mo-Fr 09:00-12:00; PH off"
        self.assertEqual(self.place_a._hours_lines(), [("", "Mo-Fr 09:00-12:00; PH off")])


@tagged("post_install", "-at_install")
class TestHosting(ApticCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.place_a)
        cls.upload = Upload(b"%PDF-1.4 convention", "convention.pdf", "application/pdf", 1)

    def _send(self, place=None, starts=0, ends=30):
        day = self.today
        return self.env["aptic.hosting"]._send_convention(
            place or self.place_a,
            self.upload,
            "Médiathèque d'Eysines",
            day + timedelta(days=starts),
            ends and day + timedelta(days=ends),
        )

    def test_a_place_is_the_providers_own_unless_said_otherwise(self):
        self.assertEqual(self.place_a.presence, "place")
        self.assertTrue(self.place_a._is_open(self.today))
        self.provider_b.supplier_kind = "convention"
        self.assertEqual(self._place(self.provider_b, "Chez", self.lyon, self.library).presence, "convention")

    def test_a_convention_place_is_open_while_an_accepted_convention_runs(self):
        convention = self._send()
        self.assertEqual((convention.state, self.place_a.presence), ("received", "convention"))
        self.assertFalse(self.place_a._is_open(self.today))
        self.assertIn("being checked", self.place_a._hosting_sentence(self.today))
        convention.with_user(self.reviewer).action_accept()
        self.assertEqual((convention.state, convention.decided_by_id), ("accepted", self.reviewer))
        for days, is_open in ((-1, False), (0, True), (30, True), (31, False)):
            self.assertEqual(self.place_a._is_open(self.today + timedelta(days=days)), is_open, days)
        self._send(starts=31, ends=0)._accept()  # the next one, without a term
        self.assertTrue(self.place_a._is_open(self.today + timedelta(days=4000)))
        self.place_a.presence = "place"
        self.assertTrue(self.place_a._is_open(self.today - timedelta(days=1)))

    def test_a_refusal_has_a_reason_that_the_managers_read(self):
        convention = self._send()
        with self.assertRaisesRegex(UserError, "Say why"):
            convention.with_user(self.reviewer).action_refuse()
        self.assertEqual(convention.state, "received")
        convention.with_user(self.reviewer).reason = "La signature de la commune manque."
        convention.with_user(self.reviewer).action_refuse()
        self.assertFalse(self.place_a._is_open(self.today))
        message = self.provider_a.message_ids[0]
        self.assertIn("La signature de la commune manque.", message.body)
        self.assertEqual(message.partner_ids, self.manager_a.partner_id)
        self.assertIn("La signature de la commune manque.", self.place_a._hosting_sentence(self.today))
        self.assertFalse(message.attachment_ids)

    def test_a_new_convention_replaces_the_one_that_waits(self):
        first = self._send()
        second = self._send()
        self.assertEqual((first.state, second.state), ("refused", "received"))
        self.assertTrue(first.reason)

    def test_a_start_is_declared_until_a_day(self):
        stay = self.env["aptic.hosting"]._declare_start(
            self.place_a, "Mairie de Cenon", self.today, self.today + timedelta(days=10)
        )
        self.assertEqual((stay.state, self.place_a.presence), ("accepted", "priming"))
        self.assertTrue(self.place_a._is_open(self.today + timedelta(days=10)))
        self.assertFalse(self.place_a._is_open(self.today + timedelta(days=11)))
        stay.reason = "Cette mairie offre déjà ce service."
        stay.with_user(self.reviewer).action_refuse()
        self.assertFalse(self.place_a._is_open(self.today))
        with self.assertRaises(IntegrityError), self.cr.savepoint(), self.assertLogs("odoo.sql_db"):
            self.env["aptic.hosting"]._declare_start(self.place_a, "Mairie", self.today, None)

    def _told(self, days):
        """What the managers of provider A are told by the reminders of the day in so many days."""
        before = self.provider_a.message_ids
        with (
            freeze_time(f"{self.today + timedelta(days=days)} 09:00:00"),
            patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: float("inf")),
        ):
            self.env.ref("aptic_base.cron_hosting_remind").ir_actions_server_id.run()
        return (self.provider_a.message_ids - before).filtered("subject")

    def test_managers_are_told_before_a_stay_ends(self):
        self._send(ends=100)._accept()
        start = self._place(self.provider_a, "Amorçage", self.pau, self.library)
        self.env["aptic.hosting"]._declare_start(start, "Mairie", self.today, self.today + timedelta(days=100))
        self._send(self._place(self.provider_a, "Sans terme", self.pau, self.library), ends=0)._accept()
        other = self._place(self.provider_b, "Chez", self.lyon, self.library)
        self._send(other, ends=100)._accept()
        messages = {day: self._told(day) for day in (69, 70, 71, 93, 94, 100, 101)}
        self.assertEqual([day for day, message in messages.items() if message], [70, 93, 100])
        for message in messages.values():
            self.assertLessEqual(len(message), 1)
        for day, subject in ((70, "se termine bientôt"), (93, "se termine bientôt"), (100, "se termine")):
            message = messages[day]
            self.assertEqual(message.subject, f"Votre présence chez un hôte {subject}")
            self.assertIn("Médiathèque d'Eysines", message.body.unescape())
            self.assertIn("Amorçage", message.body)
            self.assertNotIn("Sans terme", message.body)
            self.assertNotIn("Chez", message.body)
            self.assertEqual(message.notified_partner_ids, self.manager_a.partner_id)

    def test_a_day_that_the_cron_missed_is_made_up_for_once(self):
        self._send(ends=10)._accept()
        self.assertRegex(self._told(0).subject, "bientôt$")
        self.assertFalse(self._told(2))
        self.assertRegex(self._told(12).subject, "se termine$")
        self.assertFalse(self._told(13))

    def test_nobody_is_told_of_a_stay_that_goes_on(self):
        first = self._send(ends=20)
        first._accept()
        following = self._send(starts=21, ends=400)
        self.assertFalse(first._calls_for_another())
        self.assertFalse(self._told(0))
        following._accept()
        self.assertFalse(self._told(13))
        following.reason = "La signature manque."
        following._refuse()
        self.assertTrue(first._calls_for_another())
        self.assertTrue(self._told(20), "the next one was refused")

    def test_nobody_is_told_of_a_stay_that_an_older_one_outlives(self):
        self._send(ends=0)._accept()
        self._send(ends=20)._accept()
        self.assertFalse(self._told(0))

    def test_nobody_is_told_of_a_stay_that_is_no_longer_needed(self):
        stay = self._send(ends=20)
        stay._accept()
        self.assertTrue(stay._calls_for_another())
        self.place_a.presence = "place"
        self.assertFalse(stay._calls_for_another())
        self.assertFalse(self._told(0))
        self.place_a.presence = "convention"
        for days, calls in ((19, False), (20, False), (21, True)):
            self.place_a.open_until = self.today + timedelta(days=days)
            self.assertEqual(stay._calls_for_another(), calls, days)
        self.place_a._close(self.today + timedelta(days=20))
        self.assertFalse(self._told(13))
        self.place_a._reopen()
        self.place_a.active = False
        self.assertFalse(self._told(20))
        self.place_a.active = True
        self.assertTrue(self._told(21))

    def test_nobody_is_told_who_is_struck_off_or_was_refused(self):
        stay = self._send(ends=20)
        self.assertFalse(self._told(0), "not accepted yet")
        stay._accept()
        self.provider_a._strike_off("request", "Au revoir.")
        self.assertFalse(self._told(13))

    def test_activation_waits_for_a_place_where_one_may_be(self):
        convention = self._send()
        self.assertTrue([text for text in self.provider_a._activation_blockers() if "convention" in text])
        convention._accept()
        self.assertFalse([text for text in self.provider_a._activation_blockers() if "convention" in text])
        self._place(self.provider_b, "Propre", self.lyon, self.library)
        self.assertFalse([text for text in self.provider_b._activation_blockers() if "convention" in text])

    def test_who_reads_decides_and_writes(self):
        convention = self._send()
        for user in (self.manager_a, self.mediator_a, self.manager_b, self.stranger, self.staff, self.accountant):
            with self.assertRaises(AccessError, msg=user.login):
                convention.with_user(user).read(["document"])
            with self.assertRaises(AccessError, msg=user.login):
                convention.with_user(user).action_accept()
        for user in (self.reviewer, self.staff_manager):
            self.assertEqual(convention.with_user(user).host_name, "Médiathèque d'Eysines")
            for vals in ({"state": "accepted"}, {"ends_on": "2099-01-01"}, {"host_name": "X"}, {"document": False}):
                with self.assertRaises(UserError, msg=vals):
                    convention.with_user(user).write(vals)
        self.assertEqual(convention.state, "received")
        with self.assertRaises(AccessError):
            convention.with_user(self.reviewer).read(["document"])
        domain = [("res_model", "=", "aptic.hosting"), ("res_field", "=", "document")]
        file = self.env["ir.attachment"].search(domain)
        self.assertTrue(file)
        for user in (self.manager_a, self.staff, self.reviewer, self.staff_manager):
            with self.assertRaises(AccessError, msg=user.login):
                file.with_user(user).read(["raw"])

    def test_files_of_refused_conventions_and_of_former_providers_are_erased(self):
        domain = [("res_model", "=", "aptic.hosting"), ("res_field", "=", "document")]
        refused = self._send()
        refused.reason = "La signature manque."
        refused.with_user(self.reviewer).action_refuse()
        accepted = self._send()
        accepted.with_user(self.reviewer).action_accept()
        self.env.flush_all()
        hostings = self.env["aptic.hosting"]
        self.assertFalse(hostings.search(hostings._erasable()))
        with freeze_time(fields.Datetime.now() + timedelta(days=100)):
            self.assertEqual(hostings.search(hostings._erasable()), refused)
            refused._erase()
        self.assertFalse(refused.filename or refused.message_ids)
        self.assertEqual((refused.state, refused.host_name), ("refused", "Médiathèque d'Eysines"))
        self.assertEqual(self.env["ir.attachment"].search(domain).mapped("res_id"), accepted.ids)
        with self.assertRaisesRegex(UserError, "no document"):
            refused.with_user(self.reviewer)._hand_out("192.0.2.1")
        self.provider_a._strike_off("request", "Au revoir.")
        with freeze_time(fields.Datetime.now() + timedelta(days=366 * 6)):
            self.assertEqual(hostings.search(hostings._erasable()), accepted)

    def test_every_opening_of_a_convention_is_written_down(self):
        convention = self._send()
        data, name, mimetype = convention.with_user(self.reviewer)._hand_out("192.0.2.7")
        self.assertEqual((data, name, mimetype), (self.upload.data, "convention.pdf", "application/pdf"))
        opening = convention.opening_ids
        self.assertEqual((opening.user_id, opening.ip, opening.paper_id.ids), (self.reviewer, "192.0.2.7", []))
        self.assertIn(self.reviewer.name, opening.display_name)
        for user in (self.staff, self.accountant, self.manager_a, self.manager_b, self.stranger):
            with self.assertRaises(AccessError, msg=user.login):
                convention.with_user(user)._hand_out("192.0.2.7")
        self.assertEqual(len(convention.opening_ids), 1)
