"""A desk that insists: run as ``python -m tests.support.insisting``, one process each, with its plan as JSON on stdin.

It redeems, looks, cancels and sends again, at random but by its seed, until each act has an answer that counts; servers
may be killed meanwhile. Each request becomes a line of JSON with its answer and both times (a clock that all processes
of the machine share). The lines are the history that :mod:`tests.support.history` judges.
"""

import contextlib
import json
import random
import sys
import threading
import time
from datetime import datetime, timezone
from urllib.parse import parse_qs, urlsplit

import requests

TIMEOUT = 20
BUSY_TRIES = 6
KINDS, WEIGHTS = ("redeem", "twice", "check", "cancel", "reuse"), (50, 10, 15, 24, 1)
NEAR = 6  # acts of the common list around the desk's own progress: so all meet at the same vouchers


class NoAnswer(Exception):
    """Nothing that tells whether the act took place; ``why`` is kept in the line."""


class InsistingDesk:
    """One desk's process.

    :param plan: ``url``, ``cookies`` by login, ``csrf`` of the one who cancels, ``acts`` (all desks have the same),
        ``base`` (place, service, audience, price), ``count`` of its own acts, ``seed``, ``patience`` in seconds
    :param out: where the lines go
    """

    def __init__(self, plan, out):
        self.plan, self.out = plan, out
        self.random = random.Random(plan["seed"])
        self.writing = threading.Lock()
        self.done = {}  # redemptions that this desk was told of, by key
        self.open = {}  # acts sent without an answer, by key

    # ----------------------------------------------------------------- requests
    def _session(self, login):
        session = requests.Session()
        session.cookies.update(self.plan["cookies"][login])
        return session

    def _say(self, **line):
        with self.writing:
            self.out.write(json.dumps(line) + "\n")
            self.out.flush()

    def _ask(self, act, send, line):
        """Send once and write the line; return the answer, or None without one."""
        start = time.monotonic()
        try:
            answer = send()
        except (requests.RequestException, NoAnswer) as error:
            self._say(act=act, start=start, failed_at=time.monotonic(), why=str(error)[:300], **line)
            return None
        said = {name: answer[name] for name in ("status", "redemption", "cents", "args") if name in answer}
        self._say(act=act, start=start, end=time.monotonic(), **line, **said)
        return answer

    def _call(self, path, parameters):
        body = {"jsonrpc": "2.0", "id": 1, "method": "call", "params": parameters}
        answer = self._session("mediator").post(self.plan["url"] + path, json=body, timeout=TIMEOUT)
        if answer.status_code != 200:
            raise NoAnswer(f"HTTP {answer.status_code}")
        try:
            content = answer.json()
        except ValueError:
            raise NoAnswer("not JSON") from None
        if "error" in content:
            raise NoAnswer((content["error"].get("data") or {}).get("name") or content["error"].get("message"))
        return content["result"]

    # --------------------------------------------------------------------- acts
    def redeem(self, key, codes):
        """Send an act until it has an answer that counts; return it, or None when it is busy for long."""
        line = {"key": key, "serials": [int(code[:10]) for code in codes]}
        parameters = {**self.plan["base"], "codes": codes, "client_key": key}

        def send():
            parameters["client_time"] = datetime.now(timezone.utc).replace(tzinfo=None).isoformat(timespec="seconds")
            answer = self._call("/my/aptic/scan/redeem", parameters)
            done = answer["status"] == "done"
            cents = [answer[name] for name in ("price_cents", "face_cents", "copay_cents")] if done else []
            return {
                "status": answer["status"], "redemption": answer["redemption_id"], "cents": cents,
                "args": answer["message_args"],
            }  # fmt: skip

        self.open[key] = codes
        answer = self._insist("redeem", send, line)
        if answer:
            self.open.pop(key, None)
            if answer["status"] == "done":
                self.done[key] = (answer["redemption"], codes)
        return answer

    def check(self, codes):
        """Look at vouchers once."""

        def send():
            answer = self._call("/my/aptic/scan/check", {"place_id": self.plan["base"]["place_id"], "codes": codes})
            return {"status": answer["status"], "args": answer["message_args"]}

        self._ask("check", send, {"serials": [int(code[:10]) for code in codes]})

    def cancel(self, number):
        """Cancel a redemption as the manager does, until there is an answer."""

        def send():
            form = {"csrf_token": self.plan["csrf"], "reason": "Erreur de saisie", "period": "all"}
            answer = self._session("manager").post(
                f"{self.plan['url']}/my/aptic/redemptions/{number}/cancel",
                data=form, allow_redirects=False, timeout=TIMEOUT,
            )  # fmt: skip
            if answer.status_code != 303:  # without its database, Odoo knows no such address
                raise NoAnswer(f"HTTP {answer.status_code}")
            return {"status": parse_qs(urlsplit(answer.headers["Location"]).query).get("notice", [""])[0]}

        self._insist("cancel", send, {"redemption": number})

    def _insist(self, act, send, line):
        """Ask until there is an answer; be told that it is busy a few times only."""
        busy, limit = 0, time.monotonic() + self.plan["patience"]
        while time.monotonic() < limit:
            answer = self._ask(act, send, line)
            if answer and answer["status"] != "busy":
                return answer
            busy += bool(answer)
            if busy == BUSY_TRIES:
                return None
            time.sleep(self.random.uniform(0.02, 0.3 if answer else 0.8))
        return None

    # ---------------------------------------------------------------------- day
    def work(self):
        """Do one act after another, and ask again for what has no answer at the end."""
        acts, count = self.plan["acts"], self.plan["count"]
        for number in range(count):
            at = number * (len(acts) - 1) // max(1, count - 1) + self.random.randint(-NEAR, NEAR)
            key, codes = acts[min(max(at, 0), len(acts) - 1)]
            self._one(self.random.choices(KINDS, WEIGHTS)[0], key, codes)
        for key, codes in list(self.open.items()):
            self.redeem(key, codes)

    def _one(self, kind, key, codes):
        if kind == "check":
            self.check(codes[:1])
        elif kind == "cancel" and self.done:
            self.cancel(self.random.choice(list(self.done.values())[-8:])[0])
        elif kind == "reuse" and self.done:
            old = self.random.choice(list(self.done))
            if self.done[old][1] != codes:
                self._reuse(old, codes)
        elif kind == "twice":  # an impatient hand: the same act by two connections at a time
            other = threading.Thread(target=self.redeem, args=(key, codes))
            other.start()
            self.redeem(key, codes)
            other.join()
        else:
            self.redeem(key, codes)

    def _reuse(self, key, codes):
        """Send other vouchers under a key that is spent."""
        before = self.done[key]
        self.redeem(key, codes)
        self.done[key] = before


def main():
    """Read the plan, work, and say how it ended by the exit code."""
    plan = json.load(sys.stdin)
    with open(plan["out"], "w", encoding="utf-8") as out, contextlib.suppress(BrokenPipeError):
        InsistingDesk(plan, out).work()


if __name__ == "__main__":
    main()
