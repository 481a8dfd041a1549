from odoo import api, fields, models, tools
from odoo.addons.aptic_base.texts import paragraphs
from odoo.tools import format_amount, format_date

# What accounting says of an invoice that is still to be paid; a disputed one is « blocked », a credit note settles it.
UNPAID = ("not_paid", "partial")
MAIL_BATCH = 50


class AccountMove(models.Model):
    _inherit = "account.move"

    _aptic_to_mail_idx = models.Index("(invoice_date, id) WHERE aptic_to_mail")

    aptic_subscription_id = fields.Many2one(
        "aptic.subscription",
        string="#APTIC subscription",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
        help="Kept by credit notes too.",
    )
    aptic_to_mail = fields.Boolean(string="Waits for its mail", readonly=True, copy=False)
    aptic_reminded_days = fields.Integer(
        string="Reminded after (days)", readonly=True, copy=False, help="The last reminder, in days after the due date."
    )

    def _aptic_queue_mail(self):
        """Send by mail what was not sent yet, soon."""
        todo = self.filtered(lambda move: move.state == "posted" and not move.is_move_sent)
        if todo:
            todo.aptic_to_mail = True
            self.env.ref("aptic_eligibility.cron_invoice_mail").sudo()._trigger()

    @api.model
    def _aptic_can_mail(self):
        """Whether somebody has said by which server mails leave: until then invoices wait, and no paper is drawn."""
        configured = tools.config["smtp_server"] not in (False, "", "localhost")
        return configured or bool(self.env["ir.mail_server"].sudo().search_count([], limit=1))

    @api.model
    def _cron_aptic_mail(self):
        """Draw and mail the invoices that wait, by Odoo's own sending, one at a time: each is mailed once whatever
        stops the others (and a wkhtmltopdf without patched Qt draws single papers only)."""
        if not self._aptic_can_mail():
            return
        domain = [("aptic_to_mail", "=", True), ("state", "=", "posted")]
        todo = self.search(domain, order="invoice_date, id", limit=MAIL_BATCH)
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count(domain))
        for move in todo:
            locked = move.try_lock_for_update()
            locked.invalidate_recordset(["aptic_to_mail"])
            if locked.aptic_to_mail:
                self.env["account.move.send"]._generate_and_send_invoices(locked, allow_raising=False)
                locked.aptic_to_mail = False
            if not cron._commit_progress(1):
                break

    def _aptic_paper(self):
        """The invoice on paper, as it was mailed; while it waits for its mail, drawn for the occasion and not kept.

        :return: ``(name, bytes)`` of the PDF
        """
        self.ensure_one()
        if paper := self._get_invoice_legal_documents("pdf"):
            return paper["filename"], paper["content"]
        report = self.env["account.move.send"]._get_default_pdf_report_id(self)
        content, _kind = self.env["ir.actions.report"]._render_qweb_pdf(report.report_name, self.ids)
        return self._get_invoice_report_filename(report=report), content

    def _aptic_remind(self, provider, subject, body, roles=("manager", "accountant")):
        """Write to who deals with money at a provider about invoices, each on a line of its own.

        :param provider: ``aptic.provider`` in its people's language
        """
        lines = [
            provider.env._(
                "– %(number)s, due on %(day)s: %(amount)s",
                number=move.name,
                day=format_date(provider.env, move.invoice_date_due),
                amount=format_amount(provider.env, move.amount_residual, move.currency_id),
            )
            for move in self
        ]
        where = provider.env._(
            "To pay: by transfer, with the number of the invoice. Your invoices are on your #APTIC space."
        )
        provider._tell_managers(subject, paragraphs(body, *lines, where), roles=roles)
