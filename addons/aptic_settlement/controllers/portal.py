from odoo.addons.aptic_base.controllers.portal import file_response
from odoo.addons.aptic_voucher.tables import MIMETYPES
from odoo.addons.portal.controllers.portal import CustomerPortal, pager
from odoo.http import request, route

ROLES = ("manager", "accountant")
PER_PAGE = 20
LINES_PER_PAGE = 100
FILES = {"pdf": "application/pdf", **MIMETYPES}


class StatementPortal(CustomerPortal):
    """Statements of a provider, for its managers and its accountants; staff opens the papers too."""

    # ------------------------------------------------------------------ access
    def _statement_providers(self):
        """The providers whose statements the user may read (sudo)."""
        return [
            entry["record"]
            for entry in request.env["aptic.member"]._organisations()
            if entry["kind"] == "provider" and entry["role"] in ROLES
        ]

    def _find_statement(self, statement_id):
        """The statement as sudo, or None when it does not exist or is not for the user.

        Staff open those of all the companies they work for, whichever one the website is of.
        """
        statement = request.env["aptic.statement"].sudo().browse(statement_id).exists()
        if not statement:
            return None
        user = request.env.user
        if user.has_group("aptic_base.group_aptic_user"):
            theirs = statement.sudo(False).with_context(allowed_company_ids=user.company_ids.ids)
            return statement if theirs.has_access("read") else None
        member = request.env["aptic.member"]._find(statement.provider_id, ROLES)
        return statement if member and statement.state != "draft" else None

    def _statement_denied(self):
        response = request.render("aptic_base.portal_denied", self._prepare_portal_layout_values())
        response.status_code = 403
        return response

    # ------------------------------------------------------------------- pages
    @route(
        ["/my/aptic/statements", "/my/aptic/statements/page/<int:page>"],
        type="http", auth="user", website=True, readonly=True,
    )  # fmt: skip
    def aptic_statements(self, page=1, **_query):
        """List the statements of the user's providers, the latest first."""
        providers = self._statement_providers()
        if not providers:
            return self._statement_denied()
        statements = request.env["aptic.statement"].sudo()
        domain = [("provider_id", "in", [provider.id for provider in providers]), ("state", "!=", "draft")]
        pages = pager(url="/my/aptic/statements", total=statements.search_count(domain), page=page, step=PER_PAGE)
        reversals = request.env["aptic.reversal"].sudo()
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "aptic_statements",
            "statements": statements.search(domain, limit=PER_PAGE, offset=pages["offset"]),
            "several": len(providers) > 1,
            "coming": reversals.search(
                [
                    ("provider_id", "in", [provider.id for provider in providers]),
                    *reversals._coming_domain(),
                ],
                limit=PER_PAGE,
            )
            if page == 1
            else (),
            "pager": pages,
        }
        return request.render("aptic_settlement.portal_statements", values)

    @route(
        ["/my/aptic/statements/<int:statement_id>", "/my/aptic/statements/<int:statement_id>/page/<int:page>"],
        type="http", auth="user", website=True, readonly=True,
    )  # fmt: skip
    def aptic_statement(self, statement_id, page=1, **_query):
        """Show one statement: figures, lines, papers."""
        statement = self._find_statement(statement_id)
        if not statement:
            return self._statement_denied()
        pages = pager(
            url=f"/my/aptic/statements/{statement.id}",
            total=statement.voucher_count, page=page, step=LINES_PER_PAGE,
        )  # fmt: skip
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "aptic_statement",
            "statement": statement,
            "corrections": statement._corrections() if page == 1 else [],
            "offsets": statement.sudo().offset_ids - statement.sudo().set_off_ids | statement.sudo().offset_claim_ids,
            "set_off": statement._set_off_lines(),
            "lines": statement._lines(offset=pages["offset"], limit=LINES_PER_PAGE),
            "pager": pages,
        }
        return request.render("aptic_settlement.portal_statement", values)

    @route(
        "/my/aptic/statements/<int:statement_id>/<string:kind>", type="http", auth="user", website=True, readonly=True
    )
    def aptic_statement_file(self, statement_id, kind, **_query):
        """The statement on paper or as a table."""
        statement = self._find_statement(statement_id)
        if not statement or kind not in FILES:
            return self._statement_denied()
        content = statement._pdf() if kind == "pdf" else statement._spreadsheet(kind)
        return file_response(content, f"{statement.name}.{kind}", FILES[kind], inline=False)

    @route("/my/aptic/statements/<int:statement_id>/invoice", type="http", auth="user", website=True)
    def aptic_statement_invoice(self, statement_id, **_query):
        """Lead to the fee invoice."""
        statement = self._find_statement(statement_id)
        if not statement or not statement.fee_move_id:
            return self._statement_denied()
        return request.redirect(statement.fee_move_id.get_portal_url())
