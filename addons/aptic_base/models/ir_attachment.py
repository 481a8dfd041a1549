from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

DOSSIERS = ("aptic.paper", "aptic.hosting")


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model
    def _erase_files(self, records):
        """Delete what people sent with papers or conventions, and what was attached to them later."""
        files = self.sudo().search(
            [
                ("res_model", "=", records._name),
                ("res_id", "in", records.ids),
                ("res_field", "in", ("document", False)),
            ]
        )
        files.unlink()
        records.invalidate_recordset(["document"])

    def _check_access(self, operation):
        """Close the bytes of dossiers to everyone, administrators too: their models alone hand them out."""
        result = super()._check_access(operation)
        papers = self.sudo().filtered(lambda one: one.res_model in DOSSIERS and one.res_field == "document")
        if self.env.su or not papers:
            return result
        forbidden = self.browse(papers.ids)

        def error():
            return AccessError(self.env._("The documents of a dossier are opened from the dossier only."))

        return (forbidden | result[0], result[1]) if result else (forbidden, error)

    def _search(self, domain, *args, bypass_access=False, **options):
        """Find no bytes of dossiers: what an administrator finds by its model is read without another check."""
        query = super()._search(domain, *args, bypass_access=bypass_access, **options)
        if not (self.env.su or bypass_access or query.is_empty()):
            query.add_where(
                SQL(
                    "(%s IN %s AND %s = 'document') IS NOT TRUE",
                    SQL.identifier(query.table, "res_model"),
                    DOSSIERS,
                    SQL.identifier(query.table, "res_field"),
                )
            )
        return query
