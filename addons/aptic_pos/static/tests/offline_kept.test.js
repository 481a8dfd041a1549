import { after, describe, expect, test } from "@odoo/hoot";
import { fate, limitReached, settled } from "@aptic_pos/scan/offline/sending";
import { seal } from "@aptic_pos/scan/offline/seal";
import { AlreadyKept, Store } from "@aptic_pos/scan/offline/store";
import { CODE } from "./desk_helpers";
import {
    answerTo,
    decode,
    encode,
    openStore,
    serverKey,
    storeName,
    UID,
    useRealCryptography,
    waits,
} from "./offline_helpers";

useRealCryptography();

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

    test("a voucher that was refused can be scanned again, and waits once", async () => {
        const store = await openStore();
        await store.add(waits(3));
        const [first] = await store.of(UID);
        await store.settle([{ ...first, state: "refused", answer: { status: "used" } }]);
        expect(await store.holds(3)).toBe(false);
        await store.add(waits(3, { key: "again" }));
        expect(await store.holds(3)).toBe(true);
        await expect(store.settle([first])).rejects.toThrow(AlreadyKept);
        expect((await store.of(UID)).map((act) => `${act.key} ${act.state}`)).toEqual([
            "act-3 refused",
            "again waiting",
        ]);
    });

    test("what waited in the version before waits on", async () => {
        const name = storeName();
        after(() => indexedDB.deleteDatabase(name));
        await new Promise((resolve) => {
            const request = indexedDB.open(name, 1);
            request.onupgradeneeded = () => {
                const acts = request.result.createObjectStore("acts", { keyPath: "id", autoIncrement: true });
                acts.createIndex("uid", "uid");
                acts.createIndex("key", "key", { unique: true });
                acts.createIndex("serials", "serials", { multiEntry: true, unique: true });
                acts.add(waits(1));
                acts.add(waits(2, { state: "refused" }));
            };
            request.onsuccess = () => resolve(request.result.close());
        });
        const store = new Store(name);
        await store.open();
        after(() => store.close());
        expect((await store.of(UID)).map((act) => act.key)).toEqual(["act-1", "act-2"]);
        expect(await store.holds(1)).toBe(true);
        expect(await store.holds(2)).toBe(false);
    });

    test("a tab that does not let go of an older version is not waited for", async () => {
        const name = storeName();
        const old = await new Promise((resolve) => {
            const request = indexedDB.open(name, 1);
            request.onupgradeneeded = () => request.result.createObjectStore("acts");
            request.onsuccess = () => resolve(request.result);
        });
        const store = new Store(name);
        await expect(store.open()).rejects.toThrow();
        old.close();
        await indexedDB.deleteDatabase(name);
    });

    test("a connection that the browser has closed is opened anew, one that was closed here is not", async () => {
        const store = await openStore();
        await store.add(waits(1));
        (await store.connect()).close();
        await store.add(waits(2));
        expect((await store.of(UID)).length).toBe(2);
        store.close();
        await expect(store.of(UID)).rejects.toThrow();
    });

    test("a write that fails leaves everything as it was", async () => {
        const store = await openStore();
        await store.add(waits(1));
        const [first] = await store.of(UID);
        await expect(store.settle([{ ...first, state: "refused", answer: () => {} }], [])).rejects.toThrow();
        expect((await store.of(UID)).map((act) => act.state)).toEqual(["waiting"]);
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

    test("an act that was done and cancelled since is not paid", () => {
        const act = { ...waits(1), id: 1 };
        const { changed, gone, fates } = settled(
            [act],
            [answerTo("act-1", { message_args: { reason: "cancelled" } })]
        );
        expect(fates).toEqual({ "act-1": "refused" });
        expect(gone).toEqual([]);
        expect(changed[0].answer.status).toBe("cancelled");
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
