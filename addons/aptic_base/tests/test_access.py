from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ApticCase


@tagged("post_install", "-at_install")
class TestAccess(ApticCase):
    """Record rules themselves: what a portal user may read by RPC, whatever the controllers do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.distributor = cls.env["aptic.distributor"].create({"name": "Relais (test)"})
        cls.distributor_user, _member = cls._member(cls.distributor, "manager", "distributor_user")
        cls.pathway_a = cls._pathway(cls.provider_a, "Parcours", [cls.offer_a] * 5)

    def _seen(self, model, user):
        return self.env[model].with_user(user).with_context(active_test=False).search([])

    def test_members_see_their_own_organisation_and_no_other(self):
        for user in (self.manager_a, self.mediator_a, self.accountant_a):
            self.assertEqual(self._seen("aptic.provider", user), self.provider_a)
            self.assertEqual(self._seen("aptic.place", user), self.place_a)
            self.assertEqual(self._seen("aptic.offer", user), self.offer_a)
            self.assertEqual(self._seen("aptic.pathway", user), self.pathway_a)
            self.assertFalse(self._seen("aptic.sponsor", user))
            self.assertFalse(self._seen("aptic.distributor", user))
            self.assertEqual(
                self._seen("aptic.member", user),
                self.manager_a_member | self.mediator_a_member | self.accountant_a_member,
            )
            self.assertEqual(self.provider_a.with_user(user).name, "Acteur A (test)")
        self.assertEqual(self._seen("aptic.provider", self.manager_b), self.provider_b)
        self.assertEqual(self._seen("aptic.sponsor", self.sponsor_user_a), self.sponsor_a)
        self.assertEqual(self._seen("aptic.distributor", self.distributor_user), self.distributor)
        self.assertFalse(self._seen("aptic.provider", self.sponsor_user_a))

    def test_another_providers_data_is_refused_by_id(self):
        for record in (
            self.provider_b, self.place_b, self.offer_b, self.manager_b_member, self.sponsor_a, self.sponsor_b,
            self.distributor, self.provider_b.partner_id, self.sponsor_a.partner_id,
        ):  # fmt: skip
            for user in (self.manager_a, self.mediator_a, self.accountant_a, self.stranger):
                with self.assertRaises(AccessError, msg=record._name):
                    record.with_user(user).read(["display_name"])

    def test_a_former_member_sees_nothing_any_more(self):
        self.mediator_a_member.active = False
        for model in ("aptic.provider", "aptic.place", "aptic.offer", "aptic.member"):
            seen = self._seen(model, self.mediator_a).filtered(lambda record: record != self.mediator_a_member)
            self.assertFalse(seen, model)
        with self.assertRaises(AccessError):
            self.provider_a.partner_id.with_user(self.mediator_a).read(["name"])

    def test_strangers_see_no_organisation(self):
        for model in (
            "provider",
            "place",
            "offer",
            "pathway",
            "pathway.session",
            "service.suggestion",
            "sponsor",
            "distributor",
            "member",
        ):
            self.assertFalse(self._seen(f"aptic.{model}", self.stranger), model)

    def test_the_portal_writes_nothing_by_rpc(self):
        own = (self.provider_a, self.place_a, self.offer_a, self.pathway_a, self.manager_a_member)
        for record in (*own, self.service, self.bordeaux):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(record.with_user(self.manager_a).has_access(operation), f"{record._name} {operation}")

    def test_bank_details_and_documents_are_never_read_by_rpc(self):
        for model in ("aptic.bank.change", "aptic.paper", "res.partner.bank"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.manager_a).search([])
        with self.assertRaises(AccessError):
            self.provider_a.with_user(self.manager_a).read(["paper_ids"])

    def test_what_a_member_reads_of_his_provider_names_no_account(self):
        self.env["aptic.bank.change"].with_user(self.manager_a)._request(
            self.provider_a, "FR76 2004 1010 0100 0010 0111 185", "Association A"
        )
        self.provider_a.sudo().bank_change_ids.with_user(self.accountant).action_approve()
        self.assertTrue(self.provider_a.bank_account_id)
        provider = self.provider_a.with_user(self.mediator_a)
        names = [name for name in provider.fields_get() if provider._fields[name]._module == "aptic_base"]
        (values,) = provider.read(names)
        self.assertEqual((values["siret"], values["payout_frozen"]), (self.provider_a.siret, False))
        self.assertNotIn("0111", str(values))
        with self.assertRaises(AccessError):
            provider.read(["bank_account_id"])

    def test_everyone_on_the_portal_reads_the_referential(self):
        for user in (self.stranger, self.sponsor_user_a, self.mediator_a):
            for model in (
                "service",
                "service.category",
                "service.level",
                "audience",
                "place.type",
                "territory",
                "paper.type",
            ):
                self.assertTrue(self.env[f"aptic.{model}"].with_user(user).search([], limit=1), model)

    def test_staff_see_everyone(self):
        self.assertLessEqual(self.provider_a | self.provider_b, self._seen("aptic.provider", self.staff))
        self.assertLessEqual(self.place_a | self.place_b, self._seen("aptic.place", self.staff))
