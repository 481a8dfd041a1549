import { after, beforeEach, describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { contains, mountWithCleanup, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { ConnectionLostError, rpc } from "@web/core/network/rpc";
import { blankState, Offline } from "@aptic_pos/scan/offline/offline";
import { seal } from "@aptic_pos/scan/offline/seal";
import { fate, limitReached, settled } from "@aptic_pos/scan/offline/sending";
import { AlreadyKept, Store } from "@aptic_pos/scan/offline/store";
import { Scan } from "@aptic_pos/scan/scan";

defineMailModels();

const CODE = withCheck("0000000001" + "123456789012");
const OTHER = withCheck("0000000002" + "210987654321");
const UID = 7;
const CURVE = { name: "ECDH", namedCurve: "P-256" };

// Hoot replaces the browser's cryptography; a frame of its own has the real one.
beforeEach(() => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    after(() => frame.remove());
    patchWithCleanup(crypto, { subtle: frame.contentWindow.crypto.subtle });
});

function withCheck(body) {
    return body + String(98n - ((BigInt(body) * 100n) % 97n)).padStart(2, "0");
}

function decode(text) {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

const encode = (bytes) =>
    btoa(String.fromCharCode(...bytes))
        .replaceAll("+", "-")
        .replaceAll("/", "_")
        .replaceAll("=", "");

/** The server's key pair; `open` reads what was sealed to it, written by the RFC and not by `seal.js`. */
async function serverKey() {
    const pair = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
    const open = async (sealed) => {
        const [header, , iv, text, tag] = sealed.split(".");
        const { epk } = JSON.parse(new TextDecoder().decode(decode(header)));
        const theirs = await crypto.subtle.importKey("jwk", epk, CURVE, false, []);
        const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, pair.privateKey, 256);
        const info = [0, 0, 0, 7, ...new TextEncoder().encode("A256GCM"), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0];
        const round = new Uint8Array([0, 0, 0, 1, ...new Uint8Array(shared), ...info]);
        const digest = await crypto.subtle.digest("SHA-256", round);
        const key = await crypto.subtle.importKey("raw", digest, "AES-GCM", false, ["decrypt"]);
        const additionalData = new TextEncoder().encode(header);
        const algorithm = { name: "AES-GCM", iv: decode(iv), additionalData };
        const clear = await crypto.subtle.decrypt(algorithm, key, new Uint8Array([...decode(text), ...decode(tag)]));
        return JSON.parse(new TextDecoder().decode(clear));
    };
    return { jwk: { kid: "3", kty, crv, x, y }, open };
}

let stores = 0;

async function openStore() {
    const store = new Store(`aptic_pos.test.${Date.now()}.${++stores}`);
    await store.open();
    after(() => {
        store.close();
        indexedDB.deleteDatabase(store.name);
    });
    return store;
}

function waits(id, change = {}) {
    const key = `act-${id}`;
    return { uid: UID, key, sealed: "x", at: "2026-11-29T10:00:00Z", service: "Impôts", price: 1200, face: 1000,
        copay: 200, serials: [id], state: "waiting", answer: null, isSent: false, ...change }; // prettier-ignore
}

const answerTo = (key, change = {}) => ({
    client_key: key, status: "done", face_cents: 1000, copay_cents: 200, message_args: {}, ...change,
}); // prettier-ignore

describe("what is sealed", () => {
    test("the server alone reads it", async () => {
        const { jwk, open } = await serverKey();
        const sealed = await seal({ codes: [CODE] }, jwk, { sub: "7", jti: "act-1" });
        expect(await open(sealed)).toEqual({ codes: [CODE] });
        const header = JSON.parse(new TextDecoder().decode(decode(sealed.split(".")[0])));
        expect(header.kid).toBe("3");
        expect(header.sub).toBe("7");
        expect(header.jti).toBe("act-1");
        expect(Object.keys(header.epk)).toEqual(["kty", "crv", "x", "y"]);
        expect(new TextDecoder().decode(decode(sealed.split(".")[3])).includes(CODE)).toBe(false);
    });

    test("the same act looks different each time", async () => {
        const { jwk } = await serverKey();
        const [one, two] = [await seal({ a: 1 }, jwk), await seal({ a: 1 }, jwk)];
        expect(one.split(".")[3]).not.toBe(two.split(".")[3]);
    });

    test("another user's name in the header does not open", async () => {
        const { jwk, open } = await serverKey();
        const parts = (await seal({ a: 1 }, jwk, { sub: "7" })).split(".");
        const header = new TextDecoder().decode(decode(parts[0])).replace('"sub":"7"', '"sub":"8"');
        const forged = [encode(new TextEncoder().encode(header)), ...parts.slice(1)].join(".");
        await expect(open(forged)).rejects.toThrow();
    });
});

describe("what waits", () => {
    test("in order, for one user, each voucher once", async () => {
        const store = await openStore();
        await store.add(waits(5));
        await store.add(waits(3));
        await store.add(waits(9, { uid: 8 }));
        expect((await store.of(UID)).map((act) => act.key)).toEqual(["act-5", "act-3"]);
        expect(await store.countOthers(UID)).toBe(1);
        expect(await store.holds(9)).toBe(true);
        expect(await store.holds(4)).toBe(false);
        await expect(store.add(waits(3, { key: "again" }))).rejects.toThrow(AlreadyKept);
        await expect(store.add(waits(10, { key: "act-5" }))).rejects.toThrow(AlreadyKept);
        const [first, second] = await store.of(UID);
        await store.settle([{ ...second, state: "refused" }], [first.id]);
        expect((await store.of(UID)).map((act) => `${act.key} ${act.state}`)).toEqual(["act-3 refused"]);
        expect(await store.holds(5)).toBe(false);
    });

    test("it is still there when it is opened again", async () => {
        const store = await openStore();
        await store.add(waits(1));
        store.close();
        const again = new Store(store.name);
        await again.open();
        expect((await again.of(UID)).length).toBe(1);
        again.close();
    });

    test("what an answer makes of an act", () => {
        const act = waits(1);
        expect(fate(act, answerTo("act-1"))).toBe("paid");
        expect(fate(act, answerTo("act-1", { face_cents: 500, copay_cents: 700 }))).toBe("differs");
        for (const status of ["used", "expired", "invalid", "stale", "price", "key_reused"]) {
            expect(fate(act, answerTo("act-1", { status }))).toBe("refused");
        }
        for (const status of ["busy", "throttled", "locked_out", "stranger"]) {
            expect(fate(act, answerTo("act-1", { status }))).toBe("stays");
        }
        expect(fate(act, undefined)).toBe("stays");
    });

    test("answers find their acts by the key, in whatever order", () => {
        const acts = [1, 2, 3, 4].map((id) => ({ ...waits(id), id }));
        const answers = [
            answerTo("act-3", { status: "used" }),
            answerTo("act-1"),
            answerTo("act-4", { status: "busy" }),
        ];
        const { changed, gone, fates } = settled(acts, answers);
        expect(gone).toEqual([1]);
        expect(changed.map((act) => `${act.key} ${act.state} ${act.answer.status}`)).toEqual(["act-3 refused used"]);
        expect(fates).toEqual({ "act-1": "paid", "act-2": "stays", "act-3": "refused", "act-4": "stays" });
    });

    test("limits of number and age", () => {
        const now = Date.parse("2026-11-30T10:00:00Z");
        const limits = { most: 2, hours: 24 };
        expect(limitReached([], limits, now)).toBe(null);
        expect(limitReached([waits(1)], limits, now)).toBe(null);
        expect(limitReached([waits(1)], limits, now + 1000).status).toBe("kept_old");
        expect(limitReached([waits(1), waits(2)], limits, now).status).toBe("kept_full");
    });
});

describe("sending", () => {
    async function startOffline(answer) {
        const { jwk, open } = await serverKey();
        const store = await openStore();
        const offline = new Offline({ uid: UID, key: jwk, hours: 24, days: 7 }, blankState(), { store });
        Object.assign(offline.state, { reason: null });
        const sent = [];
        patchWithCleanup(rpc, {
            _rpc: async (_url, { acts }) => {
                sent.push(acts.map((act) => act.client_key));
                return answer(acts);
            },
        });
        return { offline, store, sent, open };
    }

    test("in order, fifty in a request, each once", async () => {
        const { offline, store, sent } = await startOffline((acts) => ({
            answers: acts.map((act) => answerTo(act.client_key)),
        }));
        for (let id = 1; id <= 60; id++) {
            await store.add(waits(id));
        }
        await offline.refresh();
        await Promise.all([offline.attempt(), offline.attempt()]);
        expect(sent.map((keys) => keys.length)).toEqual([50, 10]);
        expect(sent.flat()).toEqual(Array.from({ length: 60 }, (_item, index) => `act-${index + 1}`));
        expect(offline.state.acts).toEqual([]);
    });

    test("busy stays, refused is told, paid goes", async () => {
        const { offline, store } = await startOffline((acts) => ({
            answers: acts.map((act, index) => answerTo(act.client_key, { status: ["busy", "used", "done"][index] })),
        }));
        for (const id of [1, 2, 3]) {
            await store.add(waits(id));
        }
        await offline.refresh();
        await offline.attempt();
        expect(offline.state.acts.map((act) => `${act.key} ${act.state}`)).toEqual(["act-1 waiting", "act-2 refused"]);
        expect(offline.state.acts[0].isSent).toBe(true);
        expect((await offline.undo("act-1")).status).toBe("too_late");
    });

    test("a network that breaks meanwhile loses nothing", async () => {
        const { offline, store } = await startOffline(() => {
            throw new ConnectionLostError();
        });
        await store.add(waits(1));
        await offline.refresh();
        await offline.attempt();
        expect(offline.state.isCut).toBe(true);
        expect(offline.state.acts.map((act) => act.state)).toEqual(["waiting"]);
    });

    test("another person's session sends nothing more", async () => {
        const { offline, store, sent } = await startOffline((acts) => ({
            answers: acts.map((act) => ({ client_key: act.client_key, status: "stranger", message_args: {} })),
        }));
        for (let id = 1; id <= 60; id++) {
            await store.add(waits(id));
        }
        await offline.refresh();
        await offline.attempt();
        expect(sent.length).toBe(1);
        expect(offline.state.trouble).toBe("stranger");
        expect(offline.waiting.length).toBe(60);
    });
});

describe("the desk without network", () => {
    let isCut, sent;

    async function openDesk() {
        const { jwk, open } = await serverKey();
        const name = `aptic_pos.test.desk.${Date.now()}.${++stores}`;
        patchWithCleanup(Store.prototype, {
            async open() {
                this.name = name;
                return super.open();
            },
        });
        after(() => indexedDB.deleteDatabase(name));
        [isCut, sent] = [true, []];
        patchWithCleanup(rpc, {
            async _rpc(url, params) {
                if (!url.startsWith("/my/aptic")) {
                    return super._rpc(...arguments);
                }
                sent.push(url);
                if (isCut) {
                    throw new ConnectionLostError();
                }
                const face_cents = 1000;
                return url.endsWith("/batch")
                    ? { answers: params.acts.map((act) => answerTo(act.client_key)) }
                    : { status: "used", message_args: {}, face_cents };
            },
        });
        const offers = [{ id: 1, name: "Impôts", level: "Maîtriser", price_cents: 1200, audience_ids: [] }];
        const places = [{ id: 5, name: "Fablab", town: "Bordeaux", provider: "Fablab", provider_id: 3, offers }];
        const desk = { places, audiences: [{ id: 7, name: "Tout public" }] };
        await mountWithCleanup(Scan, {
            props: { desk: { ...desk, offline: { uid: UID, key: jwk, hours: 24, days: 7 } } },
        });
        await settle();
        return { name, open };
    }

    async function settle() {
        for (let frame = 0; frame < 12; frame++) {
            await animationFrame();
        }
    }

    async function type(keys) {
        for (const key of [...keys, "Enter"]) {
            await press(key);
        }
        await settle();
    }

    const stage = () => document.querySelector(".o_aptic_scan").dataset.stage;

    async function keep(code) {
        await type(code);
        for (const number of ["1", "1"]) {
            await press(number);
            await advanceTime(500);
            await settle();
        }
        await press("Enter");
        await settle();
    }

    test("a scan is kept, sealed, and said not to be guaranteed", async () => {
        const { name, open } = await openDesk();
        await type(CODE);
        expect(stage()).toBe("service");
        expect(".o_aptic_cut").toHaveCount(1);
        expect(".o_unchecked").toHaveCount(1);
        await press("Escape");
        await keep(CODE);
        expect(stage()).toBe("kept");
        expect(".o_collect").toHaveAttribute("data-cents", "200");
        expect(".o_aptic_badge strong").toHaveText("1");
        const store = new Store(name);
        store.name = name;
        await store.open();
        const [act] = await store.of(UID);
        store.close();
        expect((await open(act.sealed)).codes).toEqual([CODE]);
        expect(JSON.stringify({ ...act, sealed: "" }).includes(CODE.slice(10))).toBe(false);
        expect([act.service, act.face, act.copay, act.serials]).toEqual(["Impôts", 1000, 200, [1]]);
    });

    test("the same voucher is not taken twice", async () => {
        await openDesk();
        await keep(CODE);
        await type(CODE);
        expect(".o_aptic_problem").toHaveAttribute("data-status", "kept_already");
        expect(stage()).toBe("voucher");
    });

    test("a scan that was never sent is taken back", async () => {
        await openDesk();
        await type(OTHER);
        await press("Escape");
        await keep(CODE);
        await contains(".o_aptic_badge").click();
        await contains(".o_aptic_waiting li button").click();
        await settle();
        expect(".o_aptic_badge").toHaveCount(0);
        await type(CODE);
        expect(stage()).toBe("service");
    });

    test("digits that cannot be right are refused without network too", async () => {
        await openDesk();
        await type("1".repeat(24));
        expect(".o_aptic_problem").toHaveAttribute("data-status", "unknown");
        expect(queryAllTexts(".o_aptic_problem .o_title").length).toBe(1);
    });
});
