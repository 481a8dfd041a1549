import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { choices, copayment, faceTotal, roomFor } from "./act";
import { dayText, euros } from "./money";
import { RETRIABLE } from "./refusals";

const UNDO_MS = 10 * 60 * 1000; // the server decides; after that the offer is no longer made

/** What the desk's screen shows and may do now: all of it follows from its state, nothing here changes it. */
export class ScanFacts extends Component {
    get price() {
        return this.state.offer?.price_cents || 0;
    }

    get paidByVouchers() {
        return faceTotal(this.state.vouchers);
    }

    get copay() {
        return copayment(this.state.vouchers, this.price);
    }

    get room() {
        return this.state.offer ? roomFor(this.state.vouchers, this.price) : 0;
    }

    /** What can be chosen in this stage, numbered. */
    get options() {
        const { place, stage, offer, offerIds, audienceIds } = this.state;
        if (stage === "place") {
            return choices(this.props.desk.places, null);
        }
        if (stage === "service") {
            return choices(place.offers, offerIds);
        }
        if (stage === "audience") {
            return choices(this.props.desk.audiences, audienceIds, offer.audience_ids);
        }
        return [];
    }

    /** The first and the last number that can be typed now, or null. */
    get numbers() {
        const open = this.options.filter((option) => option.number);
        return open.length ? { first: open[0].number, last: open.at(-1).number } : null;
    }

    /** Whether the server is at work on an act: nothing else begins meanwhile. */
    get isAway() {
        return ["sending", "undoing"].includes(this.state.stage);
    }

    /** Whether the screen shows an outcome, and the next scan is the next person's. */
    get isOver() {
        return ["done", "kept", "tested", "undone"].includes(this.state.stage);
    }

    /** The last act, as long as it can be taken back from here. */
    get undoable() {
        const { stage, recent, vouchers, isTest, isChecking } = this.state;
        const isIdle = stage === "voucher" && !vouchers.length && !isChecking;
        const isBetween = ["done", "kept"].includes(stage) || isIdle;
        const [last] = recent;
        if (last?.isKept && this.offline.isGone(last.id)) {
            return null;
        }
        return isBetween && !isTest && last && !last.isClosed && performance.now() - last.at < UNDO_MS ? last : null;
    }

    get steps() {
        const stages = ["voucher", "service", "audience", "confirm"];
        const names = [_t("Vouchers"), _t("Service"), _t("Audience"), _t("Confirmation")];
        const now = stages.indexOf(this.state.stage === "sending" ? "confirm" : this.state.stage);
        return stages.map((stage, index) => ({
            stage,
            name: names[index],
            isNow: index === now,
            isPast: ["done", "kept", "tested"].includes(this.state.stage) || index < now,
        }));
    }

    get isRetriable() {
        return RETRIABLE.includes(this.state.problem?.status);
    }

    /** Whether Enter only takes note: a voucher did not join, so that more is to be collected than was thought. */
    get isNoteFirst() {
        return this.state.stage === "confirm" && Boolean(this.state.problem?.isOfVoucher);
    }

    /** Whether an act of this page was taken back, here or in the list of what waits. */
    isTakenBack(act) {
        return act.isCancelled || (act.isKept && this.offline.state.fates[act.id] === "undone");
    }

    /** The session of a pathway that a service would be now, or nothing. */
    sessionOf(offer) {
        return this.state.sessions.find((session) => session.offer_id === offer.id);
    }

    sessionText(offer) {
        const { pathway, number, count } = this.sessionOf(offer);
        return _t("%(pathway)s: session %(number)s of %(count)s", { pathway, number, count });
    }

    copayOf(offer) {
        return copayment(this.state.vouchers, offer.price_cents);
    }

    // ------------------------------------------------------------------ sentences
    /** What the voucher cards show, in a sentence. */
    get vouchersText() {
        const { vouchers, offer } = this.state;
        const last = vouchers.at(-1);
        const card = last.isUnchecked
            ? _t("Voucher checked by its digits only: not guaranteed.")
            : _t("Voucher of %(value)s from %(sponsor)s, accepted until %(day)s.", {
                  value: euros(last.face_cents),
                  sponsor: last.sponsor,
                  day: dayText(last.accepted_until),
              });
        const all = _t("%(count)s vouchers: %(total)s.", {
            count: vouchers.length,
            total: euros(this.paidByVouchers),
        });
        const rest = offer ? _t("To collect: %(amount)s.", { amount: euros(this.copay) }) : "";
        return [card, vouchers.length > 1 ? all : "", rest].filter(Boolean).join(" ");
    }

    /** Who pays what, in a sentence. */
    amountsText(faceCents, copayCents) {
        const paid = _t("%(amount)s paid by voucher.", { amount: euros(faceCents) });
        const collect = copayCents
            ? _t("To collect: %(amount)s.", { amount: euros(copayCents) })
            : _t("Nothing to collect.");
        return `${paid} ${collect}`;
    }

    // ------------------------------------------------------------------ the act
    /** What the desk has chosen, as the server wants it. */
    get choice() {
        const { place, offer, audience, vouchers } = this.state;
        return {
            place_id: place.id,
            offer_id: offer.id,
            audience_id: audience.id,
            codes: vouchers.map((voucher) => voucher.code),
            price_cents: offer.price_cents,
        };
    }
}
