from odoo.addons.aptic_base.controllers.portal import ApticPortal
from odoo.http import request, route
from odoo.tools import file_open

DESK = "/my/aptic/scan"
ICON = "/aptic_pos/static/img/desk-%s.png"


class ApticOffline(ApticPortal):
    """What makes the desk's page an app that opens without network."""

    @route(f"{DESK}/worker.js", type="http", auth="public", methods=["GET"], readonly=True)
    def aptic_desk_worker(self):
        """The service worker of the desk: the same for everybody, and for the desk's address alone."""
        with file_open("aptic_pos/static/worker/desk_worker.js", "rb") as stream:
            body = stream.read()
        headers = {"Content-Type": "text/javascript", "Service-Worker-Allowed": DESK, "Cache-Control": "no-cache"}
        return request.make_response(body, headers)

    @route(f"{DESK}/manifest.webmanifest", type="http", auth="public", methods=["GET"], readonly=True)
    def aptic_desk_manifest(self):
        """What a browser wants to know to install the desk as an app."""
        manifest = {
            "id": DESK,
            "name": request.env._("#APTIC: scan vouchers"),
            "short_name": "#APTIC",
            "lang": request.env.lang.replace("_", "-"),
            "scope": DESK,
            "start_url": DESK,
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#005c77",
            "prefer_related_applications": False,
            "icons": [
                {"src": ICON % size, "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}
                for size in (192, 512)
            ],
        }
        return request.make_json_response(manifest, {"Content-Type": "application/manifest+json"})
