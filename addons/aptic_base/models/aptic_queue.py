from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.safe_eval import safe_eval

STAFF = "aptic_base.group_aptic_user"

# What is not for translation; see `_queues`.
QUEUES = {
    "paper": {
        "model": "aptic.paper",
        "domain": [("state", "=", "received")],
        "date": "create_date",
        "days": 10,
        "action": "aptic_base.aptic_paper_action",
        "filter": "received",
        "groups": ("aptic_base.group_aptic_reviewer", "aptic_base.group_aptic_manager"),
    },
    "bank_change": {
        "model": "aptic.bank.change",
        "domain": [("state", "=", "requested")],
        "date": "create_date",
        "days": 5,
        "action": "aptic_base.aptic_bank_change_action",
        "filter": "requested",
        "groups": ("aptic_base.group_aptic_accountant", "aptic_base.group_aptic_manager"),
    },
    "appeal": {
        "model": "aptic.measure",
        "domain": [("appealed_at", "!=", False), ("answered_at", "=", False), ("ended_at", "=", False)],
        "date": "appealed_at",
        "days": 15,
        "action": "aptic_base.aptic_measure_action",
        "filter": "appeals",
        "groups": ("aptic_base.group_aptic_manager",),
    },
    "answer": {
        "model": "mail.activity",
        "date": "create_date",
        "days": 2,
        "action": "aptic_base.aptic_answer_action",
        "filter": "answer",
        "groups": (),
        "sudo": True,  # every staff reads the threads; the right on each activity would cost a query a row
    },
    "joining": {
        "model": "aptic.provider",
        "domain": [("state", "in", ("eligible", "chartered")), ("write_date", "<", "-30d")],
        "date": "write_date",
        "days": 60,
        "action": "aptic_base.aptic_provider_action",
        "filter": "standstill",
        "groups": (),
    },
}


class ApticQueue(models.AbstractModel):
    """What waits for Médias-Cité: the queues of the overview, which every addon adds its own to."""

    _name = "aptic.queue"
    _description = "Queues of the overview"

    @api.model
    def _queues(self):
        """The queues, in their order; other addons extend the list by ``super()``.

        :return: list of dicts: ``key``; ``name``; ``todo`` (what to do with its rows); ``model`` and ``domain``;
            ``date`` (the field that tells since when a row waits; None where nothing does); ``days`` (after which it
            is late, 0: never); ``action`` (external id of a window action on the model) and ``filter`` (name of a
            filter of its search view, which says the domain); ``groups`` (external ids of who works on it; empty: all
            staff); ``sudo`` (True: counted without record rules, where all staff may read all of it)
        """
        texts = {
            "paper": [
                self.env._("Supporting documents to check"),
                self.env._("Open each document, then accept it or refuse it with a reason."),
            ],
            "bank_change": [
                self.env._("Bank details to approve"),
                self.env._("Call the provider back on a known number, then approve or refuse. Payouts wait."),
            ],
            "appeal": [
                self.env._("Appeals to answer"),
                self.env._("Another person than the one who decided answers: the measure stays or is lifted."),
            ],
            "answer": [
                self.env._("Providers waiting for an answer"),
                self.env._("Read what they wrote on their dossier or service, and answer there."),
            ],
            "joining": [
                self.env._("Members-to-be at a standstill"),
                self.env._("Eligible for a month and not active yet: write to their managers."),
            ],
        }
        helping = [("activity_type_id", "=", self.env["ir.model.data"]._xmlid_to_res_id("aptic_base.activity_help"))]
        return self._with_texts({**QUEUES, "answer": {**QUEUES["answer"], "domain": helping}}, texts)

    @api.model
    def _with_texts(self, queues, texts):
        """Put the names of queues, and what to do with them, beside the rest.

        :param queues: dicts without ``key``, ``name`` and ``todo``, by key
        :param texts: ``[name, todo]`` by key
        """
        return [{"key": key, "name": texts[key][0], "todo": texts[key][1], **facts} for key, facts in queues.items()]

    @api.model
    def _my_queues(self):
        """The queues of which the current user may read and treat the rows."""
        user = self.env.user
        return [
            queue
            for queue in self._queues()
            if queue["model"] in self.env
            and (not queue["groups"] or any(user.has_group(group) for group in queue["groups"]))
            and self.env[queue["model"]].has_access("read")
        ]

    @api.model
    def overview(self):
        """What the overview shows; one query a queue.

        :return: list of dicts ``key``, ``name``, ``todo``, ``count``, ``oldest_days`` (None when empty), ``late``
        :raise AccessError: for anyone but staff of #APTIC
        """
        self._check_staff()
        now, found = fields.Datetime.now(), []
        for queue in self._my_queues():
            since = [f"{queue['date']}:min"] if queue["date"] else []
            model = self.env[queue["model"]].sudo(self.env.su or queue.get("sudo", False))
            ((count, *oldest),) = model._read_group(queue["domain"], [], ["__count", *since])
            oldest = fields.Datetime.to_datetime(oldest[0]) if oldest and oldest[0] else None
            days = (now - oldest).days if oldest else None
            found.append(
                {
                    "key": queue["key"],
                    "name": queue["name"],
                    "todo": queue["todo"],
                    "count": count,
                    "oldest_days": days,
                    "late": bool(queue["days"] and days is not None and days > queue["days"]),
                }
            )
        return found

    @api.model
    def open_queue(self, key):
        """The action that shows the rows of a queue.

        :raise AccessError: when the user does not work on this queue
        """
        self._check_staff()
        queue = next((queue for queue in self._my_queues() if queue["key"] == key), None)
        if not queue:
            raise AccessError(self.env._("This queue is not yours."))
        action = self.env["ir.actions.act_window"]._for_xml_id(queue["action"])
        context = {
            name: value
            for name, value in safe_eval(action["context"] or "{}", {"uid": self.env.uid}).items()
            if not name.startswith("search_default_")
        }
        return {**action, "context": {**context, f"search_default_{queue['filter']}": 1}}

    def _check_staff(self):
        if not (self.env.su or self.env.user.has_group(STAFF)):
            raise AccessError(self.env._("The overview is for the staff of #APTIC."))
