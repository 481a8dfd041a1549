import { onMounted, useEffect, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { isBarcodeScannerSupported } from "@web/core/barcode/barcode_video_scanner";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Camera } from "./camera";
import { clientTime, isTooMany, newKey } from "./act";
import { isWellFormed, normalise, serialOf } from "./codes";
import { useKeys } from "./keys";
import { dayText, euros } from "./money";
import { useOffline } from "./offline/offline";
import { statusOf } from "./offline/sending";
import { Waiting } from "./offline/waiting";
import { readPhoto } from "./pictures";
import { refusal, RETRIABLE } from "./refusals";
import { ScanFacts } from "./scan_facts";
import { isSoundOn, play, setSound } from "./sounds";

const PLACE = "aptic_pos.place";
const RECENT = 5;
const BUSY_TRIES = 3;
const BUSY_PAUSE_MS = 300;

/**
 * The desk: voucher(s) → service → audience → done, with a scanner, a keyboard, a finger or a camera.
 *
 * In test mode the same way ends in what would be paid, and nothing changes.
 */
export class Scan extends ScanFacts {
    static template = "aptic_pos.Scan";
    static components = { Waiting };
    static props = { desk: Object };

    setup() {
        this.heading = useRef("heading");
        this.typed = useRef("typed");
        this.hasCamera = isBarcodeScannerSupported();
        this.euros = euros;
        this.dayText = dayText;
        this.state = useState({
            ...this.blank(),
            place: null,
            stage: "place",
            turn: 0, // counts the people served: an answer that comes late is not the next person's
            isTest: false,
            recent: [], // acts of this page, the last one first
            said: "", // for screen readers, beside what the focus says
            isSoundOn: isSoundOn(),
        });
        this.offline = useOffline(this.props.desk.offline);
        this.work = Promise.resolve();
        this.again = null; // what Enter does once more after a refusal that another try can mend
        this.dialogs = useService("dialog");
        this.keys = useKeys({
            scan: (code) => this.scanInstead(code),
            width: () => this.options.find((option) => option.number)?.number.length || 1,
            choose: (number) => this.chooseNumber(number),
            confirm: () => this.confirm(),
            startOver: () => this.startOver(),
            back: () => this.back(),
            undo: () => this.undo(),
            toggleTest: () => this.toggleTest(),
        });
        onMounted(() => this.rememberedPlace());
        // A screen reader says the new question, and Enter belongs to the page again rather than to a button that is gone.
        useEffect(
            () => this.heading.el?.focus({ preventScroll: true }),
            () => [this.state.stage]
        );
    }

    blank() {
        return {
            stage: "voucher",
            vouchers: [],
            offerIds: null,
            audienceIds: null,
            sessions: [], // of pathways, as the vouchers' booklets have come to them
            offer: null,
            audience: null,
            act: null, // {key, time} once sent: the same for every try
            problem: null,
            answer: null,
            isChecking: false,
            undoing: null, // the act that is being taken back
            said: "",
        };
    }

    // ------------------------------------------------------------------ place
    rememberedPlace() {
        const places = this.props.desk.places;
        const stored = Number(browser.localStorage.getItem(PLACE));
        const place = places.length === 1 ? places[0] : places.find((candidate) => candidate.id === stored);
        if (place) {
            this.choosePlace(place);
        }
    }

    choosePlace(place) {
        browser.localStorage.setItem(PLACE, place.id);
        Object.assign(this.state, this.blank(), { place, turn: this.state.turn + 1 });
    }

    changePlace() {
        if (this.isAway) {
            return;
        }
        Object.assign(this.state, this.blank(), { place: null, stage: "place", turn: this.state.turn + 1 });
    }

    // --------------------------------------------------------------- vouchers
    /** Do something after what is under way. What goes wrong in it is told, and stands in nobody's way. */
    inTurn(act) {
        this.work = this.work.then(act).catch((error) => this.fail(error));
        return this.work;
    }

