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
WEIGHTS = {"redeem": 38, "twice": 10, "batch": 12, "check": 15, "cancel": 18, "undo": 6, "reuse": 1}
BATCHES = (2, 10, 50)
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
            self._say(act=act, start=start, **self._failed(error), **line)
            return None
        said = {name: answer[name] for name in ("status", "redemption", "cents", "args") if name in answer}
        self._say(act=act, start=start, end=time.monotonic(), **line, **said)
        return answer

    @staticmethod
    def _failed(error):
        return {"failed_at": time.monotonic(), "why": str(error)[:300]}

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
        """Send an act until it has an answer that counts, or is busy for long."""

        def send():
            return _told(self._call("/my/aptic/scan/redeem", self._act(key, codes)))

        self.open[key] = codes
        answer = self._insist("redeem", send, _line(key, codes))
        if answer:
            self._settle(key, codes, answer)

    def _act(self, key, codes):
        now = datetime.now(timezone.utc).replace(tzinfo=None).isoformat(timespec="seconds")
        return {**self.plan["base"], "codes": codes, "client_key": key, "client_time": now}

    def _settle(self, key, codes, answer):
        self.open.pop(key, None)
        if answer["status"] == "done":
            self.done[key] = (answer["redemption"], codes)

    def batch(self, acts):
        """Send many acts in one request, and those again that have no answer that counts; one line for each."""
        left, busy, limit = dict(acts), 0, time.monotonic() + self.plan["patience"]
        self.open |= left
        while left and busy < BUSY_TRIES and time.monotonic() < limit:
            items = [self._act(key, codes) for key, codes in left.items()]
            start = time.monotonic()
            try:
                answers = self._call("/my/aptic/scan/batch", {"acts": items})["answers"]
            except (requests.RequestException, NoAnswer) as error:
                for key, codes in left.items():
                    self._say(act="redeem", batch=len(left), start=start, **self._failed(error), **_line(key, codes))
            else:
                end = time.monotonic()
                for (key, codes), answer in zip(list(left.items()), answers, strict=True):
                    told = _told(answer)
                    self._say(act="redeem", batch=len(items), start=start, end=end, **_line(key, codes), **told)
                    if told["status"] != "busy":
                        self._settle(key, left.pop(key), told)
                busy += bool(left)
            time.sleep(self.random.uniform(0.02, 0.3))

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

    def undo(self, number):
        """Take a redemption back by one key, as the mediator may with his last one."""

        def send():
            status = self._call("/my/aptic/scan/undo", {"redemption_id": number})["status"]
            return {"status": "cancelled" if status == "undone" else status}

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
            kind = self.random.choices(list(WEIGHTS), WEIGHTS.values())[0]
            if kind == "batch":
                self.batch(acts[max(at, 0) :][: self.random.choice(BATCHES)] or acts[-2:])
            else:
                self._one(kind, key, codes)
        for key, codes in list(self.open.items()):
            self.redeem(key, codes)

    def _one(self, kind, key, codes):
        if kind == "check":
            self.check(codes[:1])
        elif kind == "cancel" and self.done:
            self.cancel(self.random.choice(list(self.done.values())[-8:])[0])
        elif kind == "undo" and self.done:
            self.undo(list(self.done.values())[-1][0])
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


def _line(key, codes):
    return {"key": key, "serials": [int(code[:10]) for code in codes]}


def _told(answer):
    """What a line keeps of the answer to an act."""
    done = answer["status"] == "done"
    return {
        "status": answer["status"],
        "redemption": answer.get("redemption_id"),
        "cents": [answer[name] for name in ("price_cents", "face_cents", "copay_cents")] if done else [],
        "args": answer["message_args"],
    }


def main():
    """Read the plan, work, and say how it ended by the exit code."""
    plan = json.load(sys.stdin)
    with open(plan["out"], "w", encoding="utf-8") as out, contextlib.suppress(BrokenPipeError):
        InsistingDesk(plan, out).work()


if __name__ == "__main__":
    main()
