import { onMounted, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConnectionLostError, rpc } from "@web/core/network/rpc";
import { copayment, faceTotal } from "../act";
import { serialOf } from "../codes";
import { seal } from "./seal";
import { BATCH, limitReached, settled } from "./sending";
import { keepShell } from "./shell";
import { AlreadyKept, Store } from "./store";

const BATCH_ROUTE = "/my/aptic/scan/batch";
const HEALTH_ROUTE = "/web/health";
const CHANNEL = "aptic_pos.offline";
const LOCK = "aptic_pos.offline.send";
const MOST = 200;
const PATIENCE_MS = 8_000;
const BATCH_PATIENCE_MS = 60_000;
const PAUSE_MS = 5_000;
const REST_MS = 30_000;

/** What a voucher is worth unless its order says otherwise; the server alone knows. */
export const USUAL_FACE_CENTS = 1000;

/** The desk without network: what is scanned is sealed, kept on this machine and sent when the server answers again. */
export class Offline {
    /**
     * @param {Object|null} desk the server's words: `uid`, `key`, `hours`, `days`; null when it has no key
     * @param {Object} state as `blankState` gives it, reactive when a screen looks at it
     * @param {Object} [options]
     * @param {Store} [options.store]
     * @param {boolean} [options.keepsPage] whether the desk's page is to open without network
     */
    constructor(desk, state, { store = new Store(), keepsPage = true } = {}) {
        Object.assign(this, { desk, state, store, keepsPage, tried: new Set(), isAttempting: false, restUntil: 0 });
        this.onLine = () => this.attempt();
        this.onCut = () => this.cut();
    }

    // --------------------------------------------------------------- life
    /** Open the queue, look what waits, send it. */
    async start() {
        this.state.reason = await this.whyNot();
        if (this.state.reason) {
            return;
        }
        this.channel = new BroadcastChannel(CHANNEL);
        this.channel.onmessage = ({ data }) => (data === "cut" ? (this.state.isCut = true) : this.refresh());
        browser.addEventListener("online", this.onLine);
        browser.addEventListener("offline", this.onCut);
        this.timer = browser.setInterval(() => this.attempt(), PAUSE_MS);
        await this.refresh();
        // A page that was kept opens without network: say so before the first scan.
        this.state.isCut = browser.navigator.onLine === false || !(await this.isServerThere());
        await this.attempt();
        await this.keepPage();
    }

    /** Have the desk's page kept as it is now, for its next start without network. */
    async keepPage() {
        if (this.keepsPage) {
            this.state.isReady = await keepShell(this.desk.uid, this.desk.days);
        }
    }

    stop() {
        browser.clearInterval(this.timer);
        browser.removeEventListener("online", this.onLine);
        browser.removeEventListener("offline", this.onCut);
        this.channel?.close();
        this.store.close();
    }

    /** Why nothing can be kept here, or null. */
    async whyNot() {
        if (!window.isSecureContext || !window.crypto?.subtle || !browser.navigator.locks) {
            return "insecure";
        }
        if (!this.desk) {
            return "server";
        }
        try {
            await this.store.open();
        } catch {
            return "storage";
        }
        return null;
    }

    get isAble() {
        return this.state.reason === null;
    }

    get waiting() {
        return this.state.acts.filter((act) => act.state === "waiting");
    }

    async refresh() {
        const acts = await this.store.of(this.desk.uid);
        this.state.acts = acts.map(({ sealed, ...shown }) => shown); // eslint-disable-line no-unused-vars
        this.state.others = await this.store.countOthers(this.desk.uid);
    }

    async write(changed, gone) {
        await this.store.settle(changed, gone);
        this.channel?.postMessage("changed");
        await this.refresh();
    }

    // ------------------------------------------------------------ the network
    /**
     * Ask the server, and not for ever: a network that does not answer is none.
     *
     * @param {() => Promise} send
     * @param {string} [key] of the act that is sent
     * @throws {ConnectionLostError}
     */
    async reach(send, key) {
        if (this.isAble && this.state.isCut) {
            throw new ConnectionLostError();
        }
        if (key) {
            this.tried.add(key);
        }
        return this.patiently(send, PATIENCE_MS);
    }