    /** What nobody foresaw: the desk is usable again, and the browser hears of it as of every error. */
    fail(error) {
        const stage = { sending: "confirm", undoing: "voucher" }[this.state.stage] || this.state.stage;
        Object.assign(this.state, { stage, isChecking: false });
        this.refuse("page");
        Promise.reject(error);
    }

    /** Take a scanned or typed code; several in a row are looked at one after the other. */
    scan(text) {
        const digits = normalise(text);
        return this.inTurn(() => this.addVoucher(digits));
    }

    /** A scan in front of a dialog takes its place. */
    scanInstead(text) {
        this.dialogs.closeAll();
        return this.scan(text);
    }

    async addVoucher(digits) {
        if (this.state.stage === "place" || this.isAway) {
            this.say(_t("This scan was not taken: scan the voucher again when the screen asks for one."));
            return play("bad");
        }
        if (this.isOver) {
            this.startOver();
        }
        if (!isWellFormed(digits)) {
            return this.refuseVoucher("unknown", { reason: "digits" });
        }
        const codes = this.state.vouchers.map((voucher) => voucher.code);
        if (codes.includes(digits)) {
            return this.refuseVoucher("twice");
        }
        await this.check([...codes, digits], () => this.scan(digits));
    }

    /**
     * Ask what vouchers would do here, and go by the answer.
     *
     * @param {string[]} codes of all vouchers
     * @param {() => Promise} again what Enter does when nobody could say
     */
    async check(codes, again) {
        const { place, turn } = this.state;
        this.state.isChecking = true;
        const found = await this.ask("/my/aptic/scan/check", { place_id: place.id, codes });
        const answer = await this.offline.looked(found, codes, this.state);
        if (this.state.turn !== turn) {
            return;
        }
        this.state.isChecking = false;
        if (answer.status !== "ok") {
            return this.refuseVoucher(answer.status, answer.message_args, again);
        }
        const price = this.price || Math.max(...place.offers.map((offer) => offer.price_cents));
        if (isTooMany(answer.vouchers, price)) {
            return this.refuseVoucher("too_many");
        }
        const bySerial = new Map(answer.vouchers.map((voucher) => [voucher.serial, voucher]));
        Object.assign(this.state, {
            vouchers: codes.map((code) => ({ code, ...bySerial.get(serialOf(code)) })),
            offerIds: answer.offer_ids,
            audienceIds: answer.audience_ids,
            sessions: answer.sessions || [],
            act: null,
            problem: null,
        });
        this.say(this.vouchersText);
        if (this.reviewChoices()) {
            play("tick");
        }
    }

    /** After the vouchers changed: keep what was chosen as long as they accept it; tell whether a service is left. */
    reviewChoices() {
        const { offer, offerIds, audience, audienceIds, stage } = this.state;
        if (stage === "voucher" || (offer && offerIds && !offerIds.includes(offer.id))) {
            Object.assign(this.state, { offer: null, audience: null, stage: "service" });
            if (!this.options.some((option) => option.number)) {
                this.refuse("no_service", { serial: this.state.vouchers[0].serial });
                return false;
            }
        } else if (audience && audienceIds && !audienceIds.includes(audience.id)) {
            Object.assign(this.state, { audience: null, stage: "audience" });
        }
        return true;
    }

    removeVoucher(code) {
        return this.inTurn(() => this.takeOut(code));
    }

    async takeOut(code) {
        const codes = this.state.vouchers.map((voucher) => voucher.code);
        if (this.isAway || this.isOver || !codes.includes(code)) {
            return;
        }
        const others = codes.filter((other) => other !== code);
        if (!others.length) {
            return this.startOver();
        }
        this.state.act = null;
        await this.check(others, () => this.removeVoucher(code));
    }

    onTyped(ev) {
        if (isWellFormed(normalise(ev.target.value))) {
            this.keys.forget();
            this.submitTyped();
        }
    }

    submitTyped() {
        const text = this.typed.el.value;
        this.typed.el.value = "";
        if (text.trim()) {
            this.typed.el.blur();
            this.scan(text);
        }
    }

    openCamera() {
        this.dialogs.add(Camera, { onCode: (code) => this.scan(code) });
    }

