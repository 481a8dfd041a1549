from odoo import api, fields, models


class ApticTerritory(models.Model):
    """A node of the official geographic code (COG, INSEE): country > region > department > commune, and EPCI beside."""

    _name = "aptic.territory"
    _description = "Territory"
    _parent_store = True
    _order = "kind, code"

    name = fields.Char(required=True, index="trigram")
    code = fields.Char(required=True, help="INSEE code of the region, department, EPCI (SIREN) or commune.")
    kind = fields.Selection(
        [
            ("country", "Country"),
            ("region", "Region"),
            ("department", "Department"),
            ("epci", "Intercommunality (EPCI)"),
            ("commune", "Municipality"),
        ],
        required=True,
        index=True,
    )
    parent_id = fields.Many2one("aptic.territory", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    epci_id = fields.Many2one(
        "aptic.territory", string="EPCI", index="btree_not_null", ondelete="restrict", domain=[("kind", "=", "epci")]
    )
    postal_codes = fields.Char(help="Postal codes of a municipality, separated by spaces.")

    _kind_code_unique = models.Constraint("UNIQUE(kind, code)", "This territory exists already.")

    @api.depends("name", "code", "kind")
    def _compute_display_name(self):
        for territory in self:
            territory.display_name = f"{territory.name} ({territory.code})" if territory.code else territory.name

    def _ancestor_ids(self):
        """Ids of all territories that contain this one: itself, its ancestors and its EPCI.

        :return: frozenset of ids, the plain form that the rule engine takes
        """
        self.ensure_one()
        ids = {int(part) for part in (self.parent_path or "").split("/") if part} | {self.id}
        if self.epci_id:
            ids.add(self.epci_id.id)
        return frozenset(ids)

    def _region(self):
        """The region that contains this territory (empty for the country and for an EPCI)."""
        self.ensure_one()
        return self.browse(sorted(self._ancestor_ids())).filtered(lambda territory: territory.kind == "region")
