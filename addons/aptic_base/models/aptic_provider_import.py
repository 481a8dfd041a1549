from odoo import api, fields, models
from odoo.tools import SQL, email_normalize

# Columns of a contact that the ORM computes from what is given; here by the same functions, for all rows at once.
COMPUTED = ("complete_name", "email_normalized", "phone_sanitized", "commercial_partner_id", "commercial_company_name")
# Addons whose create() is known to add nothing to a new provider or contact beyond what is copied from the first one.
KNOWN_CREATES = frozenset({"base", "mail", "aptic_base", "phone_validation", "account", "base_vat", "sms", "portal"})


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
        if not self._creates_are_known() or not self._is_as_expected(provider, first, names):
            self.create([dict(vals) for vals in others])
            return
        self._insert_like(provider, others, names)

    @api.model
    def _creates_are_known(self):
        """Whether no unknown addon has a hand in the creation of providers and contacts."""
        makers = {
            parent._module
            for model in (self, self.env["res.partner"])
            for parent in type(model).mro()
            if "create" in vars(parent) and getattr(parent, "_module", None)
        }
        return makers <= KNOWN_CREATES

    def _partner_row(self, vals, number, country):
        """The columns of a contact that are its own, as the ORM would fill them."""
        partners, phone = self.env["res.partner"], vals.get("phone")
        own = {
            "complete_name": vals["name"].strip(),
            "email_normalized": email_normalize(vals.get("email") or "", strict=False) or None,
            "commercial_partner_id": number,
            "commercial_company_name": vals["name"],
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
        ((found,), (mine,)) = (
            self.env.execute_query_dict(SQL("SELECT * FROM %s WHERE id = %s", SQL.identifier(record._table), record.id))
            for record in (partner, provider)
        )
        return all(found[name] == value for name, value in expected.items()) and all(
            mine[name] == (vals.get(name) or mine[name]) for name in own
        )

    def _insert_like(self, provider, vals_list, names):
        partner_names, own = self._split(names)
        partner, size = provider.partner_id, len(vals_list)
        numbers = {
            record._table: [
                number
                for (number,) in self.env.execute_query(
                    SQL(
                        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                        record._table,
                        size,
                    )
                )
            ]
            for record in (partner, provider)
        }
        partner_rows = [
            {
                **{name: vals.get(name) or None for name in partner_names},
                **self._partner_row(vals, number, partner.country_id),
            }
            for vals, number in zip(vals_list, numbers["res_partner"], strict=True)
        ]
        own_rows = [
            {**{name: vals.get(name) or None for name in own}, "partner_id": number}
            for vals, number in zip(vals_list, numbers["res_partner"], strict=True)
        ]
        self._insert_rows(partner, numbers["res_partner"], partner_rows)
        self._insert_rows(provider, numbers[self._table], own_rows)
        made = self.browse(numbers[self._table])
        self._recompute_unknown(made, partner_names, own)
        made._validate_fields(own)
        made.partner_id._validate_fields(partner_names)

    def _insert_rows(self, record, numbers, rows):
        """Insert rows that are like ``record`` but for the given columns, in one statement."""
        model, given = record.browse(), list(rows[0])
        columns = dict(
            self.env.execute_query(
                SQL(
                    "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
                    " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
                    model._table,
                )
            )
        )
        others = [name for name in columns if name not in given and name != "id"]
        self.env.cr.execute(
            SQL(
                "INSERT INTO %(table)s (id, %(given)s, %(others)s)"
                " SELECT row.id, %(values)s, %(copied)s FROM unnest(%(arrays)s) AS row(id, %(given)s)"
                " CROSS JOIN %(table)s like_it WHERE like_it.id = %(like)s ORDER BY row.id",
                table=SQL.identifier(model._table),
                given=SQL(", ").join(map(SQL.identifier, given)),
                others=SQL(", ").join(map(SQL.identifier, others)),
                values=SQL(", ").join(SQL.identifier("row", name) for name in given),
                copied=SQL(", ").join(SQL.identifier("like_it", name) for name in others),
                arrays=SQL(", ").join(
                    [
                        SQL("%s::int4[]", numbers),
                        *(SQL(f"%s::{columns[name]}[]", [row[name] for row in rows]) for name in given),
                    ]
                ),
                like=record.id,
            )
        )

    def _recompute_unknown(self, made, partner_names, own):
        """Have the ORM compute what other addons store from the values given here."""
        for records, names in ((made.partner_id, partner_names), (made, [*own, *partner_names])):
            for name in names:
                for field in self.env.registry.get_dependent_fields(records._fields[name]):
                    if field.store and field.name not in COMPUTED and field.model_name == records._name:
                        self.env.add_to_compute(field, records)
        self.env.flush_all()