    /** A photo instead of a scan: read here, sent nowhere. */
    async onPhoto(ev) {
        const [file] = ev.target.files;
        ev.target.value = "";
        if (!file) {
            return;
        }
        const { turn } = this.state;
        this.state.isChecking = true;
        const code = await readPhoto(file).catch(() => null);
        if (this.state.turn === turn) {
            this.state.isChecking = false;
            return code ? this.scan(code) : this.refuse("photo");
        }
    }

    // ---------------------------------------------------------------- choices
    chooseNumber(number) {
        const option = this.options.find((candidate) => candidate.number === number);
        if (option) {
            this.choose(option);
        }
    }

    choose(option) {
        const { stage } = this.state;
        if (!option.number) {
            return;
        }
        if (stage === "place") {
            return this.choosePlace(this.props.desk.places.find((place) => place.id === option.id));
        }
        if (stage === "service") {
            if (isTooMany(this.state.vouchers, option.price_cents)) {
                return this.refuse("too_many");
            }
            Object.assign(this.state, { offer: option, audience: null, stage: "audience", problem: null, act: null });
        } else if (stage === "audience") {
            Object.assign(this.state, { audience: option, stage: "confirm", problem: null, act: null });
            this.say(this.amountsText(this.paidByVouchers, this.copay));
        }
        play("tick");
    }

    back() {
        const previous = { service: "voucher", audience: "service", confirm: "audience" }[this.state.stage];
        if (previous === "voucher") {
            const last = this.state.vouchers.at(-1);
            this.removeVoucher(last.code);
        } else if (previous) {
            Object.assign(this.state, { stage: previous, problem: null, act: null });
        }
    }

    startOver() {
        if (this.state.stage === "place" || this.isAway) {
            return;
        }
        Object.assign(this.state, this.blank(), { turn: this.state.turn + 1 });
        if (this.typed.el) {
            this.typed.el.value = "";
        }
    }

    /** Test or scan: what was begun in the one is not ended in the other. */
    toggleTest() {
        if (this.isAway) {
            return;
        }
        const blank = this.state.stage === "place" ? {} : this.blank();
        Object.assign(this.state, blank, { isTest: !this.state.isTest, turn: this.state.turn + 1 });
        this.say(
            this.state.isTest
                ? _t("Test mode: nothing is spent.")
                : _t("Scan mode: vouchers are spent when you confirm.")
        );
        play("tick");
    }

    // ------------------------------------------------------------------- send
    /** Enter: send the act, or try again what failed. */
    async confirm() {
        if (this.isOver) {
            return this.startOver();
        }
        if (this.state.isChecking || this.isAway) {
            return; // what is being looked at may change the act
        }
        if (this.isRetriable && this.again) {
            return this.again();
        }
        if (this.isNoteFirst) {
            this.state.problem = null;
            return this.say(this.amountsText(this.paidByVouchers, this.copay));
        }
        if (this.state.stage === "confirm") {
            await (this.state.isTest ? this.rehearse() : this.send()).catch((error) => this.fail(error));
        }
    }

    async send() {
        const { offer, vouchers } = this.state;
        this.state.act ||= { key: newKey(), time: clientTime() };
        const { key, time } = this.state.act;
        Object.assign(this.state, { stage: "sending", problem: null });
        const parameters = { ...this.choice, client_key: key, client_time: time };
        let answer = await this.insist("/my/aptic/scan/redeem", parameters);
        if (answer.status === "network") {
            answer = await this.offline.keep(parameters, { service: offer.name, vouchers });
        }
        if (answer.status === "kept") {
            return this.showKept(answer);
        }
        const status = statusOf(answer);
        if (status !== "done") {
            this.state.stage = "confirm";
            if (["key_reused", "cancelled"].includes(status)) {
                this.state.act = null; // its key is spent
            }
            return this.refuse(status, answer.message_args);
        }
        this.remember(answer.redemption_id, answer);
        Object.assign(this.state, { stage: "done", answer });
        this.say(this.amountsText(answer.face_cents, answer.copay_cents));
        play("good");
    }

