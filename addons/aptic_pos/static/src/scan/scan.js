import { Component, onMounted, useEffect, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { scanBarcode } from "@web/core/barcode/barcode_dialog";
import { isBarcodeScannerSupported } from "@web/core/barcode/barcode_video_scanner";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { choices, clientTime, copayment, faceTotal, isTooMany, newKey, roomFor } from "./act";
import { isWellFormed, normalise, serialOf } from "./codes";
import { useKeys } from "./keys";
import { dayText, euros } from "./money";
import { refusal, RETRIABLE } from "./refusals";
import { isSoundOn, play, setSound } from "./sounds";

const PLACE = "aptic_pos.place";
const RECENT = 5;
const BUSY_TRIES = 3;
const BUSY_PAUSE_MS = 300;

/** The desk: voucher(s) → service → audience → done, with a scanner, a keyboard, a finger or a camera. */
export class Scan extends Component {
    static template = "aptic_pos.Scan";
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
            recent: [],
            isSoundOn: isSoundOn(),
        });
        this.work = Promise.resolve();
        useBus(useService("barcode").bus, "barcode_scanned", (ev) => this.scan(ev.detail.barcode));
        useKeys({
            width: () => this.options.find((option) => option.number)?.number.length || 1,
            choose: (number) => this.chooseNumber(number),
            confirm: () => this.confirm(),
            startOver: () => this.startOver(),
            back: () => this.back(),
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
            offer: null,
            audience: null,
            act: null, // {key, time} once sent: the same for every try
            lastCode: null,
            problem: null,
            answer: null,
            isChecking: false,
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
        Object.assign(this.state, this.blank(), { place: null, stage: "place", turn: this.state.turn + 1 });
    }

    // ------------------------------------------------------------------ facts
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

    get steps() {
        const stages = ["voucher", "service", "audience", "confirm"];
        const names = [_t("Vouchers"), _t("Service"), _t("Audience"), _t("Confirmation")];
        const now = stages.indexOf(this.state.stage === "sending" ? "confirm" : this.state.stage);
        return stages.map((stage, index) => ({
            stage,
            name: names[index],
            isNow: index === now,
            isPast: this.state.stage === "done" || index < now,
        }));
    }

    get isRetriable() {
        return RETRIABLE.includes(this.state.problem?.status);
    }

    copayOf(offer) {
        return copayment(this.state.vouchers, offer.price_cents);
    }

    // --------------------------------------------------------------- vouchers
    /** Take a scanned or typed code; several in a row are looked at one after the other. */
    scan(text) {
        const digits = normalise(text);
        this.work = this.work.then(() => this.addVoucher(digits));
        return this.work;
    }

    async addVoucher(digits) {
        if (this.state.stage === "place" || this.state.stage === "sending") {
            return;
        }
        if (this.state.stage === "done") {
            this.startOver();
        }
        if (!isWellFormed(digits)) {
            return this.refuse("unknown", { reason: "digits" });
        }
        const codes = this.state.vouchers.map((voucher) => voucher.code);
        if (codes.includes(digits)) {
            return this.refuse("twice");
        }
        this.state.lastCode = digits;
        await this.check([...codes, digits]);
    }

    async check(codes) {
        const { place, turn } = this.state;
        this.state.isChecking = true;
        const answer = await this.ask("/my/aptic/scan/check", { place_id: place.id, codes });
        if (this.state.turn !== turn) {
            return;
        }
        this.state.isChecking = false;
        if (answer.status !== "ok") {
            return this.refuse(answer.status, answer.message_args);
        }
        const price = this.price || Math.max(...place.offers.map((offer) => offer.price_cents));
        if (isTooMany(answer.vouchers, price)) {
            return this.refuse("too_many");
        }
        const bySerial = new Map(answer.vouchers.map((voucher) => [voucher.serial, voucher]));
        Object.assign(this.state, {
            vouchers: codes.map((code) => ({ code, ...bySerial.get(serialOf(code)) })),
            offerIds: answer.offer_ids,
            audienceIds: answer.audience_ids,
            act: null,
            problem: null,
        });
        this.reviewChoices();
        play("tick");
    }

    /** After the vouchers changed: keep what was chosen as long as they accept it. */
    reviewChoices() {
        const { offer, offerIds, audience, audienceIds, stage } = this.state;
        if (stage === "voucher" || (offer && offerIds && !offerIds.includes(offer.id))) {
            Object.assign(this.state, { offer: null, audience: null, stage: "service" });
            if (!this.options.some((option) => option.number)) {
                this.refuse("no_service");
            }
        } else if (audience && audienceIds && !audienceIds.includes(audience.id)) {
            Object.assign(this.state, { audience: null, stage: "audience" });
        }
    }

    async removeVoucher(code) {
        const codes = this.state.vouchers.map((voucher) => voucher.code).filter((other) => other !== code);
        if (!codes.length) {
            return this.startOver();
        }
        this.state.act = null;
        await this.check(codes);
    }

    onTyped(ev) {
        if (isWellFormed(normalise(ev.target.value))) {
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

    async openCamera() {
        try {
            const code = await scanBarcode(this.env, "environment");
            if (code) {
                browser.navigator.vibrate?.(100);
                this.scan(code);
            }
        } catch {
            // The dialog has said what is wrong with the camera.
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
        if (this.state.stage === "place" || this.state.stage === "sending") {
            return;
        }
        Object.assign(this.state, this.blank(), { turn: this.state.turn + 1 });
        if (this.typed.el) {
            this.typed.el.value = "";
        }
    }

    // ------------------------------------------------------------------- send
    /** Enter: send the act, or try again what failed. */
    async confirm() {
        const { stage } = this.state;
        if (stage === "done") {
            return this.startOver();
        }
        if (stage === "confirm") {
            return this.send();
        }
        if (this.isRetriable && this.state.lastCode) {
            return this.scan(this.state.lastCode);
        }
    }

    async send() {
        const { place, offer, audience, vouchers } = this.state;
        this.state.act ||= { key: newKey(), time: clientTime() };
        const { key, time } = this.state.act;
        Object.assign(this.state, { stage: "sending", problem: null });
        const parameters = {
            place_id: place.id,
            offer_id: offer.id,
            audience_id: audience.id,
            codes: vouchers.map((voucher) => voucher.code),
            price_cents: offer.price_cents,
            client_key: key,
            client_time: time,
        };
        let answer = await this.ask("/my/aptic/scan/redeem", parameters);
        for (let tries = 1; answer.status === "busy" && tries < BUSY_TRIES; tries++) {
            await new Promise((resolve) => browser.setTimeout(resolve, BUSY_PAUSE_MS));
            answer = await this.ask("/my/aptic/scan/redeem", parameters);
        }
        if (answer.status !== "done") {
            this.state.stage = "confirm";
            if (answer.status === "key_reused") {
                this.state.act = null;
            }
            return this.refuse(answer.status, answer.message_args);
        }
        const recent = {
            id: answer.redemption_id,
            service: offer.name,
            face: answer.face_cents,
            copay: answer.copay_cents,
        };
        Object.assign(this.state, {
            stage: "done",
            answer,
            recent: [recent, ...this.state.recent.filter((other) => other.id !== recent.id)].slice(0, RECENT),
        });
        play("good");
    }

    /** Call a route of the desk; what goes wrong on the way becomes a refusal too. */
    async ask(route, parameters) {
        try {
            return await rpc(route, parameters, { silent: true });
        } catch (error) {
            if (error instanceof ConnectionLostError) {
                return { status: "network" };
            }
            const isSession = error.exceptionName === "odoo.http.SessionExpiredException";
            return { status: isSession ? "session" : "server" };
        }
    }

    refuse(status, args) {
        this.state.problem = refusal(status, args);
        play("bad");
    }

    toggleSound() {
        this.state.isSoundOn = !this.state.isSoundOn;
        setSound(this.state.isSoundOn);
        play("tick");
    }
}

registry.category("public_components").add("aptic_pos.scan", Scan);
