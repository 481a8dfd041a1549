from odoo import api, fields, models

from .. import set_create

# Columns that the ORM computes from what is given; here for all rows at once.
COMPUTED = ("department_id", "region_id", "presence")


class ApticPlace(models.Model):
    _inherit = "aptic.place"

    external_ref = fields.Char(
        string="Identifier elsewhere",
        copy=False,
        help="What the place is called in the files it comes from; by it a later import finds the place again.",
    )
    import_id = fields.Many2one(
        "aptic.import",
        string="Came by the import",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="aptic_base.group_aptic_user",
    )

    _external_ref_unique = models.UniqueIndex(
        "(provider_id, external_ref) WHERE external_ref IS NOT NULL",
        "This provider has a place with this identifier already.",
    )

    @api.model
    def _create_many(self, vals_list):
        """Create places by sets: the ORM creates the first, the others are rows like it with their values.

        As :meth:`aptic.provider._create_many`, with the same guards.

        :param vals_list: dicts of plain columns; provider, type, name and municipality among them
        """
        if not vals_list:
            return
        first, others = vals_list[0], vals_list[1:]
        place = self.create([dict(first)])
        place.flush_recordset()
        if not others:
            return
        names = sorted({name for vals in vals_list for name in vals})
        towns = self.env["aptic.territory"].browse({vals["territory_id"] for vals in vals_list})
        towns.fetch(["parent_id", "latitude", "longitude", "reach_km"])
        towns.parent_id.fetch(["parent_id"])
        providers = self.env["aptic.provider"].browse({vals["provider_id"] for vals in vals_list})
        providers.fetch(["supplier_kind"])
        expected = self._import_row(first, names)
        if not set_create.creates_are_known(self) or not set_create.has_row(place, expected):
            self.create([dict(vals) for vals in others])
            return
        ids = set_create.reserve_ids(self, len(others))
        rows = [self._import_row(vals, names) for vals in others]
        set_create.insert_like(place, ids, rows)
        providers.invalidate_recordset(["place_ids"])
        made = self.browse(ids)
        set_create.recompute_unknown(made, rows[0], COMPUTED)
        self.env.flush_all()
        made._validate_fields(list(rows[0]))
        made._ask_geocoder()

    def _import_row(self, vals, names):
        """The columns of a new place that are its own, as the ORM would fill them.

        :param dict vals: what is given
        :param names: the columns that places of this import are given
        """
        town = self.env["aptic.territory"].browse(vals["territory_id"])
        return {
            **{name: vals.get(name) or None for name in names},
            **self._position_vals(vals, town),
            "department_id": town.parent_id.id or None,
            "region_id": town.parent_id.parent_id.id or None,
            "presence": self.env["aptic.provider"].browse(vals["provider_id"]).supplier_kind or "place",
        }
