"""One act of payment judged: plain facts in, the first refusal out. No database here."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from .codes import BadCode, Code, parse
from .days import last_accepted_day, paris_day
from .rules import OF_THE_CHOICE, Facts, Rule, name_of, refusal_of, refusing

# Codes of one act: more than any service costs, and a bound for what a request may ask of the database.
MOST_CODES = 20
MAY_SCAN = ("manager", "mediator")
LONGEST_REASON = 200  # why an act was cancelled, or typed by the team; in characters
# States of acts whose vouchers came back.
GIVEN_BACK = ("cancelled", "reversed")
Row = Mapping[str, Any]

STATE_REFUSALS = {
    "printed": "inactive",
    "redeemed": "used",
    "blocked": "blocked",
    "replaced": "blocked",
    "expired": "expired",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an act is refused: a code, and what the person at the desk may be told."""

    code: str
    args: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher as the database knows it at this moment."""

    id: int
    serial: int
    state: str
    order_id: int
    face_cents: int
    accepted_until: date
    rules: tuple[Rule, ...] = ()
    used_day: date | None = None
    used_by: int | None = None
    used_place: int | None = None
    booklet_id: int | None = None
    spent_days: tuple[date, ...] = ()
    company_id: int | None = None

    @property
    def is_counted(self) -> bool:
        """Whether a rule counts the vouchers of its booklet."""
        return any(name_of(rule) == "max_per_day" for rule in self.rules)

    @classmethod
    def of(cls, row: Row, hours: int = 24) -> "Voucher":
        """The voucher of a database row whose days and moments are ISO texts.

        ``spent_days`` has a day for each voucher of its booklet that was spent, where a rule counts them.

        :param hours: how far the client's time may lie back, as in :func:`bounded`
        """
        spent = (map(datetime.fromisoformat, moments) for moments in row["spent"] or ())
        return cls(
            id=row["id"],
            serial=row["serial"],
            state=row["state"],
            order_id=row["order_id"],
            face_cents=row["face_value_cents"],
            accepted_until=last_accepted_day(date.fromisoformat(row["last_day"]), row["tolerance_months"] or 0),
            rules=tuple(row["frozen_rules"] or ()),
            used_day=row["used_day"] and date.fromisoformat(row["used_day"]),
            used_by=row["used_by"],
            used_place=row["used_place"],
            booklet_id=row["booklet_id"],
            spent_days=tuple(paris_day(bounded(at_desk, received, hours)) for at_desk, received in spent),
            company_id=row["company_id"],
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """Who asks, where and for what, as the database knows it at this moment."""

    provider_id: int
    user_id: int
    territory_id: int
    provider_state: str
    member_may_scan: bool
    place_is_open: bool
    facts: Facts
    offer_is_given: bool = True
    offer_price_cents: int = 0
    audience_is_served: bool = True

    @classmethod
    def of(cls, row: Row, place: int, asked: int | None, day: date, user: int | None) -> "Desk":
        """The desk of a database row.

        :param place: where the act is
        :param asked: the audience that the desk chose; it need not exist
        :param day: the day at which the place must be open
        :param user: whose membership it must be; None when the caller vouches for that
        """
        territories = {int(part) for part in (row["parent_path"] or "").split("/") if part}
        return cls(
            provider_id=row["provider_id"],
            user_id=row["user_id"],
            territory_id=row["territory_id"],
            provider_state=row["provider_state"],
            member_may_scan=bool(row["member_active"])
            and user in (None, row["user_id"])
            and row["role"] in MAY_SCAN
            and row["place_provider"] == row["provider_id"]
            and row["offer_provider"] in (row["provider_id"], None),
            place_is_open=bool(row["place_active"])
            and (not row["open_from"] or row["open_from"] <= day)
            and (not row["open_until"] or day <= row["open_until"])
            and is_hosted(row["presence"], row["stays"], day),
            facts=Facts(
                territories=frozenset((territories | {row["territory_id"], row["epci_id"]}) - {None}),
                place_type=row["type_id"],
                level=row["level_id"] or 0,
                category=row["category_id"] or 0,
                service=row["service_id"] or 0,
                audience=row["audience_id"],
                provider=row["provider_id"],
            ),
            offer_is_given=bool(row["offer_active"]) and (not row["place_ids"] or place in row["place_ids"]),
            offer_price_cents=row["offer_price_cents"] or 0,
            audience_is_served=row["audience_id"] == asked
            and (not row["audience_ids"] or asked in row["audience_ids"]),
        )


def parse_all(texts: Sequence[str]) -> list[Code] | Refusal:
    """The codes of one act in the order of their serials, each once, or why not."""
    if len(texts) > MOST_CODES:
        return Refusal("too_many", {"count": len(texts)})
    found = set()
    for index, text in enumerate(texts):
        try:
            found.add(parse(text))
        except BadCode:
            return Refusal("unknown", {"reason": "digits", "index": index})
    if not found or len({code.serial for code in found}) < len(found):
        return Refusal("unknown")
    return sorted(found, key=lambda code: code.serial)


def payload_hash(serials: Iterable[int], place: int, offer: int, audience: int | None, price_cents: int) -> str:
    """What an idempotency key stands for. Serials, never tags: a hash in the database must not help to guess a code."""
    payload = [sorted(serials), place, offer, audience or 0, price_cents]
    return hashlib.sha256(json.dumps(payload).encode()).hexdigest()


def bounded(client_time: datetime, now: datetime, hours: int) -> datetime:
    """The time at which validity is judged: the client's, never in the future nor older than ``hours``."""
    return min(now, max(client_time, now - timedelta(hours=hours)))