    /** The act is on this machine, not at the server: amber, not green. */
    showKept(answer) {
        this.remember(answer.key, answer, true);
        Object.assign(this.state, { stage: "kept", answer });
        this.say(_t("Kept on this machine, not guaranteed."));
        play("kept");
    }

    remember(id, answer, isKept = false) {
        const { offer, audience, recent } = this.state;
        const act = {
            id,
            service: offer.name,
            audience: audience.name,
            at: performance.now(), // not by the machine's clock, which somebody may set
            isKept,
            isClosed: false, // no longer to be taken back
            isCancelled: false,
            face: answer.face_cents,
            copay: answer.copay_cents,
        };
        this.state.recent = [act, ...recent.filter((other) => other.id !== id)].slice(0, RECENT);
    }

    /** Ask what the act would do; nothing changes. */
    async rehearse() {
        Object.assign(this.state, { stage: "sending", problem: null });
        const answer = await this.ask("/my/aptic/scan/test", this.choice);
        if (answer.status !== "ok") {
            this.state.stage = "confirm";
            return this.refuse(answer.status, answer.message_args);
        }
        Object.assign(this.state, { stage: "tested", answer });
        this.say(this.amountsText(answer.face_cents, answer.copay_cents));
        play("test");
    }

    /** Take the last act back: one key, once. */
    async undo() {
        const act = this.undoable;
        if (act) {
            await this.takeBack(act).catch((error) => this.fail(error));
        }
    }

    async takeBack(act) {
        Object.assign(this.state, this.blank(), { stage: "undoing", undoing: act, turn: this.state.turn + 1 });
        const answer = act.isKept
            ? await this.offline.undo(act.id)
            : await this.insist("/my/aptic/scan/undo", { redemption_id: act.id });
        if (answer.status !== "undone") {
            Object.assign(this.state, { stage: "voucher", undoing: null });
            act.isClosed = !RETRIABLE.includes(answer.status) && answer.status !== "session";
            return this.refuse(answer.status, answer.message_args, () => this.undo());
        }
        Object.assign(act, { isClosed: true, isCancelled: true });
        Object.assign(this.state, { stage: "undone", answer });
        this.say(
            answer.copay_cents
                ? _t("To give back to the beneficiary: %(amount)s.", { amount: euros(answer.copay_cents) })
                : ""
        );
        play("undone");
    }

    /** Ask, and again for a short while when another one is at it. */
    async insist(route, parameters) {
        let answer = await this.ask(route, parameters);
        for (let tries = 1; answer.status === "busy" && tries < BUSY_TRIES; tries++) {
            await new Promise((resolve) => browser.setTimeout(resolve, BUSY_PAUSE_MS));
            answer = await this.ask(route, parameters);
        }
        return answer;
    }

    /** Call a route of the desk; what goes wrong on the way becomes a refusal too. */
    async ask(route, parameters) {
        try {
            return await this.offline.reach(() => rpc(route, parameters, { silent: true }), parameters.client_key);
        } catch (error) {
            if (error instanceof ConnectionLostError) {
                return { status: "network", message_args: {} };
            }
            const isSession = error.exceptionName === "odoo.http.SessionExpiredException";
            return { status: isSession ? "session" : "server" };
        }
    }

    /**
     * Tell what was refused, and why.
     *
     * @param {string} status
     * @param {Object} [args]
     * @param {() => Promise} [again] what Enter does when another try can mend it; else it confirms, where there is an act
     */
    refuse(status, args, again = null) {
        this.state.problem = refusal(status, args);
        this.again = again;
        play("bad");
    }

    /** The same of a voucher that was to join: Enter must not pay without it before that has been read. */
    refuseVoucher(status, args, again) {
        this.refuse(status, args, again);
        this.state.problem.isOfVoucher = true;
    }

    /** Tell a screen reader what the focus does not say. */
    say(text) {
        this.state.said = String(text);
    }

    toggleSound() {
        this.state.isSoundOn = !this.state.isSoundOn;
        setSound(this.state.isSoundOn);
        play("tick");
    }
}

registry.category("public_components").add("aptic_pos.scan", Scan);
