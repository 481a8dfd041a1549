from odoo import fields, models


class ApticPaperType(models.Model):
    """A kind of supporting document and the legal forms that must give it (guide, « Pièces à fournir »)."""

    _name = "aptic.paper.type"
    _description = "Paper type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    legal_form = fields.Selection(
        [("company", "Company"), ("public", "Public body"), ("association", "Association")], required=True
    )
    required = fields.Boolean(default=True, help="Without it the provider does not become active.")
    max_age_months = fields.Integer(help="Refused when older at the day of the check; 0: no limit.")
    has_expiry = fields.Boolean(
        string="Ends on a day", help="Identity documents: the last day of validity is asked for, and reminded of."
    )
    per_owner = fields.Boolean(
        string="One for each beneficial owner", help="Asked for each person declared as beneficial owner."
    )
    bank_details = fields.Boolean(string="Goes with bank details", help="May be sent with a change of bank details.")
    waived_type_ids = fields.Many2many(
        "aptic.paper.type",
        "aptic_paper_type_waiver",
        "type_id",
        "waived_type_id",
        string="Makes unnecessary",
        help="Not asked for once the reviewer has ticked the sentence below on an accepted document.",
    )
    waiver_label = fields.Char(
        string="Sentence that the reviewer ticks", translate=True, help="Such as: the extract says « associé unique »."
    )
    note = fields.Char(translate=True, help="Read by the provider.")

    _code_unique = models.Constraint("UNIQUE(code)", "This code is used already.")
    _max_age = models.Constraint("CHECK(max_age_months >= 0)", "An age is counted in months from 0.")
