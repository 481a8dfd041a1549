import json
from datetime import date
from hashlib import sha256

from dateutil.relativedelta import relativedelta
from odoo import api, models
from odoo.addons.aptic_voucher import clock
from odoo.tools import SQL, format_date

from .. import coverage, coverage_pdf

MONTHS = 12
# Where the published months stand: for anyone, and for members.
PUBLIC, PRIVATE = "/aptic/couverture", "/my/aptic/coverage"


class ApticCoverage(models.Model):
    """What of the proofs is published: by month the last one, in totals, with the hash of the sealed ledger."""

    _inherit = "aptic.coverage"

    @api.model
    def _published_months(self, company=None):
        """The last proof of a closed day of each of the last twelve months, the running one included.

        Totals only: nothing of any organisation. One statement of SQL; safe to show to anyone where the company chose
        so (``aptic_coverage_public``), and the one source of all pages, papers and files about it.

        :return: list of dicts, the latest month first: ``month`` (``2026-10``), ``day``, ``verdict`` (``covered``,
            ``missing`` or ``check``), ``bank_day``, ``bank_cents``, ``owed_cents`` (to others than the operator),
            ``kinds`` (``{kind: cents}``), ``fees_cents`` (the operator's, that may leave), ``missing_cents``,
            ``seal`` (number) and ``seal_hash``: the last seal of the ledger when the proof was made
        """
        company = company or self.env.company
        today = clock.today()
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT proof.*, kinds.amounts, seal.number AS seal, seal.hash AS seal_hash
                  FROM (
                        SELECT DISTINCT ON (date_trunc('month', day))
                               id, day, state, bank_day, checked_at, COALESCE(bank_cents, 0) AS bank_cents,
                               GREATEST(COALESCE(fees_cents, 0) - COALESCE(claims_cents, 0), 0) AS fees_cents,
                               COALESCE(lacking_cents, 0) AS lacking_cents
                          FROM aptic_coverage
                         WHERE company_id = %(company)s AND day >= %(first)s AND day < %(today)s
                      ORDER BY date_trunc('month', day), day DESC
                       ) AS proof
             LEFT JOIN LATERAL (
                        SELECT json_object_agg(kind, ledger_cents) AS amounts
                          FROM aptic_coverage_line WHERE coverage_id = proof.id AND kind = ANY(%(kinds)s)
                       ) AS kinds ON TRUE
             LEFT JOIN LATERAL (
                        SELECT number, hash FROM aptic_seal
                         WHERE made_at <= proof.checked_at ORDER BY number DESC LIMIT 1
                       ) AS seal ON TRUE
              ORDER BY proof.day DESC
                """,
                company=company.id,
                first=today.replace(day=1) - relativedelta(months=MONTHS - 1),
                today=today,
                kinds=list(coverage.PUBLISHED),
            )
        )
        return [self._published_month(row) for row in rows]

    def _published_month(self, row):
        amounts = row["amounts"] or {}
        kinds = {kind: amounts.get(kind, 0) for kind in coverage.PUBLISHED}
        owed = sum(kinds.values())
        return {
            "month": f"{row['day']:%Y-%m}",
            "day": row["day"],
            "verdict": coverage.verdict(row["state"], row["bank_cents"], owed, row["lacking_cents"]),
            "bank_day": row["bank_day"],
            "bank_cents": row["bank_cents"],
            "owed_cents": owed,
            "kinds": kinds,
            "fees_cents": row["fees_cents"],
            "missing_cents": coverage.missing(row["bank_cents"], owed, row["lacking_cents"]),
            "seal": row["seal"],
            "seal_hash": row["seal_hash"],
        }

    @api.model
    def _published(self, month, company=None):
        """The figures of one month (``2026-10``) as :meth:`_published_months` gives them; ``None``: it has no proof."""
        return next((entry for entry in self._published_months(company) if entry["month"] == month), None)

    @api.model
    def _published_labels(self):
        """How the pages call what is owed and the verdicts, in the reader's language."""
        kinds = dict(self.env["aptic.coverage.line"]._fields["kind"]._description_selection(self.env))
        return {
            "kinds": {kind: kinds[kind] for kind in coverage.PUBLISHED},
            "verdicts": {
                "covered": self.env._("Covered"),
                "missing": self.env._("Money is missing"),
                "check": self.env._("To be checked"),
            },
        }

    # --------------------------------------------------------- files of a month
    @api.model
    def _published_json(self, entry, paper=None):
        """The figures of a month as a file for programs.

        ``sha256`` is that of ``figures`` written as compact JSON with sorted keys: ``jq -cjS .figures | sha256sum``.
        ``signature`` is ``null``, or who signed the PDF, with the SHA-256 of PDF and certificate.

        :param paper: the signed ``aptic.coverage.paper``, if there is one
        :return: bytes
        """
        text = coverage.canonical(entry)
        document = {
            "format": "aptic-coverage-1",
            "figures": json.loads(text),
            "sha256": sha256(text).hexdigest(),
            "signature": paper._for_programs() if paper else None,
        }
        return json.dumps(document, indent=2, sort_keys=True).encode() + b"\n"

    @api.model
    def _published_address(self, entry, company):
        """Where the figures of a month stand, for those who have the paper."""
        return f"{self.get_base_url()}{PUBLIC if company.aptic_coverage_public else PRIVATE}/{entry['month']}.json"

    @api.model
    def _published_pdf(self, entry, check_url, company=None, identity=None):
        """The proof of a month on paper, with the hashes that tell whether it is unchanged; it is not signed here.

        :param entry: of :meth:`_published_months`
        :param check_url: where the same figures stand
        :param identity: :class:`..signing.Identity` of who is about to sign it
        :return: bytes
        """
        company = company or self.env.company
        labels = self._published_labels()

        def money(cents):
            return company.currency_id.format(cents / 100)

        rows = [(labels["kinds"][kind], money(cents)) for kind, cents in entry["kinds"].items()]
        notes = [
            self.env._("SHA-256 of the figures: %s", sha256(coverage.canonical(entry)).hexdigest()),
            self._published_seal(entry),
            self.env._("The same figures, for comparison: %s", check_url),
            *self._published_signature(identity),
        ]
        return coverage_pdf.draw(
            coverage_pdf.Paper(
                title=self.env._("Proof of coverage of %s", self._published_name(entry)),
                sender=[company.name, company.street or "", f"{company.zip or ''} {company.city or ''}".strip()],
                intro=self.env._(
                    "The face value of #APTIC vouchers is kept on a bank account of its own. This is what that account"
                    " owed at the end of %(day)s and what the bank stated.",
                    day=format_date(self.env, entry["day"]),
                ),
                verdict=labels["verdicts"][entry["verdict"]],
                rows=rows,
                totals=self._published_totals(entry, money),
                notes=notes,
            )
        )

    def _published_totals(self, entry, money):
        totals = [
            (self.env._("Owed by this account"), money(entry["owed_cents"])),
            (self.env._("The operator's fees that may leave the account"), money(entry["fees_cents"])),
            (self.env._("On the segregated account, by the bank"), money(entry["bank_cents"])),
        ]
        if entry["missing_cents"]:
            totals.append((self.env._("Missing"), money(entry["missing_cents"])))
        bank_day = entry["bank_day"]
        totals.append((self.env._("Bank's closing balance of"), format_date(self.env, bank_day) if bank_day else "—"))
        return totals

    def _published_seal(self, entry):
        if not entry["seal"]:
            return self.env._("The ledger had no seal yet.")
        return self.env._(
            "SHA-256 of seal %(number)s of the ledger: %(hash)s", number=entry["seal"], hash=entry["seal_hash"]
        )

    def _published_signature(self, identity):
        if identity is None:
            return [
                self.env._(
                    "These hashes are no electronic signature: they tell whether this paper and the ledger are still"
                    " what they were, not who has made the paper. Compare it with the address above."
                )
            ]
        return [
            self.env._(
                "This PDF is signed electronically (PAdES) by %(signer)s: a PDF reader says whether it is unchanged."
                " On paper nothing of that is left. Certificate issued by %(issuer)s.",
                signer=identity.subject,
                issuer=identity.issuer,
            ),
            self.env._("SHA-256 of the certificate: %s", identity.fingerprint),
        ]

    def _published_name(self, entry):
        """The month in words: « octobre 2026 »."""
        return format_date(self.env, date.fromisoformat(f"{entry['month']}-01"), date_format="MMMM y")
