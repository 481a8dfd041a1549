from odoo import fields, models


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
