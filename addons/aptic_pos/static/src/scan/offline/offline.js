import { onMounted, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConnectionLostError, rpc } from "@web/core/network/rpc";
import { copayment, faceTotal } from "../act";
import { serialOf } from "../codes";
import { blankState, Kept, LOCK } from "./kept";
import { seal } from "./seal";
import { BATCH, limitReached, settled, stopOf } from "./sending";
import { keepShell } from "./shell";
import { AlreadyKept, Store } from "./store";

const BATCH_ROUTE = "/my/aptic/scan/batch";
const HEALTH_ROUTE = "/web/health";
const MOST = 200;
const PATIENCE_MS = 8_000;
const BATCH_PATIENCE_MS = 60_000;
const PAUSE_MS = 5_000;
const REST_MS = 30_000;
const MOST_FAILED = 3; // acts that the server fails one after the other, until it is the server's trouble and not theirs

/** What a voucher is worth unless its order says otherwise; the server alone knows. */
export const USUAL_FACE_CENTS = 1000;

/** The desk without network: what is scanned is sealed, kept on this machine and sent when the server answers again. */
export class Offline extends Kept {
    /**
     * @param {Object|null} desk the server's words: `uid`, `key`, `hours`, `days`; null when it has no key
     * @param {Object} state as `blankState` gives it, reactive when a screen looks at it
     * @param {Object} [options]
     * @param {Store} [options.store]
     * @param {boolean} [options.keepsPage] whether the desk's page is to open without network
     */
    constructor(desk, state, { store = new Store(), keepsPage = true } = {}) {
        super(desk, state, store);
        Object.assign(this, { keepsPage, isAttempting: false, restUntil: 0 });
        this.tried = new Set(); // keys that were sent to the server, heard or not
        this.failed = new Set(); // keys that the server has failed at alone: they go last
        this.onLine = () => this.attempt();
        this.onCut = () => this.cut();
    }

    // --------------------------------------------------------------- life
    /** Open the queue, look what waits, send it. */
    async start() {
        const reason = await this.whyNot();
        if (this.isStopped) {
            return this.store.close();
        }
        this.state.reason = reason;
        if (["insecure", "server"].includes(reason)) {
            return;
        }
        this.listen();
        browser.addEventListener("online", this.onLine);
        browser.addEventListener("offline", this.onCut);
        this.timer = browser.setInterval(() => this.attempt(), PAUSE_MS);
        if (this.isAble) {
            await this.refresh();
            // A page that was kept opens without network: say so before the first scan.
            const isCut = browser.navigator.onLine === false || !(await this.isServerThere());
            this.state.isCut = isCut && this.isAble;
            await this.attempt();
        }
        await this.keepPage();
    }

    /** Have the desk's page kept as it is now, for its next start without network. */
    async keepPage() {
        if (this.keepsPage && !this.isStopped) {
            this.state.isReady = await keepShell(this.desk.uid, this.desk.days);
        }
    }