def is_too_many(faces: Sequence[int], price_cents: int) -> bool:
    """Whether one voucher could be left out and the price still be paid (more than ``ceil(price / face value)``)."""
    return sum(faces) - min(faces) >= price_cents


def copayment(faces: Iterable[int], price_cents: int) -> int:
    """What the beneficiary adds, in cents: vouchers give no change, so never negative."""
    return max(0, price_cents - sum(faces))


def is_hosted(presence: str, stays: Iterable[Sequence[str | None]] | None, day: date) -> bool:
    """Whether the provider may be at a place on a day: always at its own, at a host's while a stay runs.

    :param stays: first and last day of each stay in order, as ISO dates; no last day is no term
    """
    today = day.isoformat()
    return presence == "place" or any(first <= today and (not last or today <= last) for first, last in stays or ())


def desk_refusal(desk: Desk) -> Refusal | None:
    """Why nothing can be scanned here now, whatever the voucher."""
    if not desk.member_may_scan:
        return Refusal("provider", {"reason": "member"})
    if desk.provider_state != "active":
        return Refusal("provider", {"reason": "state", "state": desk.provider_state, "provider_id": desk.provider_id})
    if not desk.place_is_open:
        return Refusal("place_closed")
    return None


def voucher_refusal(voucher: Voucher, facts: Facts, ignore: Iterable[str] = ()) -> Refusal | None:
    """Why this voucher cannot pay here.

    :param facts: of this voucher in this act, as :func:`facts_of` gives them
    :param ignore: kinds of rules that cannot be judged yet
    """
    code = STATE_REFUSALS.get(voucher.state)
    if code is None and facts.day > voucher.accepted_until:
        code = "expired"
    if code:
        args: dict[str, Any] = {"serial": voucher.serial}
        if code == "expired":
            args["day"] = voucher.accepted_until.isoformat()
        if code == "used" and voucher.used_day:
            args["day"] = voucher.used_day.isoformat()
            args["own"] = voucher.used_by == facts.provider
            if args["own"] and voucher.used_place:
                args["place_id"] = voucher.used_place
        return Refusal(code, args)
    rule = refusing(voucher.rules, facts, ignore)
    if rule:
        return Refusal(refusal_of(rule), {"reason": "rule", "serial": voucher.serial, "rule": rule})
    return None


def operators_refusal(vouchers: Iterable[Voucher]) -> Refusal | None:
    """Why vouchers cannot pay together: each operator keeps its own money, an act is in the statement of one."""
    return Refusal("operators") if len({voucher.company_id for voucher in vouchers}) > 1 else None


def facts_of(desk: Desk, vouchers: Sequence[Voucher], voucher: Voucher, day: date) -> Facts:
    """What is known of one voucher of an act.

    :param vouchers: all vouchers of the act, this one included
    :param day: the day at which validity is judged
    """
    together = sum(other.booklet_id == voucher.booklet_id for other in vouchers)
    return replace(
        desk.facts,
        day=day,
        price_cents=desk.offer_price_cents,
        covered_cents=sum(other.face_cents for other in vouchers),
        booklet_count=voucher.spent_days.count(day) + together,
    )


def look_refusal(desk: Desk, vouchers: Sequence[Voucher], day: date) -> Refusal | None:
    """The first reason why vouchers that are only looked at cannot pay here, whatever is chosen later."""
    found = (voucher_refusal(voucher, facts_of(desk, vouchers, voucher, day), OF_THE_CHOICE) for voucher in vouchers)
    return next(filter(None, found), None) or operators_refusal(vouchers)


def refusal(desk: Desk, vouchers: Sequence[Voucher], price_cents: int, day: date) -> Refusal | None:
    """The first reason to refuse the whole act, or None.

    :param vouchers: all vouchers of the act, at least one
    :param price_cents: the price that the desk has shown
    :param day: the day at which validity is judged
    """
    found = desk_refusal(desk)
    if found:
        return found
    if not desk.offer_is_given:
        return Refusal("service", {"reason": "offer"})
    if not desk.audience_is_served:
        return Refusal("audience", {"reason": "offer"})
    for voucher in vouchers:
        found = voucher_refusal(voucher, facts_of(desk, vouchers, voucher, day))
        if found:
            return found
    found = operators_refusal(vouchers)
    if found:
        return found
    if price_cents != desk.offer_price_cents:
        return Refusal("price", {"price_cents": desk.offer_price_cents})
    if is_too_many([voucher.face_cents for voucher in vouchers], price_cents):
        return Refusal("too_many", {"count": len(vouchers), "price_cents": price_cents})
    return None
