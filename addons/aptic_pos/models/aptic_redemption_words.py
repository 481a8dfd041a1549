from odoo import models


class ApticRedemption(models.Model):
    """A suspended member is told at the desk why it may not scan, and what to do."""

    _inherit = "aptic.redemption"

    def _explain(self, args):
        told = super()._explain(args)
        if args.get("state") != "suspended":
            return told
        provider = self.env["aptic.provider"].sudo().browse(args["provider_id"])
        measures = provider._open_measures()
        causes = dict(measures._fields["cause"]._description_selection(self.env))
        return {
            **told,
            "names": [causes[measure.cause] for measure in measures],
            "advice": " ".join(provider._what_to_do(measure)["text"] for measure in measures),
        }
