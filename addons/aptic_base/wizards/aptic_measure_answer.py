from odoo import fields, models


class ApticMeasureAnswer(models.TransientModel):
    """Answer a provider's appeal: by another person than the one who decided on the measure."""

    _name = "aptic.measure.answer"
    _description = "Answer an appeal"

    measure_id = fields.Many2one("aptic.measure", required=True, readonly=True)
    reason = fields.Text(related="measure_id.reason", string="Reason of the measure")
    appeal = fields.Text(related="measure_id.appeal")
    outcome = fields.Selection(
        [("kept", "The measure stays"), ("lifted", "The measure is lifted")], string="Answer", required=True
    )
    answer = fields.Text(string="Reason of the answer", required=True)

    def action_answer(self):
        """Answer; a lifted measure ends at once."""
        self.ensure_one()
        self.measure_id._answer_appeal(self.outcome, self.answer)
        return {"type": "ir.actions.act_window_close"}
