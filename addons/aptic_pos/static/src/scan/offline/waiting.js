import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { euros } from "../money";
import { refusal } from "../refusals";
import { USUAL_FACE_CENTS } from "./offline";

const OWN_WORDS = ["session", "stranger", "server"];

/** What waits on this machine, and whether anything can. */
export class Waiting extends Component {
    static template = "aptic_pos.Waiting";
    static props = { offline: Object, isAlone: { type: Boolean, optional: true } };

    setup() {
        this.euros = euros;
        this.offline = useState(this.props.offline.state);
        this.state = useState({ isOpen: false });
    }

    get cutText() {
        return _t(
            "Vouchers are checked by their digits only and counted at %(face)s each. Your scans are kept on this machine and sent when the network is back. If a voucher is refused then, your organisation bears the loss (charter of #APTIC).",
            { face: euros(USUAL_FACE_CENTS) }
        );
    }

    get waiting() {
        return this.offline.acts.filter((act) => act.state === "waiting");
    }

    /** What the person must read: refused, or paid otherwise than was said. */
    get toRead() {
        return this.offline.acts.filter((act) => act.state !== "waiting");
    }

    /** Why what waits is not sent, where that has no sentence of its own here. */
    get trouble() {
        const { trouble } = this.offline;
        return trouble && !OWN_WORDS.includes(trouble) ? refusal(trouble) : null;
    }

    timeText(act) {
        const language = document.documentElement.lang || "fr-FR";
        return new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "short" }).format(new Date(act.at));
    }

    serialsText(act) {
        return act.serials.map((serial) => String(serial).padStart(10, "0")).join(", ");
    }

    /** What became of an act, and what to do about it. */
    words(act) {
        const { status, message_args: args, face_cents, copay_cents } = act.answer;
        if (act.state === "refused") {
            return refusal(status, args);
        }
        const amounts = { face: euros(face_cents), copay: euros(copay_cents), told: euros(act.copay) };
        return {
            title: _t("Paid, but %(face)s by voucher and %(copay)s by the beneficiary.", amounts),
            advice: _t("The screen had said %(told)s for the beneficiary: settle the difference with them.", amounts),
        };
    }
}