    async patiently(send, patience) {
        const request = send();
        if (!this.isAble) {
            return request;
        }
        let timer;
        const late = new Promise((_resolve, reject) => {
            timer = browser.setTimeout(() => {
                request.abort?.(false);
                reject(new ConnectionLostError());
            }, patience);
        });
        try {
            return await Promise.race([request, late]);
        } catch (error) {
            if (error instanceof ConnectionLostError) {
                this.cut();
            }
            throw error;
        } finally {
            browser.clearTimeout(timer);
        }
    }

    cut() {
        this.state.isCut = true;
        this.channel?.postMessage("cut");
    }

    async isServerThere() {
        try {
            const signal = AbortSignal.timeout(PATIENCE_MS);
            const response = await browser.fetch(HEALTH_ROUTE, { cache: "no-store", signal });
            return response.ok && (await response.json()).status === "pass";
        } catch {
            return false; // also a page of the wifi's owner instead of ours
        }
    }

    /** Look whether the server answers again, and send what waits. */
    async attempt() {
        if (this.isAttempting || !this.isAble) {
            return;
        }
        this.isAttempting = true;
        try {
            if (this.state.isCut && (await this.isServerThere())) {
                this.state.isCut = false;
                this.keepPage();
            }
            if (!this.state.isCut && this.waiting.length && Date.now() >= this.restUntil) {
                // One tab of all sends; the others see it.
                await browser.navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => lock && this.send());
            }
        } finally {
            this.isAttempting = false;
        }
    }

    // -------------------------------------------------------------- scanning
    /**
     * What the desk goes by after it asked about vouchers: the server's answer, or the digits alone.
     *
     * @param {Object} answer of `/my/aptic/scan/check`, or `{status: "network"}`
     * @param {string[]} codes well formed
     * @param {Object} known what the screen knew before: `vouchers`, `offerIds`, `audienceIds`
     */
    async looked(answer, codes, { vouchers, offerIds, audienceIds }) {
        if (!this.isAble) {
            return answer;
        }
        for (const code of codes) {
            if (await this.store.holds(serialOf(code))) {
                return { status: "kept_already", message_args: {} };
            }
        }
        if (answer.status !== "network") {
            return answer;
        }
        const limit = this.limit();
        if (limit) {
            return limit;
        }
        const unchecked = (code) => ({ serial: serialOf(code), face_cents: USUAL_FACE_CENTS, isUnchecked: true });
        return {
            status: "ok",
            vouchers: codes.map((code) => vouchers.find((voucher) => voucher.code === code) || unchecked(code)),
            offer_ids: offerIds,
            audience_ids: audienceIds,
            message_args: {},
        };
    }

    /**
     * Keep an act that could not be sent, or whose answer was lost. When this says `kept`, it is on the disk.
     *
     * @param {Object} act the parameters of `/my/aptic/scan/redeem`
     * @param {Object} facts
     * @param {string} facts.service its name
     * @param {Object[]} facts.vouchers as the screen knows them
     * @returns {Promise<Object>} an answer: `kept` with the amounts, or a refusal
     */
    async keep(act, { service, vouchers }) {
        const isSent = this.tried.has(act.client_key);
        const limit = this.isAble && !isSent && this.limit();
        if (!this.isAble || limit) {
            return limit || { status: "network" };
        }
        const amounts = {
            price: act.price_cents,
            face: faceTotal(vouchers),
            copay: copayment(vouchers, act.price_cents),
        };
        try {
            const names = { sub: String(this.desk.uid), jti: act.client_key };
            await this.store.add({
                uid: this.desk.uid,
                key: act.client_key,
                sealed: await seal(act, this.desk.key, names),
                at: `${act.client_time}Z`,
                service,
                ...amounts,
                serials: act.codes.map(serialOf),
                state: "waiting",
                answer: null,
                isSent,
            });
        } catch (error) {
            // A disk that is full keeps nothing: the act is tried again with the network, as before.
            return { status: error instanceof AlreadyKept ? "kept_already" : "network", message_args: {} };
        }
        browser.navigator.storage?.persist?.();
        this.channel.postMessage("changed");
        await this.refresh();
        return { status: "kept", key: act.client_key, face_cents: amounts.face, copay_cents: amounts.copay };
    }

    limit() {
        const reached = limitReached(this.waiting, { most: MOST, hours: this.desk.hours }, Date.now());
        return reached && { status: reached.status, message_args: reached.args };
    }

    // --------------------------------------------------------------- sending
    /** Send what waits, in order, in batches, each once. Only while the lock is held. */
    async send() {
        let after = 0;
        let isMoving = false;
        Object.assign(this.state, { isSending: true, trouble: null });
        try {
            for (;;) {
                const all = await this.store.of(this.desk.uid);
                const acts = all.filter((act) => act.state === "waiting" && act.id > after).slice(0, BATCH);
                if (!acts.length) {
                    return;
                }
                after = acts.at(-1).id;
                const unsent = acts.filter((act) => !act.isSent);
                unsent.forEach((act) => (act.isSent = true));
                await this.store.settle(unsent);
                const answers = await this.post(acts);
                const { changed, gone, fates } = settled(acts, answers);
                Object.assign(this.state.fates, fates);
                await this.write(changed, gone);
                isMoving ||= changed.length + gone.length > 0;
                const stranger = answers.find((answer) => answer.status === "stranger");
                if (stranger) {
                    this.state.trouble = "stranger";
                    return;
                }
            }
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                const isSession = error.exceptionName === "odoo.http.SessionExpiredException";
                this.state.trouble = isSession ? "session" : "server";
            }
            await this.refresh();
        } finally {
            this.state.isSending = false;
            // What nothing moves, a log-in or ten minutes of patience will: the server need not hear it every few seconds.
            this.restUntil = isMoving || this.state.isCut ? 0 : Date.now() + REST_MS;
        }
    }

    async post(acts) {
        const items = acts.map(({ key, sealed }) => ({ client_key: key, sealed }));
        const answer = await this.patiently(
            () => rpc(BATCH_ROUTE, { acts: items }, { silent: true }),
            BATCH_PATIENCE_MS
        );
        if (!Array.isArray(answer?.answers)) {
            throw new Error("no answers");
        }
        return answer.answers;
    }

    // ------------------------------------------------------------- the person
    /**
     * Take back an act that was never sent. Once it may have reached the server, only a cancellation can.
     *
     * @returns {Promise<Object>} an answer: `undone` with the amounts, or `too_late`
     */
    async undo(key) {
        return browser.navigator.locks.request(LOCK, async () => {
            const act = (await this.store.of(this.desk.uid)).find((candidate) => candidate.key === key);
            if (act?.state !== "waiting" || act.isSent) {
                await this.refresh();
                return { status: "too_late", message_args: {} };
            }
            await this.write([], [act.id]);
            return { status: "undone", face_cents: act.face, copay_cents: act.copay, message_args: {} };
        });
    }

    /** What became of an act of this page, as an icon. */
    iconOf(key) {
        return (
            { paid: "fa-check", differs: "fa-exclamation-triangle", refused: "fa-times" }[this.state.fates[key]] ||
            "fa-clock-o"
        );
    }

    /** Whether an act may have reached the server: here it can no longer be taken back. */
    isGone(key) {
        return this.state.acts.find((act) => act.key === key)?.isSent !== false;
    }

    /** The person has read what became of an act. */
    async acknowledge(id) {
        await this.write([], [id]);
    }

    /** Try a refused act again: what stood against it may be mended. */
    async sendAgain(id) {
        const act = (await this.store.of(this.desk.uid)).find((candidate) => candidate.id === id);
        await this.write([{ ...act, state: "waiting", answer: null }]);
        this.restUntil = 0;
        await this.attempt();
    }
}

/** What a screen can see of it. */
export function blankState() {
    return {
        reason: "starting", // why nothing can be kept: `insecure`, `server`, `storage`; null when it can
        isReady: false, // the page itself is kept
        isCut: false,
        acts: [],
        others: 0,
        isSending: false,
        trouble: null, // why what waits was not sent: `session`, `stranger`, `server`
        fates: {}, // what became of acts while this page was open, by client key
    };
}

/** Work without network as long as a component lives. */
export function useOffline(desk, options) {
    const offline = new Offline(desk, useState(blankState()), options);
    onMounted(() => offline.start());
    onWillUnmount(() => offline.stop());
    return offline;
}
