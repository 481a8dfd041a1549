import { browser } from "@web/core/browser/browser";
import { AlreadyKept } from "./store";

const CHANNEL = "aptic_pos.offline";
export const LOCK = "aptic_pos.offline.send";

/** What a screen can see of it. */
export function blankState() {
    return {
        reason: "starting", // why nothing can be kept: `insecure`, `server`, `storage`; null when it can
        isReady: false, // the page itself is kept
        isCut: false,
        acts: [],
        lost: [], // acts that waited here and were cleared away
        others: 0,
        isSending: false,
        trouble: null, // why what waits was not sent: a status, as `refusal` knows them
        fates: {}, // what became of acts while this page was open, by client key
    };
}

/** The acts that wait on this machine, as all tabs of its browser see them: what one changes, the others show. */
export class Kept {
    /**
     * @param {Object|null} desk the server's words, with `uid`
     * @param {Object} state as `blankState` gives it
     * @param {import("./store").Store} store
     */
    constructor(desk, state, store) {
        Object.assign(this, { desk, state, store, isStopped: false });
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
        try {
            const acts = await this.store.of(this.desk.uid);
            this.noteLost(acts);
            this.state.acts = acts.map(({ sealed, ...shown }) => shown); // eslint-disable-line no-unused-vars
            this.state.others = await this.store.countOthers(this.desk.uid);
        } catch {
            this.lose();
        }
    }

    /** An act that waited and is no longer there, although nothing became of it: somebody has cleared what the browser keeps. */
    noteLost(acts) {
        const kept = new Set(acts.map((act) => act.key));
        const lost = [...this.state.lost, ...this.waiting];
        this.state.lost = lost.filter((act) => !kept.has(act.key) && !this.isSettled(act.key));
    }

    isSettled(key) {
        return ![undefined, "stays"].includes(this.state.fates[key]);
    }

    /** Write acts, and show what became of them, here and in the other tabs. */
    async write(changed, gone, fates = {}) {
        await this.store.settle(changed, gone);
        Object.assign(this.state.fates, fates);
        this.tell({ fates });
        await this.refresh();
    }

    /** What is kept can no longer be read or written: the desk goes on with the network alone, until it can again. */
    lose() {
        if (!this.isStopped) {
            Object.assign(this.state, { reason: "storage", isCut: false });
        }
    }

    /** Look whether this machine reads what it has kept again. */
    async recover() {
        try {
            await this.store.open();
            await this.store.of(this.desk.uid);
            this.state.reason = null;
        } catch {
            return; // not yet
        }
        if (this.state.trouble === "storage") {
            this.state.trouble = null;
        }
        await this.refresh();
    }

    /**
     * Change one act while nobody sends.
     *
     * @param {(act: Object) => boolean} isMeant
     * @param {(act: Object) => Promise} change
     * @returns {Promise} what `change` returns; nothing when there is no such act (any more); a refusal when the machine fails
     */
    async change(isMeant, change) {
        try {
            return await browser.navigator.locks.request(LOCK, async () => {
                const act = (await this.store.of(this.desk.uid)).find(isMeant);
                if (act) {
                    return change(act);
                }
                return this.refresh();
            });
        } catch (error) {
            if (error instanceof AlreadyKept) {
                return { status: "kept_already", message_args: {} };
            }
            this.lose();
            return { status: "storage", message_args: {} };
        }
    }

    // ---------------------------------------------------------- the other tabs
    listen() {
        this.channel = new BroadcastChannel(CHANNEL);
        this.channel.onmessage = ({ data }) => this.hear(data);
    }

    tell(message) {
        if (!this.isStopped) {
            this.channel?.postMessage(message);
        }
    }

    hear(message) {
        if (message === "cut") {
            this.state.isCut = this.isAble;
        } else {
            Object.assign(this.state.fates, message.fates);
            return this.refresh();
        }
    }

    close() {
        this.isStopped = true;
        this.channel?.close();
        this.store.close();
    }
}
