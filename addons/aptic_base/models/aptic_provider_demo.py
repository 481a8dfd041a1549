from odoo import api, models

# By number of the demonstration provider: the state to reach.
STATES = {**dict.fromkeys(range(1, 9), "active"), 9: "chartered", 10: "eligible", 11: "declined", 12: "applied"}
# Valid by their check digits, of nobody.
IBANS = {
    1: "FR76 2004 1010 0100 0010 0111 185",
    2: "FR76 3000 4008 0000 0010 0222 228",
    3: "FR76 1027 8000 0100 0010 0333 358",
    4: "FR76 3000 2005 5000 0010 0444 406",
    5: "FR76 2004 1010 2100 0010 0555 533",
    6: "FR76 2004 1010 0600 0010 0666 629",
    7: "FR76 1010 7001 1800 0010 0777 793",
    8: "FR76 3000 4009 0000 0010 0888 864",
}
VERBS = {
    "active": ("_apply", "_declare_eligible", "_charter_signed", "_activate"),
    "chartered": ("_apply", "_declare_eligible", "_charter_signed"),
    "eligible": ("_apply", "_declare_eligible"),
    "declined": ("_apply", "_decline"),
    "applied": ("_apply",),
}


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    @api.model
    def _load_demo_lifecycle(self):
        """Bring the demonstration's providers to their states, and accounts into force, by the real verbs.

        It may run again: providers that have left the draft state are left alone.
        """
        self._load_demo_papers()
        for number, state in STATES.items():
            provider = self.env.ref(f"aptic_base.demo_provider_{number:02}")
            if provider.state != "draft":
                continue
            for verb in VERBS[state]:
                getattr(provider, verb)()
            if number in IBANS:
                self._load_demo_bank_account(provider, IBANS[number])

    @api.model
    def _load_demo_bank_account(self, provider, iban):
        manager = provider.member_ids.filtered(lambda member: member.role == "manager").user_id[:1]
        changes = self.env["aptic.bank.change"]
        change = changes.with_user(manager)._request(provider, iban, provider.name)
        changes.browse(change.id).with_user(self.env.ref("aptic_base.demo_user_camille"))._approve()
