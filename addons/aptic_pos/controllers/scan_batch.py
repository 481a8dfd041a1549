from odoo.addons.aptic_base.controllers.portal import ApticPortal
from odoo.addons.aptic_voucher.batch import MOST_ACTS
from odoo.http import request, route

from .scan import ANSWER, INVALID, _is_key, _read_act


class ApticScanBatch(ApticPortal):
    """What a desk could not send at once, in one request."""

    @route("/my/aptic/scan/batch", type="jsonrpc", auth="user")
    def aptic_scan_batch(self, acts=None, **_other):
        """Carry out acts in their order, each as ``/my/aptic/scan/redeem`` would have.

        :param acts: 1 to ``MOST_ACTS`` items, each with the parameters of that route, or ``client_key`` and ``sealed``
        :return: ``{"answers": […]}``, one for each in the same order with its ``client_key``; an item that is not
            understood is ``invalid`` by itself, and so is the whole when it is no such list
        """
        if not (isinstance(acts, list) and 0 < len(acts) <= MOST_ACTS):
            return {**INVALID, "answers": []}
        read = [self._scan_batch_read(item) for item in acts]
        found = iter(request.env["aptic.redemption"]._redeem_batch([act for act, refused in read if not refused]))
        answers = []
        for item, (_act, refused) in zip(acts, read, strict=True):
            answer = refused or {name: value for name, value in next(found).items() if name in ANSWER}
            key = item.get("client_key") if isinstance(item, dict) else None
            answers.append({"client_key": key if _is_key(key) else None, **answer})
        return {"answers": answers}

    def _scan_batch_read(self, item):
        """An item as ``_read_act`` gives it; a sealed one is opened first."""
        if not isinstance(item, dict):
            return None, INVALID
        if "sealed" in item:
            item = request.env["aptic.offline"]._open(item)
            if "status" in item:
                return None, item
        return _read_act(item)
