from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import content_disposition, request, route

from ..texts import one_line
from .portal import LARGEST_ID, ApticPortal, as_id
from .uploads import LARGEST_FORM, MOST_FILES, sent_files

URL = "/my/aptic/provider/<int:provider_id>/papers"


class ApticPaperPortal(ApticPortal):
    """A provider's dossier of papers: its managers send them and see what became of them."""

    @route(URL, type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_papers(self, provider_id, saved=None, **_query):
        """Show what is asked for, why, and the state of each paper."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if not member:
            return self._aptic_denied()
        return self._render_papers(provider, saved=saved)

    @route(URL, type="http", auth="user", website=True, methods=["POST"], max_content_length=LARGEST_FORM)
    def aptic_papers_send(self, provider_id, **post):
        """Receive papers of one type; what is wrong is said beside the field, and nothing is kept then."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if not member:
            return self._aptic_denied()
        papers = request.env["aptic.paper"]
        kind = request.env["aptic.paper.type"].search(
            [("id", "=", as_id(post.get("type_id"))), ("legal_form", "=", provider.legal_form)]
        )
        owner = provider.owner_ids.filtered(lambda person: person.id == as_id(post.get("owner_id")))
        days, errors = self._days(post, ("issued_on", "expires_on"))
        errors = papers._problems(provider, kind, owner, **days) | errors
        files = []
        try:
            files = sent_files("files")
        except ValidationError as error:
            errors["files"] = error.args[0]
        else:
            if not files:
                errors["files"] = request.env._("Choose the file to send.")
        if not errors:
            try:
                with request.env.cr.savepoint():
                    if self._form_once(post):
                        papers._receive(provider, kind, files, owner=owner, replace=post.get("keep") != "1", **days)
                return request.redirect(f"/my/aptic/provider/{provider.id}/papers?saved={kind.id}#aptic_papers_saved")
            except (UserError, ValidationError) as error:
                errors["form"] = error.args[0]
        return self._render_papers(provider, values=post, errors=errors, at=(kind.id, owner.id or 0))

    @route(f"{URL}/<int:paper_id>/document", type="http", auth="user", website=True, methods=["GET"])
    def aptic_paper_document(self, provider_id, paper_id, **_query):
        """Give a manager a paper of the provider back; the opening is written down."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        paper = provider.paper_ids.filtered(lambda one: one.id == paper_id) if member else None
        return self._document(paper)

    @route("/aptic/papers/<int:paper_id>/document", type="http", auth="user", website=True, methods=["GET"])
    def aptic_paper_review(self, paper_id, **_query):
        """Give a reviewer a paper; the opening is written down."""
        papers = request.env["aptic.paper"]
        if not papers.has_access("read"):
            return self._aptic_denied()
        return self._document(papers.search([("id", "=", min(paper_id, LARGEST_ID))]))

    # ----------------------------------------------------------------- owners
    @route(f"{URL}/owners", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_owners(self, provider_id, saved=None, **_query):
        """Show the beneficial owners of a company, and the form to declare one."""
        provider, denied = self._company(provider_id)
        return denied or self._render_owners(provider, {"country_id": request.env.ref("base.fr").id}, saved=bool(saved))

    @route(f"{URL}/owners", type="http", auth="user", website=True, methods=["POST"])
    def aptic_owner_declare(self, provider_id, **post):
        """Declare a beneficial owner."""
        provider, denied = self._company(provider_id)
        if denied:
            return denied
        env = request.env
        days, errors = self._days(post, ("birth_date",))
        name, basis = (
            one_line(post.get("name"), 120),
            "representative" if post.get("basis") == "representative" else "share",
        )
        country = env["res.country"].search([("id", "=", as_id(post.get("country_id")))])
        share = self._percent(post.get("share"))
        if not name:
            errors["name"] = env._("Give the first name and the name.")
        if not days["birth_date"] and "birth_date" not in errors:
            errors["birth_date"] = env._("Give the date of birth.")
        if not country:
            errors["country_id"] = env._("Choose the nationality.")
        if basis == "share" and not 25 <= share <= 100:
            errors["share"] = env._("Write the share in percent, from 25 to 100: for example 33,5.")
        if not errors:
            try:
                with env.cr.savepoint():
                    if self._form_once(post):
                        env["aptic.beneficial.owner"]._declare(
                            provider, name, days["birth_date"], country, share, basis=basis
                        )
                return request.redirect(f"/my/aptic/provider/{provider.id}/papers/owners?saved=1")
            except (UserError, ValidationError) as error:
                errors["form"] = error.args[0]
        return self._render_owners(provider, post, errors=errors)

    @route(f"{URL}/owners/<int:owner_id>/withdraw", type="http", auth="user", website=True, methods=["POST"])
    def aptic_owner_withdraw(self, provider_id, owner_id, **_post):
        """Withdraw a declaration."""
        provider, denied = self._company(provider_id)
        owner = provider.owner_ids.filtered(lambda person: person.id == owner_id)
        if denied or not owner:
            return denied or self._aptic_denied()
        owner._withdraw()
        return request.redirect(f"/my/aptic/provider/{provider.id}/papers/owners?saved=1")

    # ---------------------------------------------------------------- helpers
    def _company(self, provider_id):
        """Return ``(provider, denied)`` of a manager's company."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if not member or provider.legal_form != "company":
            return provider, self._aptic_denied()
        return provider, None

    def _document(self, paper):
        if not paper:
            return self._aptic_denied()
        try:
            data, name, mimetype = paper.with_user(request.env.user)._hand_out(request.httprequest.remote_addr)
        except (AccessError, UserError):
            return self._aptic_denied()
        return request.make_response(
            data,
            [
                ("Content-Type", mimetype),
                ("Content-Disposition", content_disposition(name, "inline")),
                ("Content-Length", len(data)),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "no-store, private"),
                ("Referrer-Policy", "no-referrer"),
            ],
        )

    def _days(self, post, names):
        """Return ``(days, errors)`` of the date fields of a form."""
        days, errors = {}, {}
        for name in names:
            try:
                days[name] = fields.Date.to_date((post.get(name) or "").strip()[:10] or False)
            except ValueError:
                days[name] = None
                errors[name] = request.env._("Write the date as day, month, year.")
        return days, errors

    def _percent(self, text):
        try:
            return float((text or "").replace(",", ".").replace("%", "").strip()[:12])
        except ValueError:
            return 0.0

    def _render_papers(self, provider, values=None, errors=None, at=None, saved=None):
        types = request.env["aptic.paper.type"]
        needs = provider._paper_needs()[provider.id]
        rows = [
            {
                "need": need,
                "type": types.browse(need.kind),
                "owner": request.env["aptic.beneficial.owner"].sudo().browse(need.owner),
                "papers": request.env["aptic.paper"].sudo().browse(need.papers),
                "errors": errors if at == (need.kind, need.owner) else {},
                "values": values if at == (need.kind, need.owner) else {},
            }
            for need in needs
        ]
        return request.render(
            "aptic_base.portal_papers",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(),
                "page_name": "aptic_papers",
                "provider": provider,
                "rows": rows,
                "lacking": [row for row in rows if row["need"].required and not row["need"].is_fulfilled],
                "errors": errors or {},
                "saved": types.search([("id", "=", as_id(saved))]),
                "stray_error": (errors or {}).get("form") if at not in [(n.kind, n.owner) for n in needs] else None,
                "limits": request.env["aptic.upload"]._limits(),
                "most_files": MOST_FILES,
                "today": fields.Date.context_today(provider),
            },
        )

    def _render_owners(self, provider, values, errors=None, saved=False):
        return request.render(
            "aptic_base.portal_owners",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(),
                "page_name": "aptic_owners",
                "provider": provider,
                "owners": provider.owner_ids.filtered(lambda owner: not owner.ended_on and not owner.erased_on),
                "countries": request.env["res.country"].search([]),
                "country_id": as_id(values.get("country_id")),
                "values": values,
                "errors": errors or {},
                "saved": saved,
            },
        )
