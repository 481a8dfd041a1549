"""What waits for staff: the overview's queues, the activities that follow the state, searches, mails to managers."""

from lxml import etree
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import ApticCase

IBAN = "FR76 2004 1010 0100 0010 0111 185"


class DeskCase(ApticCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.paper_type = cls.env.ref("aptic_base.paper_type_association_jo")

    def _received(self, provider=None):
        """A document that was sent and waits for a reviewer."""
        return self._paper(provider or self.provider_a, self.paper_type, "received")

    def _bank_change(self):
        return self.env["aptic.bank.change"].with_user(self.manager_a)._request(self.provider_a, IBAN, "Association A")

    def _overview(self, user):
        return {queue["key"]: queue for queue in self.env["aptic.queue"].with_user(user).overview()}


@tagged("post_install", "-at_install")
class TestOverview(DeskCase):
    def test_counts_and_the_age_of_the_oldest(self):
        before = self._overview(self.staff_manager)
        paper = self._received()
        self._received(self.provider_b)
        self.env.cr.execute(
            "UPDATE aptic_paper SET create_date = create_date - interval '400 days' WHERE id = %s", (paper.id,)
        )
        self.env.invalidate_all()
        after = self._overview(self.staff_manager)
        self.assertEqual(after["paper"]["count"], before["paper"]["count"] + 2)
        self.assertGreaterEqual(after["paper"]["oldest_days"], 400)
        self.assertTrue(after["paper"]["late"])
        paper.with_user(self.reviewer).action_accept()
        self.assertEqual(self._overview(self.staff_manager)["paper"]["count"], before["paper"]["count"] + 1)

    def test_each_sees_the_queues_he_works_on(self):
        seen = {
            user.login: set(self._overview(user))
            for user in (self.staff, self.reviewer, self.accountant, self.staff_manager)
        }
        self.assertNotIn("paper", seen[self.staff.login] | seen[self.accountant.login])
        self.assertNotIn("bank_change", seen[self.staff.login] | seen[self.reviewer.login])
        self.assertIn("paper", seen[self.reviewer.login] & seen[self.staff_manager.login])
        self.assertIn("bank_change", seen[self.accountant.login] & seen[self.staff_manager.login])

    def test_members_and_strangers_have_no_overview(self):
        for user in (self.manager_a, self.mediator_a, self.sponsor_user_a, self.stranger):
            with self.assertRaises(AccessError):
                self.env["aptic.queue"].with_user(user).overview()
            with self.assertRaises(AccessError):
                self.env["aptic.queue"].with_user(user).open_queue("joining")

    def test_every_queue_opens_on_its_rows_by_a_filter_that_exists(self):
        """The filter of the action's search view says what the queue counts."""
        queues = self.env["aptic.queue"].with_user(self.staff_manager)
        for queue in queues._my_queues():
            action = queues.open_queue(queue["key"])
            self.assertEqual(action["res_model"], queue["model"])
            self.assertEqual(action["context"][f"search_default_{queue['filter']}"], 1)
            search = self.env[queue["model"]].get_view(
                self.env["ir.actions.act_window"].browse(action["id"]).search_view_id.id, "search"
            )
            self.assertIn(f'name="{queue["filter"]}"', search["arch"], queue["key"])
            self.assertTrue(queue["date"] is None or queue["date"] in self.env[queue["model"]]._fields, queue["key"])
        self.assertEqual(len(queues.overview()), len(queues._my_queues()))
        with self.assertRaises(AccessError):
            queues.with_user(self.staff).open_queue("paper")

    def test_one_query_a_queue(self):
        queues = self.env["aptic.queue"].with_user(self.staff_manager)
        for _turn in range(15):
            self._received()
        queues.overview()
        self.env.flush_all()
        self.env.invalidate_all()
        # The user's groups and access rights are read once besides.
        with self.assertQueryCount(len(queues._my_queues()) + 6):
            queues.overview()


@tagged("post_install", "-at_install")
class TestTodo(DeskCase):
    def test_a_received_document_is_somebodys_until_it_is_checked(self):
        paper = self._received()
        activity = paper.activity_ids
        self.assertEqual(activity.activity_type_id, self.env.ref("aptic_base.activity_check_paper"))
        self.assertTrue(activity.user_id.has_group("aptic_base.group_aptic_reviewer"))
        self.assertIn((activity.date_deadline - activity.create_date.date()).days, (9, 10, 11))
        paper.with_user(self.reviewer).reason = "Illisible"
        paper.with_user(self.reviewer).action_refuse()
        self.assertFalse(paper.activity_ids)

    def test_work_is_spread_over_those_who_do_it(self):
        papers = self.env["aptic.paper"]
        for _turn in range(6):
            papers |= self._received()
        reviewers = papers.activity_ids.user_id
        everybody = self.env.ref("aptic_base.group_aptic_reviewer").all_user_ids.filtered(
            lambda user: user.active and not user._is_superuser()
        )
        self.assertEqual(len(reviewers), min(6, len(everybody)))

    def test_bank_details_are_decided_by_an_accountant_or_manager(self):
        change = self._bank_change()
        activity = change.sudo().activity_ids
        self.assertEqual(activity.activity_type_id, self.env.ref("aptic_base.activity_approve_bank_change"))
        self.assertTrue(
            activity.user_id.has_group("aptic_base.group_aptic_accountant")
            or activity.user_id.has_group("aptic_base.group_aptic_manager")
        )
        change.with_user(self.accountant).action_approve()
        self.assertFalse(change.sudo().activity_ids)

    def test_no_mail_goes_with_an_activity(self):
        before = self.env["mail.mail"].search_count([])
        self._received()
        self.assertEqual(self.env["mail.mail"].search_count([]), before)

    def test_without_anybody_to_do_it_the_activity_is_open_to_all(self):
        self.patch(
            type(self.env["aptic.paper"]), "_least_busy", lambda _self, *_: self.env["res.users"].sudo().browse()
        )
        self.assertFalse(self._received().activity_ids.user_id)


@tagged("post_install", "-at_install")
class TestSearches(DeskCase):
    def _found(self, domain):
        return self.env["aptic.provider"].search([*domain, ("id", "in", (self.provider_a | self.provider_b).ids)])

    def test_by_territory_of_a_place(self):
        region, department = self.bordeaux.parent_id.parent_id, self.bordeaux.parent_id
        for territory in (self.bordeaux, department, region):
            self.assertEqual(self._found([("place_territory_ids", "child_of", territory.id)]), self.provider_a)
        self.assertEqual(
            self._found([("place_territory_ids", "child_of", region.parent_id.id)]), self.provider_a | self.provider_b
        )
        self.assertEqual(self._found([("place_territory_ids", "child_of", "Gironde")]), self.provider_a)
        epci = self.env["aptic.territory"].create({"name": "Métropole (test)", "code": "999999999", "kind": "epci"})
        self.lyon.epci_id = epci
        self.assertEqual(self._found([("place_territory_ids", "child_of", epci.id)]), self.provider_b)
        self.assertEqual(self.place_a.department_id, department)
        self.assertEqual(self.place_a.region_id, region)

    def test_by_missing_documents(self):
        user = self.reviewer
        providers = self.env["aptic.provider"].with_user(user)
        both = [("id", "in", (self.provider_a | self.provider_b).ids)]
        self.assertEqual(len(providers.search([*both, ("lacks_papers", "=", True)])), 2)
        papers = self._accept_papers(self.provider_a)
        self.assertEqual(providers.search([*both, ("lacks_papers", "=", False)]), self.provider_a)
        self.assertEqual(providers.search([*both, ("lacks_papers", "=", True)]), self.provider_b)
        papers[:1]._guarded_write({"issued_on": "2019-01-01", "expires_on": "2020-01-01"})
        self.assertEqual(len(providers.search([*both, ("lacks_papers", "=", True)])), 2)

    def test_every_filter_of_the_search_views_works(self):
        for model in ("provider", "place", "offer", "paper", "bank.change"):
            records = self.env[f"aptic.{model}"].with_user(self.staff_manager)
            arch = (
                self.env["ir.ui.view"]
                .sudo()
                .search([("model", "=", f"aptic.{model}"), ("type", "=", "search"), ("inherit_id", "=", False)])
            )
            self.assertTrue(arch)
            for view in arch:
                tree = etree.fromstring(records.get_view(view.id, "search")["arch"])
                for node in tree.iter("filter"):
                    if node.get("domain"):
                        records.search(safe_eval(node.get("domain"), {"uid": self.env.uid}), limit=1)
                    context = safe_eval(node.get("context") or "{}", {})
                    if context.get("group_by"):
                        records.formatted_read_group([], [context["group_by"]], ["__count"])


@tagged("post_install", "-at_install")
class TestMailManagers(DeskCase):
    def _send(self, providers, user=None, **values):
        action = providers.with_user(user or self.staff_manager).action_mail_managers()
        composer = (
            self.env["mail.compose.message"]
            .with_user(user or self.staff_manager)
            .with_context(**action["context"])
            .create(values)
        )
        mails, _messages = composer._action_send_mail()
        return mails

    def test_one_mail_a_provider_to_its_managers_and_nobody_else(self):
        second, _member = self._member(self.provider_a, "manager", "second")
        _gone, member = self._member(self.provider_b, "manager", "gone")
        member.active = False
        self.provider_a.email = "accueil@example.org"
        mails = self._send(self.provider_a | self.provider_b).sudo()
        self.assertEqual(len(mails), 2)
        recipients = {mail.res_id: mail.recipient_ids for mail in mails}
        self.assertEqual(recipients[self.provider_a.id], self.manager_a.partner_id | second.partner_id)
        self.assertEqual(recipients[self.provider_b.id], self.manager_b.partner_id)
        self.assertFalse(any(mail.email_to or mail.email_cc for mail in mails), "addresses are not shown to others")
        for mail in mails:
            # One letter a person: nobody reads the address of another.
            self.assertTrue(all(len(letter["email_to"]) == 1 for letter in mail._prepare_outgoing_list()))
        self.assertIn("/my", mails[0].body_html)

    def test_the_trace_is_on_the_thread(self):
        self._send(self.provider_a, body="<p>Réunion mardi</p>", subject="Réunion")
        message = self.provider_a.message_ids[:1]
        self.assertEqual(message.subject, "Réunion")
        self.assertIn("Réunion mardi", message.body)
        self.assertFalse(self.provider_b.message_ids.filtered(lambda one: one.subject == "Réunion"))

    def test_who_wants_no_advertising_still_gets_what_is_owed(self):
        self.env["mail.blacklist"].sudo()._add(self.manager_a.email)
        mails = self._send(self.provider_a).sudo()
        self.assertEqual(mails.state, "outgoing")

    def test_who_has_no_manager_is_named_and_left(self):
        alone = self._provider("Sans responsable", "55210055400013")
        action = (alone | self.provider_a).with_user(self.staff_manager).action_mail_managers()
        self.assertEqual(action["context"]["default_res_ids"], self.provider_a.ids)
        self.assertIn("Sans responsable", action["name"])
        with self.assertRaises(UserError):
            alone.with_user(self.staff_manager).action_mail_managers()

    def test_only_managers_of_aptic_write_to_all(self):
        for user in (self.staff, self.reviewer, self.accountant, self.manager_a):
            with self.assertRaises(AccessError):
                self.provider_a.with_user(user).action_mail_managers()
