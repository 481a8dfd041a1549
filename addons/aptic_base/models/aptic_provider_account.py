from urllib.parse import urlsplit

from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import single_email_re

from ..texts import one_line
from .aptic_siret_mixin import is_siret, normalised_siret

# What managers change on the portal, with the longest text taken.
ACCOUNT_FIELDS = {
    "name": 120,
    "representative_name": 120,
    "representative_capacity": 80,
    "phone": 40,
    "email": 100,
    "website": 200,
    "street": 200,
    "zip": 10,
    "city": 80,
}
REQUIRED = ("name", "representative_name", "representative_capacity")
# What identifies the organisation: fixed from the application on.
IDENTITY = ("siret", "legal_form")


class ApticProvider(models.Model):
    """What an organisation says of itself, and when it may change it."""

    _inherit = "aptic.provider"

    def write(self, vals):
        """Keep the holder of the bank account as the bank knows it: Odoo would rename it with the organisation."""
        holders = {}
        if "name" in vals:
            holders = {account: account.acc_holder_name for account in self.sudo().bank_account_id}
        result = super().write(vals)
        for account, holder in holders.items():
            if account.acc_holder_name != holder:
                account.acc_holder_name = holder
        return result

    def _may_change_identity(self):
        """Whether SIRET and legal form are still the provider's own to change: until it applies."""
        self.ensure_one()
        return self.state == "draft"

    def _account_values(self):
        """The present values, as the form shows them."""
        self.ensure_one()
        return {name: self[name] or "" for name in (*IDENTITY, *ACCOUNT_FIELDS)}

    def _clean_account(self, typed):
        """Texts of the form as they would be kept; identity only while it may change.

        :param dict typed: values as typed
        """
        clean = {name: one_line(typed.get(name), longest) for name, longest in ACCOUNT_FIELDS.items()}
        if clean["website"] and "://" not in clean["website"]:
            clean["website"] = f"https://{clean['website']}"
        if self._may_change_identity():
            clean["siret"] = normalised_siret(one_line(typed.get("siret"), 40))
            clean["legal_form"] = one_line(typed.get("legal_form"), 20)
        return clean

    def _account_problems(self, clean):
        """What is wrong with the texts of the form, as sentences by field."""
        self.ensure_one()
        env, problems = self.env, {}
        for name in REQUIRED:
            if not clean[name]:
                problems[name] = env._("Fill in this field.")
        if clean["email"] and not single_email_re.fullmatch(clean["email"]):
            problems["email"] = env._("This e-mail address is not complete.")
        site = urlsplit(clean["website"]) if clean["website"].isprintable() else None
        if clean["website"] and not (site and site.scheme in ("http", "https") and "." in site.netloc):
            problems["website"] = env._("Write the address of the site as in your browser: https://…")
        if "siret" in clean:
            if not is_siret(clean["siret"]):
                problems["siret"] = env._("This SIRET is not valid: it has 14 digits. Compare it with your papers.")
            elif self.sudo().search_count([("siret", "=", clean["siret"]), ("id", "!=", self.id)], limit=1):
                problems["siret"] = env._(
                    "This SIRET is registered already. Ask the manager of your organisation to add you as a member, "
                    "or write to the #APTIC team if you do not know who it is."
                )
        if "legal_form" in clean and clean["legal_form"] not in dict(self._fields["legal_form"].selection):
            problems["legal_form"] = env._("Choose a legal form.")
        return problems

    def _change_account(self, typed):
        """Change what the organisation says of itself; what was changed is traced.

        :param dict typed: values as typed, of ``ACCOUNT_FIELDS`` and ``IDENTITY``
        :return: names of the fields that changed
        :raise ValidationError: when something is wrong
        :raise UserError: when the provider has left #APTIC
        """
        self.ensure_one()
        if self.state == "struck_off":
            raise UserError(self.env._("Your organisation has left #APTIC: write to the team to change its data."))
        clean = self._clean_account(typed)
        if problems := self._account_problems(clean):
            raise ValidationError("\n".join(problems.values()))
        before = self._account_values()
        changed = {name: value for name, value in clean.items() if value != before[name]}
        if not changed:
            return changed.keys()
        self.write({name: value or False for name, value in changed.items()})
        labels = {name: self._fields[name]._description_string(self.env) for name in changed}
        self._message_log(
            body=self.env._(
                "%(user)s changed: %(changes)s.",
                user=self.env.user.name,
                changes="; ".join(
                    f"{labels[name]} ({before[name] or '–'} → {changed[name] or '–'})" for name in changed
                ),
            )
        )
        return changed.keys()
