from odoo.http import content_disposition, request, route

from .. import posters
from .dossier import DOSSIER, ApticDossier

PREVIEW = 480  # pixels
ROLES = ("manager", "mediator", "accountant")


class ApticDownloads(ApticDossier):
    """What a member shows to the public, drawn with its own name."""

    def _download_labels(self):
        env = request.env
        return {
            "poster": (env._("Poster"), env._("A3, PDF: to print and hang up")),
            "flyer": (env._("Flyer"), env._("A5, two sides, PDF: to print and hand out")),
            "facebook-cover": (env._("Facebook cover"), env._("PNG, 1640 × 624 pixels")),
            "facebook-post": (env._("Facebook post"), env._("PNG, 1200 × 630 pixels")),
            "twitter-cover": (env._("Twitter / X header"), env._("PNG, 1500 × 500 pixels")),
            "twitter-post": (env._("Twitter / X post"), env._("PNG, 1600 × 900 pixels")),
            "mail": (env._("Mail footer"), env._("PNG, 1200 × 240 pixels")),
            "mail-html": (env._("Mail footer, its HTML"), env._("HTML, to paste into the signature of a mail program")),
            "logo": (env._("Logo"), env._("PNG, 1200 pixels wide, transparent")),
            "logo-svg": (env._("Logo, for any size"), env._("SVG, without the slogan")),
            "logo-white": (env._("White logo, for dark grounds"), env._("SVG, without the slogan")),
            "sign": (env._("Sign, square"), env._("SVG")),
            "stickers": (env._("Stickers"), env._("A4, PDF, three sheets: to print on sticky paper")),
        }

    @route(f"{DOSSIER}/downloads", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_downloads(self, provider_id, **_query):
        """Show what can be downloaded."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ROLES)
        if not member or provider.state not in ("active", "suspended"):
            return self._aptic_denied()
        labels = self._download_labels()
        return self._dossier_page(
            provider,
            member,
            "portal_downloads",
            "aptic_downloads",
            downloads=[
                {"key": one.key, "label": labels[one.key][0], "help": labels[one.key][1], "preview": bool(one.preview)}
                for one in posters.DOWNLOADS
            ]
            if provider._may_download()
            else [],
        )

    @route(f"{DOSSIER}/downloads/<string:key>", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_download(self, provider_id, key, preview=None, **_query):
        """Draw one and send it; nothing is kept."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ROLES)
        is_scanner = key == "scanner" and provider.state == "suspended"
        file = None
        if member and (provider._may_download() or is_scanner):
            file = provider._download(key, PREVIEW if preview else 0)
        if not file:
            return self._aptic_denied()
        name, kind, content = file
        disposition = "inline" if preview else content_disposition(name)
        return request.make_response(
            content,
            [
                ("Content-Type", kind),
                ("Content-Disposition", disposition),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "private, max-age=300"),
            ],
        )
