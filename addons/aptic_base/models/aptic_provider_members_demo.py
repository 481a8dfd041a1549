from odoo import api, fields, models
from odoo.fields import Domain

QUESTION = "Bonjour, notre fablab ouvre aussi le samedi : faut-il un second lieu, ou changer les horaires suffit-il ?"
ANSWER = "Bonjour Fanny, les horaires suffisent : un lieu est une adresse. Bonne ouverture !"
PRICE = "Bonjour, l'atelier dure deux heures : 20 € vous semblent-ils un prix juste pour nos publics ?"


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    @api.model
    def _load_demo_members(self):
        """Give the demonstration an invitation that waits, questions to the team, and a manager who needs a mandate.

        It may run again: what is there is left alone. Nothing is mailed.
        """
        provider = self.env.ref("aptic_base.demo_provider_01")
        manager = self.env.ref("aptic_base.demo_user_fablab")
        self._load_demo_invitation(provider, manager)
        written = Domain("author_id", "=", manager.partner_id.id) & Domain("subject", "=", False)
        if not self.env["mail.message"].search_count(provider._thread_domain() & written, limit=1):
            self._load_demo_comment(provider, manager, QUESTION)
            self._load_demo_comment(provider, self.env.ref("aptic_base.demo_user_paul"), ANSWER)
        offer = provider.offer_ids[:1]
        if offer and not self.env["mail.message"].search_count(offer._thread_domain() & written, limit=1):
            self._load_demo_comment(offer, manager, PRICE)
            offer._ask_for_answer(manager)
        self.env.ref("aptic_base.demo_member_acteur12").acts_as = "agent"

    @api.model
    def _load_demo_invitation(self, provider, manager):
        users = self.env["res.users"].with_context(active_test=False)
        if users.search_count([("login", "=", "lea.roux@example.org")], limit=1):
            return
        members = self.env["aptic.member"]
        account = members._new_account(provider, "lea.roux@example.org", "Léa Roux")
        invitation = {
            **members._prepare_invitation_vals(),
            "user_id": account.id,
            "provider_id": provider.id,
            "role": "mediator",
            "invited_email": account.email,
            "invited_name": account.name,
            "invited_by_id": manager.id,
            "invited_at": fields.Datetime.now(),
        }
        members._guarded_create([invitation])

    @api.model
    def _load_demo_comment(self, thread, author, text):
        self.env["mail.message"].create(
            {
                "model": thread._name,
                "res_id": thread.id,
                "author_id": author.partner_id.id,
                "body": text,
                "message_type": "comment",
                "subtype_id": self.env.ref("mail.mt_comment").id,
            }
        )
