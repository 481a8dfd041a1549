import logging
import os
from datetime import timedelta
from hashlib import sha256

from odoo import api, fields, models
from odoo.addons.aptic_voucher import keyring
from odoo.tools import config, format_date

from .. import coverage, signing

_logger = logging.getLogger(__name__)

WARNING = "aptic_settlement.mail_activity_signature"
AHEAD = timedelta(days=30)


class ApticCoverage(models.Model):
    """The operator's electronic signature under what is published of the proofs."""

    _inherit = "aptic.coverage"

    paper_ids = fields.One2many("aptic.coverage.paper", "coverage_id", string="Signed PDF", readonly=True)

    # ----------------------------------------------------------------- reading
    @api.model
    def _published_papers(self, months, company=None):
        """The signed papers of published months, in one query.

        :param months: of :meth:`_published_months`
        :return: ``{month: aptic.coverage.paper}``; what is not signed is missing
        """
        company = company or self.env.company
        names = {self._figures_sha256(entry): entry["month"] for entry in months}
        papers = self.env["aptic.coverage.paper"].search(
            [("company_id", "=", company.id), ("figures_sha256", "in", list(names))]
        )
        return {names[paper.figures_sha256]: paper for paper in papers}

    @api.model
    def _figures_sha256(self, entry):
        return sha256(coverage.canonical(entry)).hexdigest()

    # ----------------------------------------------------------------- signing
    @api.model
    def _signature_identity(self):
        """Key and certificate of the operator, from the files that the server's configuration names.

        :raise signing.SigningError: when they cannot be used now
        """
        path = config["config"]
        try:
            options = keyring.section(path) if path else {}
        except keyring.KeyRingError as error:
            raise signing.SigningError("unreadable", path=error.values["path"]) from None
        return signing.load(options, os.path.dirname(path or ""), fields.Datetime.now())

    @api.model
    def _sign_published(self, company=None):
        """Sign what is published and has no signature yet, and keep it; tell the accountants what hinders it, once.

        A month whose figures changed (the running one, each night) is signed anew; what was signed is kept as it is,
        so whoever downloads a proof twice has the same bytes.

        :return: the new papers and what hinders the signature, in words (``""``: nothing does)
        """
        company = (company or self.env.company).sudo()
        proofs = self.sudo().with_company(company).with_context(lang=company.partner_id.lang or self.env.lang)
        papers, error = proofs.env["aptic.coverage.paper"], None
        try:
            identity = proofs._signature_identity()
            months = proofs._published_months(company)
            signed = proofs._published_papers(months, company)
            for entry in months:
                if entry["month"] not in signed:
                    papers += proofs._sign_month(entry, identity, company)
            if identity.valid_until - fields.Datetime.now() < AHEAD:
                error = signing.SigningError("soon", at=identity.valid_until)
        except signing.SigningError as raised:
            error = raised
        proofs._tell_signature(error, company)
        return self.env[papers._name].browse(papers.ids), self._signature_problem(error) if error else ""

    def _sign_month(self, entry, identity, company):
        # Only the process that signs loads pyhanko.
        from .. import pades

        pdf = pades.sign(
            self._published_pdf(entry, self._published_address(entry, company), company, identity),
            identity,
            reason=self.env._("Proof of coverage of %s", self._published_name(entry)),
            location=company.city or "",
        )
        papers = self.env["aptic.coverage.paper"]
        attachment = self.env["ir.attachment"].create(
            {
                "name": f"couverture-{entry['month']}.pdf",
                "raw": pdf,
                "mimetype": "application/pdf",
                "res_model": papers._name,
            }
        )
        paper = papers._guarded_create(
            [
                {
                    "company_id": company.id,
                    "coverage_id": self.search([("company_id", "=", company.id), ("day", "=", entry["day"])]).id,
                    "figures_sha256": self._figures_sha256(entry),
                    "signed_at": fields.Datetime.now(),
                    "signer": identity.subject,
                    "issuer": identity.issuer,
                    "is_self_signed": identity.is_self_signed,
                    "valid_until": identity.valid_until,
                    "fingerprint": identity.fingerprint,
                    "level": "b_t" if identity.authority else "b_b",
                    "sha256": sha256(pdf).hexdigest(),
                    "attachment_id": attachment.id,
                }
            ]
        )
        attachment.res_id = paper.id
        return paper

    @api.model
    def _cron_prove(self):
        """Prove, then sign what is published; whatever hinders that, the proofs of the night stand."""
        result = super()._cron_prove()
        for company in self.env["res.company"].search([("aptic_ledger_journal_id", "!=", False)]):
            try:
                with self.env.cr.savepoint():
                    self._sign_published(company)
            except Exception:  # pylint: disable=broad-except  # a paper can wait for the next night, a proof cannot
                _logger.exception("Proofs of coverage of company %s could not be signed", company.id)
        return result

    def action_check(self):
        """Button: look at this day again; figures that changed are signed anew."""
        result = super().action_check()
        for company in self.company_id:
            self._sign_published(company)
        return result

    @api.model
    def action_sign_published(self):
        """Button of the settings: sign what is published and has no signature yet, and say what came of it."""
        self._check_may_prove()
        papers, problem = self._sign_published()
        done = self.env._("%s proofs of coverage have been signed.", len(papers))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if problem else "success",
                "message": " ".join(filter(None, (done if papers or not problem else "", problem))),
                "sticky": bool(problem),
            },
        }

    # ----------------------------------------------------------------- telling
    @api.model
    def _tell_signature(self, error, company):
        """Tell the accountants once what hinders the signature, and take it back when nothing does any more.

        No key at all is a choice, not a trouble.
        """
        activity_type = self.env.ref(WARNING)
        told = self.search(
            [("company_id", "=", company.id), ("activity_ids.activity_type_id", "=", activity_type.id)]
        ).activity_search([WARNING])
        if error is None or error.kind == "none":
            told.action_feedback(feedback=self.env._("The signature works, or none is asked for."))
            return
        last = self._last(company)
        accountants = self.env.ref("aptic_base.group_aptic_accountant").all_user_ids
        for user in accountants.filtered(lambda user: user.active and not user.share):
            summary = self.with_context(lang=user.lang)._signature_problem(error)
            open_one = told.filtered(lambda activity, user=user: activity.user_id == user)
            if not open_one:
                last.activity_schedule(WARNING, summary=summary, user_id=user.id)
            elif open_one[0].summary != summary:
                open_one.summary = summary

    @api.model
    def _signature_problem(self, error):
        """What hinders the signature and what to do, in the reader's language."""
        at = format_date(self.env, error.values["at"]) if "at" in error.values else ""
        path = error.values.get("path", "")
        words = {
            "none": self.env._("The server has no certificate: PDFs of the proof of coverage are given unsigned."),
            "unreadable": self.env._("The file %s cannot be read: proofs of coverage go unsigned.", path),
            "passphrase": self.env._("The passphrase does not open %s: proofs of coverage go unsigned.", path),
            "malformed": self.env._("%s is neither PKCS#12 nor PEM: proofs of coverage go unsigned.", path),
            "pair": self.env._(
                "Key and certificate of %s do not belong together: proofs of coverage go unsigned.", path
            ),
            "early": self.env._("The certificate is valid from %s on: until then proofs of coverage go unsigned.", at),
            "expired": self.env._(
                "The certificate ended on %s: proofs of coverage go unsigned until the next one is installed.", at
            ),
            "soon": self.env._("The certificate that signs the proofs of coverage ends on %s: order the next one.", at),
            "authority": self.env._(
                "The time stamping authority %s does not answer: proofs of coverage are signed the next night.", path
            ),
            "refused": self.env._(
                "The key does not sign (%s): take another certificate; proofs of coverage go unsigned.", path
            ),
        }
        return words[error.kind]

    @api.model
    def _signature_state(self):
        """Who signs at present, or why nobody does, in the reader's language."""
        try:
            identity = self._signature_identity()
        except signing.SigningError as error:
            return self._signature_problem(error)
        return self.env._(
            "Signed by %(signer)s. Certificate issued by %(issuer)s, valid until %(day)s, SHA-256: %(fingerprint)s",
            signer=identity.subject,
            issuer=identity.issuer,
            day=format_date(self.env, identity.valid_until),
            fingerprint=identity.fingerprint,
        )
