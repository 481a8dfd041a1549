"""Beside paying: an act that is only tried, and the last one taken back."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import LockError
from odoo.tests import HttpCase, tagged

from .common import DeskCase


@tagged("post_install", "-at_install")
class TestUndo(DeskCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.authenticate(self.mediator_a.login, self.mediator_a.login)
        self.act = self._scan_one(0)

    def _scan_one(self, number):
        answer = self._redeem(self.codes[number : number + 1])
        self.assertEqual(answer["status"], "done")
        return self.env["aptic.redemption"].browse(answer["redemption_id"])

    def _undo(self, act=None, user=None):
        if user:
            self.authenticate(user.login, user.login)
        answer = self._call("undo", redemption_id=(act or self.act).id)
        self.env.invalidate_all()
        return answer

    def _untouched(self, status, **call):
        self.assertEqual(self._undo(**call)["status"], status)
        self.assertEqual(self.act.state, "done")

    def test_who_scanned_takes_it_back_once(self):
        answer = self._undo()
        self.assertEqual((answer["status"], answer["face_cents"], answer["copay_cents"]), ("undone", 1000, 200))
        self.assertEqual(self.act.state, "cancelled")
        last = self.act.event_ids.sorted("id")[-1]
        self.assertRecordValues(
            last, [{"kind": "cancel", "quantity": 1, "user_id": self.mediator_a.id, "order_id": self.order.id}]
        )
        self.assertEqual(last.reason, "Annulé à l'écran juste après le scan")
        self.assertEqual(self._undo()["status"], "undone", "a lost answer is given again")
        self.assertEqual(len(self.act.event_ids), 2)
        self.assertEqual(self._redeem(self.codes[:1])["status"], "done", "the voucher can be used again")

    def test_the_act_before_is_out_of_reach(self):
        later = self._scan_one(1)
        self._untouched("not_last")
        self.assertEqual(self._undo(later)["status"], "undone")
        self._untouched("not_last")

    def test_anothers_later_scan_does_not_count(self):
        self.authenticate(self.manager_a.login, self.manager_a.login)
        self._scan_one(1)
        self.assertEqual(self._undo(user=self.mediator_a)["status"], "undone")

    def test_ten_minutes(self):
        for minutes, status in ((11, "too_late"), (9, "undone")):
            received = fields.Datetime.now() - timedelta(minutes=minutes)
            self.env.cr.execute("UPDATE aptic_redemption SET received_at = %s WHERE id = %s", (received, self.act.id))
            self.assertEqual(self._undo()["status"], status)

    def test_a_settled_one_stays(self):
        self.env.cr.execute("UPDATE aptic_redemption SET state = 'settled' WHERE id = %s", self.act.ids)
        self.assertEqual(self._undo()["status"], "settled")
        self.assertEqual(self.act.state, "settled")

    def test_under_verification_it_stays(self):
        self.act._hold()
        self._untouched("held")
        self.assertTrue(self.act.is_held)
        self.act._release()
        self.assertEqual(self._undo()["status"], "undone")

    def test_what_fails_late_changes_nothing(self):
        with patch.object(self.env.registry["aptic.redemption"], "_after_cancel", side_effect=LockError("Held")):
            self._untouched("busy")
        self.assertEqual(len(self.act.event_ids), 1)
        self.assertEqual(self._check(self.codes[:1])["status"], "used")
        self.assertEqual(self._undo()["status"], "undone")

    def test_others_do_not(self):
        for user in (self.manager_a, self.accountant_a, self.manager_b, self.sponsor_user_a, self.stranger):
            with self.subTest(user=user.login):
                self._untouched("provider", user=user)
        self.assertEqual(self._undo(self.act.browse(2**30))["status"], "provider")
        self.assertEqual(self._call("undo", redemption_id="1")["status"], "invalid")
        self.assertEqual(self.act.state, "done")

    def test_who_has_left_does_not(self):
        self.mediator_a_member.active = False
        self._untouched("provider")


@tagged("post_install", "-at_install")
class TestRehearsal(DeskCase, HttpCase):
    def _test(self, codes, **change):
        return self._call(
            "test",
            **{
                "place_id": self.place_a.id,
                "offer_id": self.offer_a.id,
                "audience_id": self.everyone.id,
                "codes": codes,
                "price_cents": 1200,
                **change,
            },
        )

    def _trace(self):
        self.env.invalidate_all()
        return (
            self.env["aptic.redemption"].search_count([]),
            self.env["aptic.event"].search_count([]),
            self.env["aptic.voucher"]._read_group([], ["state"], ["__count"]),
        )

    def test_what_would_be_paid_and_nothing_is(self):
        self.authenticate(self.mediator_a.login, self.mediator_a.login)
        before = self._trace()
        for codes, face, copay in ((self.codes[:1], 1000, 200), (self.codes[:2], 2000, 0)):
            answer = self._test(codes)
            self.assertEqual((answer["status"], answer["face_cents"], answer["copay_cents"]), ("ok", face, copay))
            self.assertFalse(answer["redemption_id"])
        self.assertEqual(self._trace(), before)
        self.assertEqual(self._redeem(self.codes[:2])["face_cents"], 2000, "the act does what the test said")

    def test_it_refuses_as_the_act_does(self):
        self.authenticate(self.mediator_a.login, self.mediator_a.login)
        self._redeem(self.codes[:1])
        for status, change in (
            ("used", {"codes": self.codes[:1]}),
            ("too_many", {"codes": self.codes[1:4]}),
            ("price", {"codes": self.codes[1:2], "price_cents": 900}),
            ("provider", {"codes": self.codes[1:2], "offer_id": self.offer_b.id}),
            ("audience", {"codes": self.codes[1:2], "audience_id": 2**30}),
            ("unknown", {"codes": [self._forged()]}),
            ("unknown", {"codes": ["1" * 24]}),
            ("invalid", {"codes": self.codes[1:2], "price_cents": -1}),
        ):
            with self.subTest(status=status, change=change):
                self.assertEqual(self._test(**change)["status"], status)

    def test_it_is_no_way_to_guess(self):
        self.authenticate(self.mediator_a.login, self.mediator_a.login)
        for _n in range(10):
            self.assertEqual(self._test([self._forged()])["status"], "unknown")
        self.assertEqual(self._test(self.codes[:1])["status"], "throttled")

    def test_used_here_tells_where_elsewhere_only_when(self):
        self.authenticate(self.mediator_a.login, self.mediator_a.login)
        self._redeem(self.codes[:1])
        for answer in (self._check(self.codes[:1]), self._test(self.codes[:1]), self._redeem(self.codes[:1])):
            told = answer["message_args"]
            self.assertEqual((told["own"], told["place"]), (True, self.place_a.name))
            self.assertNotIn("place_id", told)
        self.authenticate(self.manager_b.login, self.manager_b.login)
        told = self._check(self.codes[:1], place_id=self.place_b.id)["message_args"]
        self.assertEqual(sorted(told), ["day", "own", "serial"])
        self.assertFalse(told["own"])

    def test_others_learn_nothing(self):
        for user in (self.accountant_a, self.manager_b, self.sponsor_user_a, self.stranger):
            with self.subTest(user=user.login):
                self.authenticate(user.login, user.login)
                answer = self._test(self.codes[:1])
                self.assertEqual((answer["status"], answer["message_args"]), ("provider", {"reason": "member"}))


@tagged("post_install", "-at_install")
class TestPathwayAtDesk(DeskCase, HttpCase):
    """The booklet tells which session of a pathway comes next."""

    def setUp(self):
        super().setUp()
        self.other = self._offer(self.provider_a, self.other_service, 1000)
        offers = [self.offer_a, self.other, self.offer_a, self.offer_a, self.offer_a]
        self.pathway = self._pathway(self.provider_a, "Premiers pas", offers)
        self.authenticate(self.mediator_a.login, self.mediator_a.login)

    def _sessions(self, codes):
        found = self._check(codes)["sessions"]
        return {session["offer_id"]: (session["number"], session["count"], session["is_next"]) for session in found}

    def test_sessions_follow_each_other(self):
        first, second = self.offer_a.id, self.other.id
        self.assertEqual(self._sessions(self.codes[:1]), {first: (1, 5, True)})
        answer = self._redeem(self.codes[:2])
        self.assertEqual(self._sessions(self.codes[2:3]), {second: (2, 5, True), first: (3, 5, False)})
        self._redeem(self.codes[2:3], offer_id=second, price_cents=1000)
        self.assertEqual(self._sessions(self.codes[3:4]), {first: (3, 5, True)})
        self.assertEqual(answer["face_cents"], 2000, "two vouchers of one act are one session")

    def test_what_was_taken_back_is_not_counted(self):
        answer = self._redeem(self.codes[:1])
        self.assertEqual(self._call("undo", redemption_id=answer["redemption_id"])["status"], "undone")
        self.assertEqual(self._sessions(self.codes[1:2]), {self.offer_a.id: (1, 5, True)})

    def test_another_booklet_and_another_provider_begin(self):
        self._redeem(self.codes[:1])
        other = self._order(quantity=5)
        self.assertEqual(self._sessions(self._codes(other)[:1]), {self.offer_a.id: (1, 5, True)})
        self._pathway(self.provider_b, "Ailleurs", [self.offer_b] * 5)
        self.authenticate(self.manager_b.login, self.manager_b.login)
        found = self._check(self.codes[1:2], place_id=self.place_b.id)["sessions"]
        self.assertEqual([(session["number"], session["pathway"]) for session in found], [(1, "Ailleurs")])

    def test_a_withdrawn_pathway_is_not_shown(self):
        self.pathway._withdraw()
        self.assertEqual(self._check(self.codes[:1])["sessions"], [])


@tagged("post_install", "-at_install")
class TestSuspended(DeskCase, HttpCase):
    def test_a_suspended_member_is_told_why(self):
        self.provider_a.with_user(self.staff_manager).sudo()._suspend("papers", "Statuts périmés")
        self.authenticate(self.mediator_a.login, self.mediator_a.login)
        for answer in (self._check(self.codes[:1]), self._redeem(self.codes[:1])):
            told = answer["message_args"]
            self.assertEqual((answer["status"], told["state"]), ("provider", "suspended"))
            self.assertEqual(told["names"], ["Dossier devenu incomplet"])
            self.assertIn("Complétez vos pièces", told["advice"])
            self.assertNotIn("Statuts périmés", str(answer), "the reason itself is the manager's to read")
        page = self.url_open("/my/aptic/scan").text
        self.assertIn(f"/my/aptic/provider/{self.provider_a.id}/measure", page)
        self.assertNotIn('aptic_pos.scan"', page)
