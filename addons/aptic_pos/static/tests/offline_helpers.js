import { after, beforeEach } from "@odoo/hoot";
import { patchWithCleanup } from "@web/../tests/web_test_helpers";
import { Store } from "@aptic_pos/scan/offline/store";

// What the tests of the desk without network share: the server's key, a store of their own, acts and answers.

export const UID = 7;
export const CURVE = { name: "ECDH", namedCurve: "P-256" };

/** Hoot replaces the browser's cryptography; a frame of its own has the real one. */
export function useRealCryptography() {
    beforeEach(() => {
        const frame = document.createElement("iframe");
        document.body.append(frame);
        after(() => frame.remove());
        patchWithCleanup(crypto, { subtle: frame.contentWindow.crypto.subtle });
    });
}

export function decode(text) {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

export const encode = (bytes) =>
    btoa(String.fromCharCode(...bytes))
        .replaceAll("+", "-")
        .replaceAll("/", "_")
        .replaceAll("=", "");

/** The server's key pair; `open` reads what was sealed to it, written by the RFC and not by `seal.js`. */
export async function serverKey() {
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

/** A name that no other test has. */
export function storeName() {
    return `aptic_pos.test.${Date.now()}.${++stores}`;
}

export async function openStore() {
    const store = new Store(storeName());
    await store.open();
    after(() => {
        store.close();
        indexedDB.deleteDatabase(store.name);
    });
    return store;
}

export function waits(id, change = {}) {
    const key = `act-${id}`;
    return { uid: UID, key, sealed: "x", at: "2026-11-29T10:00:00Z", service: "Impôts", price: 1200, face: 1000,
        copay: 200, serials: [id], state: "waiting", answer: null, isSent: false, ...change }; // prettier-ignore
}

export const answerTo = (key, change = {}) => ({
    client_key: key, status: "done", face_cents: 1000, copay_cents: 200, message_args: {}, ...change,
}); // prettier-ignore
