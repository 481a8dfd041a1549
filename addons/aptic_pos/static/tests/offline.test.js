import { after, describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts } from "@odoo/hoot-dom";
import { reactive } from "@odoo/owl";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import { contains, mountWithCleanup, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { browser } from "@web/core/browser/browser";
import { ConnectionLostError, rpc } from "@web/core/network/rpc";
import { blankState } from "@aptic_pos/scan/offline/kept";
import { Offline } from "@aptic_pos/scan/offline/offline";
import { Store } from "@aptic_pos/scan/offline/store";
import { Waiting } from "@aptic_pos/scan/offline/waiting";
import { refusal } from "@aptic_pos/scan/refusals";
import { Scan } from "@aptic_pos/scan/scan";
import { CODE, OTHER } from "./desk_helpers";
import { answerTo, openStore, serverKey, storeName, UID, useRealCryptography, waits } from "./offline_helpers";

defineMailModels();
useRealCryptography();

describe("sending", () => {
    async function startOffline(answer) {
        const { jwk, open } = await serverKey();
        const store = await openStore();
        const offline = new Offline({ uid: UID, key: jwk, hours: 24, days: 7 }, blankState(), { store });
        Object.assign(offline.state, { reason: null });
        const sent = [];
        patchWithCleanup(rpc, {
            async _rpc(url, { acts }) {
                if (!url.endsWith("/batch")) {
                    return super._rpc(...arguments);
                }
                sent.push(acts.map((act) => act.client_key));
                return answer(acts);
            },
        });
        return { offline, store, sent, open };
    }

    /** Acts that wait, as the screen knows them. */
    async function keepActs(offline, count) {
        for (let id = 1; id <= count; id++) {
            await offline.store.add(waits(id));
        }
        await offline.refresh();
    }

    const paid = (acts) => ({ answers: acts.map((act) => answerTo(act.client_key)) });

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

    test("an act that the server cannot take stands in nobody's way", async () => {
        patchWithCleanup(browser, { fetch: async () => Response.json({ status: "pass" }) });
        const { offline, sent } = await startOffline((acts) => {
            if (acts.some((act) => act.client_key === "act-7")) {
                throw new Error("500");
            }
            return paid(acts);
        });
        await keepActs(offline, 60);
        await offline.attempt();
        expect(offline.state.acts.map((act) => `${act.key} ${act.state}`)).toEqual(["act-7 waiting"]);
        expect(offline.state.trouble).toBe("server");
        expect(sent.length).toBeLessThan(20);
        offline.restUntil = 0;
        await offline.store.add(waits(61));
        await offline.refresh();
        await offline.attempt();
        expect(offline.waiting.map((act) => act.key)).toEqual(["act-7"]);
    });

    test("a server that fails at everything is left alone after a few requests", async () => {
        const { offline, sent } = await startOffline(() => {
            throw new Error("500");
        });
        await keepActs(offline, 60);
        await offline.attempt();
        expect(sent.length).toBeLessThan(10);
        expect(offline.waiting.length).toBe(60);
        expect(offline.state.trouble).toBe("server");
        await offline.attempt();
        expect(sent.length).toBeLessThan(10);
    });

    for (const status of ["throttled", "locked_out"]) {
        test(`${status}: nothing more is sent, and the person is told`, async () => {
            const { offline, sent } = await startOffline((acts) => ({
                answers: acts.map((act) => answerTo(act.client_key, { status })),
            }));
            await keepActs(offline, 60);
            await offline.attempt();
            expect(sent.length).toBe(1);
            expect(offline.waiting.length).toBe(60);
            await mountWithCleanup(Waiting, { props: { offline } });
            expect(".o_trouble").toHaveAttribute("data-status", status);
            expect(".o_trouble strong").toHaveText(refusal(status).title);
        });
    }

    test("a store that fails is told, nothing is forgotten, and it goes on when it works again", async () => {
        const { offline, store, sent } = await startOffline(paid);
        await keepActs(offline, 2);
        const { of } = store;
        store.of = async () => {
            throw new DOMException("gone", "UnknownError");
        };
        await offline.attempt();
        expect(offline.state.reason).toBe("storage");
        expect(offline.state.acts.length).toBe(2);
        expect((await offline.undo("act-1")).status).toBe("storage");
        await offline.attempt();
        expect(sent).toEqual([]);
        Object.assign(store, { of });
        offline.restUntil = 0;
        await offline.attempt();
        expect(offline.state.reason).toBe(null);
        expect(offline.state.trouble).toBe(null);
        expect(sent).toEqual([["act-1", "act-2"]]);
        expect(offline.state.acts).toEqual([]);
    });

    test("scans that somebody has cleared away are told, until it is known what became of them", async () => {
        const { offline, store } = await startOffline(paid);
        offline.state = reactive(offline.state);
        await keepActs(offline, 2);
        await new Promise((resolve) => (indexedDB.deleteDatabase(store.name).onsuccess = resolve));
        await offline.refresh();
        expect(offline.state.lost.map((act) => act.key)).toEqual(["act-1", "act-2"]);
        await mountWithCleanup(Waiting, { props: { offline } });
        expect(".o_aptic_lost li").toHaveCount(2);
        await offline.hear({ fates: { "act-1": "paid" } });
        await animationFrame();
        expect(".o_aptic_lost li").toHaveCount(1);
    });

    test("what one tab hears, the others show", async () => {
        const { offline, store } = await startOffline(paid);
        const other = new Offline(offline.desk, blankState(), { store: new Store(store.name) });
        await other.store.open();
        after(() => other.store.close());
        other.state.reason = null;
        const heard = [];
        offline.channel = { postMessage: (message) => heard.push(other.hear(message)), close() {} };
        await keepActs(offline, 2);
        await other.refresh();
        expect((await offline.undo("act-1")).status).toBe("undone");
        await offline.attempt();
        await Promise.all(heard);
        expect(other.state.fates).toEqual({ "act-1": "undone", "act-2": "paid" });
        expect(other.state.acts).toEqual([]);
        expect(other.state.lost).toEqual([]);
    });

    test("an act that was refused is sent again by hand, unless its voucher waits in another", async () => {
        const statuses = ["used", "used", "done"];
        const { offline, store } = await startOffline((acts) => ({
            answers: acts.map((act) => answerTo(act.client_key, { status: statuses.shift() })),
        }));
        await keepActs(offline, 2);
        await offline.attempt();
        await store.add(waits(1, { key: "again" }));
        await offline.refresh();
        const [first, second] = offline.state.acts;
        await offline.sendAgain(first.id);
        expect(offline.state.trouble).toBe("kept_already");
        expect(offline.state.acts.map((act) => act.state)).toEqual(["refused", "refused", "waiting"]);
        await offline.acknowledge(second.id);
        expect(offline.state.acts.map((act) => act.key)).toEqual(["act-1", "again"]);
        const [, waiting] = offline.state.acts;
        await offline.acknowledge(waiting.id);
        expect(offline.state.acts.length).toBe(2);
    });

    test("the machine's clock, set back, does not stop the sending", async () => {
        let isBusy = true;
        const { offline } = await startOffline((acts) =>
            isBusy ? { answers: acts.map((act) => answerTo(act.client_key, { status: "busy" })) } : paid(acts)
        );
        await keepActs(offline, 1);
        await offline.attempt();
        isBusy = false;
        const later = performance.now() + 31_000;
        patchWithCleanup(performance, { now: () => later });
        mockDate("2001-01-01 00:00:00");
        await offline.attempt();
        expect(offline.state.acts).toEqual([]);
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
        const name = storeName();
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

    test("a scan that is taken back in the list is no longer on the screen as kept", async () => {
        await openDesk();
        await keep(CODE);
        await contains(".o_aptic_badge").click();
        await contains(".o_aptic_waiting li button").click();
        await settle();
        expect(stage()).toBe("kept");
        expect(".o_aptic_kept h1").toHaveText("Scan taken back");
        expect(".o_aptic_kept .o_collect").toHaveText(/give back/);
        expect(".o_aptic_recent li").toHaveText(/taken back/);
        expect(".o_aptic_undo").toHaveCount(0);
    });

    test("a machine that can keep nothing says so, and Enter tries again", async () => {
        await openDesk();
        patchWithCleanup(Store.prototype, {
            async add() {
                throw new DOMException("full", "QuotaExceededError");
            },
        });
        await keep(CODE);
        expect(stage()).toBe("confirm");
        expect(".o_aptic_problem").toHaveAttribute("data-status", "storage");
        const before = sent.length;
        await press("Enter");
        await settle();
        expect(sent.slice(before)).toEqual(["/my/aptic/scan/redeem"]);
    });

    test("a store that breaks does not stop the desk", async () => {
        await openDesk();
        isCut = false;
        patchWithCleanup(Store.prototype, {
            async holds() {
                throw new DOMException("gone", "UnknownError");
            },
        });
        await type(CODE);
        expect(".o_aptic_problem").toHaveAttribute("data-status", "network");
        expect(".o_aptic_unable").toHaveCount(1);
        await type(OTHER);
        expect(".o_aptic_problem").toHaveAttribute("data-status", "used");
    });

    test("digits that cannot be right are refused without network too", async () => {
        await openDesk();
        await type("1".repeat(24));
        expect(".o_aptic_problem").toHaveAttribute("data-status", "unknown");
        expect(queryAllTexts(".o_aptic_problem .o_title").length).toBe(1);
    });
});
