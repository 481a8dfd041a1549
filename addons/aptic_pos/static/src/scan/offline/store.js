// What waits on this machine, in IndexedDB. Odoo's own `@web/core/utils/indexed_db` is a cache: it forgets everything when its
// version changes, does not wait for the disk and cannot list; what is kept here is money.

const NAME = "aptic_pos.offline";
const VERSION = 1;
const ACTS = "acts";

/** One of the act's vouchers waits here already. */
export class AlreadyKept extends Error {}

/**
 * The acts that wait, in the order they were made.
 *
 * An act: `{id, uid, key, sealed, at, service, price, face, copay, serials, state, answer, isSent}`; `state` is `waiting`,
 * `refused` or `differs` (paid, but not as the desk said). Only `sealed` holds codes.
 */
export class Store {
    /** @param {string} [name] of the database */
    constructor(name = NAME) {
        this.name = name;
        this.database = null;
    }

    /** Open it; rejected when the browser has no place for it. */
    async open() {
        const request = indexedDB.open(this.name, VERSION);
        request.onupgradeneeded = () => {
            const acts = request.result.createObjectStore(ACTS, { keyPath: "id", autoIncrement: true });
            acts.createIndex("uid", "uid");
            acts.createIndex("key", "key", { unique: true });
            acts.createIndex("serials", "serials", { multiEntry: true, unique: true });
        };
        this.database = await result(request);
        // Another tab may bring a newer version: it must not wait for this one.
        this.database.onversionchange = () => this.database.close();
    }

    /**
     * Keep an act. Once this is resolved it is on the disk.
     *
     * @param {Object} act without `id`
     * @throws {AlreadyKept}
     */
    async add(act) {
        try {
            await this.write((acts) => acts.add(act));
        } catch (error) {
            throw error?.name === "ConstraintError" ? new AlreadyKept() : error;
        }
    }

    /** All acts of a user, in order. */
    async of(uid) {
        return result(this.read().index("uid").getAll(uid));
    }

    /** How many acts of other users wait here. */
    async countOthers(uid) {
        const [all, own] = await Promise.all([
            result(this.read().count()),
            result(this.read().index("uid").count(uid)),
        ]);
        return all - own;
    }

    /** Whether a voucher waits here, whoever scanned it. */
    async holds(serial) {
        return Boolean(await result(this.read().index("serials").count(serial)));
    }

    /**
     * Write what became of acts, all at once.
     *
     * @param {Object[]} changed acts with their `id`
     * @param {number[]} [gone] ids that need not be kept any longer
     */
    async settle(changed, gone = []) {
        await this.write((acts) => {
            changed.forEach((act) => acts.put(act));
            gone.forEach((id) => acts.delete(id));
        });
    }

    read() {
        return this.database.transaction(ACTS, "readonly").objectStore(ACTS);
    }

    write(change) {
        const transaction = this.database.transaction(ACTS, "readwrite", { durability: "strict" });
        return new Promise((resolve, reject) => {
            transaction.oncomplete = () => resolve();
            transaction.onabort = () => reject(transaction.error);
            change(transaction.objectStore(ACTS));
        });
    }

    close() {
        this.database?.close();
    }
}

function result(request) {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}