    stop() {
        this.close();
        browser.clearInterval(this.timer);
        browser.removeEventListener("online", this.onLine);
        browser.removeEventListener("offline", this.onCut);
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
        if (this.isAble) {
            this.state.isCut = true;
            this.tell("cut");
        }
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

    /** Look whether the server answers again, and send what waits. Never rejected: what fails is tried again later. */
    async attempt() {
        if (this.isAttempting || this.isStopped) {
            return;
        }
        this.isAttempting = true;
        try {
            if (this.state.reason === "storage") {
                await this.recover();
            }
            if (this.isAble) {
                await this.attemptToSend();
            }
        } catch {
            this.lose();
        } finally {
            this.isAttempting = false;
        }
    }

    async attemptToSend() {
        if (this.state.isCut && (await this.isServerThere())) {
            this.state.isCut = false;
            this.keepPage();
        }
        // Not by the machine's clock, which somebody may set back.
        if (!this.state.isCut && this.waiting.length && performance.now() >= this.restUntil) {
            // One tab of all sends; the others see it.
            await browser.navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => lock && this.send());
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
        try {
            for (const code of codes) {
                if (await this.store.holds(serialOf(code))) {
                    return { status: "kept_already", message_args: {} };
                }
            }
        } catch {
            this.lose();
            return answer;
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
            if (error instanceof AlreadyKept) {
                return { status: "kept_already", message_args: {} };
            }
            this.lose(); // a disk that is full, or kept things that were cleared: the network alone is left
            return { status: "storage", message_args: {} };
        }
        browser.navigator.storage?.persist?.().catch(() => {}); // as it likes: the act is kept
        this.tell({ fates: {} });
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
        Object.assign(this.state, { isSending: true, trouble: null });
        let isMoving = false;
        try {
            const acts = (await this.store.of(this.desk.uid)).filter((act) => act.state === "waiting");
            const isFailed = (act) => Number(this.failed.has(act.key));
            isMoving = await this.sendAll(acts.toSorted((one, other) => isFailed(one) - isFailed(other)));
        } catch (error) {
            this.state.trouble = troubleOf(error);
        } finally {
            await this.refresh();
            this.state.isSending = false;
            // What nothing moves, a log-in or ten minutes of patience will: the server need not hear it every few seconds.
            this.restUntil = isMoving || this.state.isCut ? 0 : performance.now() + REST_MS;
        }
    }

    /**
     * Send acts. At a batch the server fails at, its halves are sent, down to the one act that it cannot take: that one is
     * stepped over, so that it stands in nobody's way.
     *
     * @returns {Promise<boolean>} whether anything became of any act
     */
    async sendAll(acts) {
        let [first, size, failures, isMoving] = [0, BATCH, 0, false];
        while (first < acts.length && failures < MOST_FAILED) {
            const batch = acts.slice(first, first + size);
            const answers = await this.sendBatch(batch);
            if (answers) {
                const { changed, gone, fates } = settled(batch, answers);
                await this.write(changed, gone, fates);
                isMoving ||= changed.length + gone.length > 0;
                const stop = stopOf(answers);
                if (stop) {
                    this.state.trouble = stop;
                    break;
                }
                batch.forEach((act) => this.failed.delete(act.key));
                [first, size, failures] = [first + batch.length, Math.min(BATCH, 2 * size), 0];
            } else if (batch.length > 1) {
                size = Math.floor(batch.length / 2);
            } else {
                this.failed.add(batch[0].key);
                [first, failures] = [first + 1, failures + 1];
            }
        }
        return isMoving;
    }

    /** The answers to acts; null when the server fails at them. */
    async sendBatch(acts) {
        // What may have reached the server cannot be taken back here: known on the disk before it leaves.
        const unsent = acts.filter((act) => !act.isSent);
        unsent.forEach((act) => (act.isSent = true));
        await this.store.settle(unsent);
        try {
            return await this.post(acts);
        } catch (error) {
            const isLost = error instanceof ConnectionLostError;
            if (isSessionOver(error) || (isLost && !(await this.isServerThere()))) {
                throw error;
            }
            // A request that breaks a server which is there breaks it for what is in the request.
            Object.assign(this.state, { isCut: false, trouble: "server" });
            return null;
        }
    }

    async post(acts) {
        const items = acts.map(({ key, sealed }) => ({ client_key: key, sealed }));
        const answer = await this.patiently(
            () => rpc(BATCH_ROUTE, { acts: items }, { silent: true }),
            BATCH_PATIENCE_MS
        );
        if (!answer?.answers?.length) {
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
        const answer = await this.change(
            (act) => act.key === key && act.state === "waiting" && !act.isSent,
            async (act) => {
                await this.write([], [act.id], { [key]: "undone" });
                return { status: "undone", face_cents: act.face, copay_cents: act.copay, message_args: {} };
            }
        );
        return answer || { status: "too_late", message_args: {} };
    }

    /** What became of an act of this page, as an icon. */
    iconOf(key) {
        const icons = { paid: "fa-check", differs: "fa-exclamation-triangle", refused: "fa-times" };
        return icons[this.state.fates[key]] || "fa-clock-o";
    }

    /** Whether an act may have reached the server: here it can no longer be taken back. */
    isGone(key) {
        return this.state.acts.find((act) => act.key === key)?.isSent !== false;
    }

    /** The person has read what became of an act. */
    async acknowledge(id) {
        const failed = await this.change(
            (act) => act.id === id && act.state !== "waiting",
            (act) => this.write([], [act.id])
        );
        this.state.trouble = failed?.status || this.state.trouble;
    }

    /** Try a refused act again: what stood against it may be mended. */
    async sendAgain(id) {
        const failed = await this.change(
            (act) => act.id === id && act.state === "refused",
            (act) => this.write([{ ...act, state: "waiting", answer: null }], [], { [act.key]: "stays" })
        );
        if (failed) {
            this.state.trouble = failed.status;
            return;
        }
        this.restUntil = 0;
        await this.attempt();
    }
}

function isSessionOver(error) {
    return error.exceptionName === "odoo.http.SessionExpiredException";
}

/** Why sending came to an end: the network is told otherwise, the server's failures are counted where they happen. */
function troubleOf(error) {
    if (error instanceof ConnectionLostError) {
        return null;
    }
    return isSessionOver(error) ? "session" : "storage";
}

/** Work without network as long as a component lives. */
export function useOffline(desk, options) {
    const offline = new Offline(desk, useState(blankState()), options);
    onMounted(() => offline.start());
    onWillUnmount(() => offline.stop());
    return offline;
}
