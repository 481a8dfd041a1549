"""What acts that are judged already change for those judged after them in one transaction. No database here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from .acts import Row, Voucher

MOST_ACTS = 50  # of one request


@dataclass(slots=True)
class SoFar:
    """The acts that are done so far but not written yet, so that the next is judged as if they were.

    :ivar done: ``(columns of the redemption, its vouchers)`` in their order
    :ivar wrong: acts with a wrong code so far, those before this transaction included
    """

    wrong: int = 0
    done: list[tuple[Row, tuple[Voucher, ...]]] = field(default_factory=list)
    _keys: dict[tuple[int, str], Row] = field(default_factory=dict)
    _used: dict[int, Row] = field(default_factory=dict)
    _days: dict[int, tuple[date, ...]] = field(default_factory=dict)

    def known(self, facts: Row, client_key: str) -> dict[str, Any]:
        """The facts of an act, brought up to date.

        :param facts: as the database knew them before all of these acts
        """
        provider = facts["provider_id"]
        counts = {
            "earlier_done": sum(values["provider_id"] == provider for values, _vouchers in self.done),
            "earlier_wrong": self.wrong,
        }
        same = self._keys.get((provider, client_key))
        told = {name: same[name] for name in ("payload_hash", "face_cents", "copay_cents", "day")} if same else {}
        return {**facts, **counts, **told, **({"earlier_state": "done"} if same else {})}

    def voucher(self, row: Row, hours: int) -> Voucher:
        """The voucher of a database row, as these acts leave it.

        :param hours: as in :meth:`Voucher.of`
        """
        voucher = Voucher.of(row, hours)
        use = self._used.get(voucher.serial)
        if use:
            used = {"used_day": use["day"], "used_by": use["provider_id"], "used_place": use["place_id"]}
            voucher = replace(voucher, state="redeemed", **used)
        days = self._days.get(row["booklet_id"], ())
        return replace(voucher, spent_days=voucher.spent_days + days) if days else voucher

    def spend(self, values: Mapping[str, Any], vouchers: Iterable[Voucher], day: date) -> None:
        """Remember an act that is done.

        :param values: the columns of its redemption
        :param day: the day at which its validity was judged
        """
        vouchers = tuple(vouchers)
        self.done.append((values, vouchers))
        self._keys[values["provider_id"], values["client_key"]] = values
        for voucher in vouchers:
            self._used[voucher.serial] = values
            if voucher.booklet_id is not None:
                self._days[voucher.booklet_id] = (*self._days.get(voucher.booklet_id, ()), day)
