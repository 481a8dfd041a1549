from odoo import api, fields, models


class ApticPaperOpening(models.Model):
    """Who opened a convention is written down as for the papers of a dossier."""

    _inherit = "aptic.paper.opening"

    paper_id = fields.Many2one(required=False)
    hosting_id = fields.Many2one(
        "aptic.hosting", string="Convention", index="btree_not_null", ondelete="restrict", readonly=True
    )

    _one_document = models.Constraint("CHECK(num_nonnulls(paper_id, hosting_id) = 1)", "An opening is of one document.")

    @api.depends("hosting_id")
    def _compute_display_name(self):  # pylint: disable=missing-return
        conventions = self.filtered("hosting_id")
        for opening in conventions:
            opening.display_name = f"{opening.user_id.name} – {opening.hosting_id.display_name}"
        super(ApticPaperOpening, self - conventions)._compute_display_name()

    @api.model
    def _write_down(self, paper, ip):
        if paper._name != "aptic.hosting":
            return super()._write_down(paper, ip)
        now = fields.Datetime.now()
        return self.sudo().create(
            [{"hosting_id": paper.id, "user_id": self.env.uid, "opened_at": now, "ip": ip or "?"}]
        )
