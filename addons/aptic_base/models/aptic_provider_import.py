from odoo import api, fields, models
from odoo.tools import email_normalize

from .. import set_create

# Columns of a contact that the ORM computes from what is given; here by the same functions, for all rows at once.
COMPUTED = (
    "complete_name", "email_normalized", "phone_sanitized", "commercial_partner_id", "commercial_company_name",
    "company_registry",
)  # fmt: skip


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    import_id = fields.Many2one(
        "aptic.import",
        string="Came by the import",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="aptic_base.group_aptic_user",
    )

    @api.model
    def _create_many(self, vals_list):
        """Create providers in draft by sets: the ORM creates the first, the others are rows like it with their values.

        As many as there are, it takes a few statements. All constraints are checked, of the database and of the models.
        Where an addon is present whose part in the creation is not known, or where the first row is not what this
        method expects, the ORM creates them all.

        :param vals_list: dicts of plain columns, what is required among them; one that others have is empty where it
            is missing; SIRET normalised
        """
        if not vals_list:
            return
        first, others = vals_list[0], vals_list[1:]
        provider = self.create([dict(first)])
        provider.flush_recordset()
        provider.partner_id.flush_recordset()
        if not others:
            return
        names = sorted({name for vals in vals_list for name in vals})
        known = set_create.creates_are_known(self, provider.partner_id)
        if not known or not self._is_as_expected(provider, first, names):
            self.create([dict(vals) for vals in others])
            return
        self._insert_like(provider, others, names)

    def _partner_row(self, vals, number, country):
        """The columns of a contact that are its own, as the ORM would fill them."""
        partners, phone = self.env["res.partner"], vals.get("phone")
        own = {
            "complete_name": vals["name"].strip(),
            "email_normalized": email_normalize(vals.get("email") or "", strict=False) or None,
            "commercial_partner_id": number,
            "commercial_company_name": vals["name"],
            "company_registry": vals["siret"],
        }
        if "phone_sanitized" in partners._fields:
            own["phone_sanitized"] = (phone and partners._phone_format_number(phone, country)) or None
        return own

    def _split(self, names):
        """``(names of the contact's columns, names of the provider's own)``."""
        partner = [name for name in names if self._fields[name].inherited]
        return partner, [name for name in names if name not in partner]

    def _is_as_expected(self, provider, vals, names):
        """Whether the ORM filled the first row as :meth:`_insert_like` would have."""
        partner_names, own = self._split(names)
        partner = provider.partner_id
        expected = {name: vals.get(name) or None for name in partner_names}
        expected |= self._partner_row(vals, partner.id, partner.country_id)
        own_values = {name: vals[name] for name in own if vals.get(name)}
        return set_create.has_row(partner, expected) and set_create.has_row(provider, own_values)

    def _insert_like(self, provider, vals_list, names):
        partner_names, own = self._split(names)
        partner, size = provider.partner_id, len(vals_list)
        partner_ids, ids = set_create.reserve_ids(partner, size), set_create.reserve_ids(self, size)
        partner_rows = [
            {
                **{name: vals.get(name) or None for name in partner_names},
                **self._partner_row(vals, number, partner.country_id),
            }
            for vals, number in zip(vals_list, partner_ids, strict=True)
        ]
        own_rows = [
            {**{name: vals.get(name) or None for name in own}, "partner_id": number}
            for vals, number in zip(vals_list, partner_ids, strict=True)
        ]
        set_create.insert_like(partner, partner_ids, partner_rows)
        set_create.insert_like(provider, ids, own_rows)
        made = self.browse(ids)
        set_create.recompute_unknown(made.partner_id, partner_names, COMPUTED)
        set_create.recompute_unknown(made, [*own, *partner_names], COMPUTED)
        self.env.flush_all()
        made._validate_fields(own)
        made.partner_id._validate_fields(partner_names)
