// What waits on this machine, in IndexedDB. Odoo's own `@web/core/utils/indexed_db` is a cache: it forgets everything when its
// version changes, does not wait for the disk and cannot list; what is kept here is money.

const NAME = "aptic_pos.offline";
const VERSION = 2;
const ACTS = "acts";

/** One of the act's vouchers waits here already. */
export class AlreadyKept extends Error {}

/**
 * The acts that wait, in the order they were made.
 *
 * An act: `{id, uid, key, sealed, at, service, price, face, copay, serials, state, answer, isSent}`; `state` is `waiting`,
 * `refused` or `differs` (paid, but not as the desk said). Only `sealed` holds codes. Beside them each row has `held`: the
 * serials as long as it waits, none afterwards, so that no voucher waits twice and one that was refused can be scanned again.
 */
export class Store {
    /** @param {string} [name] of the database */
    constructor(name = NAME) {
        this.name = name;
        this.isOpen = false; // from `open` to `close`
        this.connection = null; // the promise of the database; none after the browser has closed it
    }

    /** Open it; rejected when the browser has no place for it. */
    async open() {
        this.isOpen = true;
        await this.connect();
    }

    /** The database; opened anew when the browser has closed it (storage cleared, a crash of its service). */
    connect() {
        if (!this.isOpen) {
            throw new DOMException("the store is closed", "InvalidStateError");
        }
        if (!this.connection) {
            const connection = openDatabase(this.name, (database) => this.forget(connection, database));
            this.connection = connection;
            connection.catch(() => this.forget(connection));
        }
        return this.connection;
    }

    forget(connection, database) {
        database?.close();
        if (this.connection === connection) {
            this.connection = null;
        }
    }

    /**
     * Keep an act. Once this is resolved it is on the disk.
     *
     * @param {Object} act without `id`
     * @throws {AlreadyKept}
     */
    async add(act) {
        await this.write((acts) => acts.add(row(act)));
    }

    /** All acts of a user, in order. */
    async of(uid) {
        const rows = await this.read((acts) => acts.index("uid").getAll(uid));
        return rows.map(({ held, ...act }) => act); // eslint-disable-line no-unused-vars
    }

    /** How many acts of other users wait here. */
    async countOthers(uid) {
        const all = await this.read((acts) => acts.count());
        return all - (await this.read((acts) => acts.index("uid").count(uid)));
    }

    /** Whether a voucher waits here, whoever scanned it. */
    async holds(serial) {
        return Boolean(await this.read((acts) => acts.index("held").count(serial)));
    }

    /**
     * Write what became of acts, all at once.
     *
     * @param {Object[]} changed acts with their `id`
     * @param {number[]} [gone] ids that need not be kept any longer
     * @throws {AlreadyKept} when one waits again and another act waits with its voucher
     */
    async settle(changed, gone = []) {
        await this.write((acts) => {
            gone.forEach((id) => acts.delete(id));
            changed.forEach((act) => acts.put(row(act)));
        });
    }

    async read(ask) {
        return result(ask((await this.transaction("readonly")).objectStore(ACTS)));
    }

    async write(change) {
        const transaction = await this.transaction("readwrite", { durability: "strict" });
        await new Promise((resolve, reject) => {
            transaction.oncomplete = () => resolve();
            transaction.onabort = () => reject(reasonOf(transaction.error));
            try {
                change(transaction.objectStore(ACTS));
            } catch (error) {
                transaction.abort();
                reject(error);
            }
        });
    }

    /** A transaction; on a new connection when the one at hand has been closed under it. */
    async transaction(mode, options) {
        for (let isLast = false; ; isLast = true) {
            const connection = this.connect();
            const database = await connection;
            try {
                return database.transaction(ACTS, mode, options);
            } catch (error) {
                this.forget(connection, database);
                if (isLast) {
                    throw error;
                }
            }
        }
    }

    close() {
        this.isOpen = false;
        const { connection } = this;
        connection?.then((database) => this.forget(connection, database)).catch(() => {});
    }
}

/** An act as it stands in the database. */
function row(act) {
    return { ...act, held: act.state === "waiting" ? act.serials : [] };
}

function reasonOf(error) {
    return error?.name === "ConstraintError" ? new AlreadyKept() : error || new DOMException("aborted", "AbortError");
}

/**
 * Open a database and bring it to this version.
 *
 * @param {string} name
 * @param {(database: IDBDatabase) => void} onLost when the browser has closed it, or another tab brings a newer version
 */
function openDatabase(name, onLost) {
    return new Promise((resolve, reject) => {
        const request = indexedDB.open(name, VERSION);
        let isGivenUp = false;
        request.onupgradeneeded = ({ oldVersion }) => upgrade(request, oldVersion);
        request.onerror = () => reject(request.error);
        // A tab that does not let go of the older version: nobody can say how long that takes, so do not wait.
        request.onblocked = () => {
            isGivenUp = true;
            reject(new DOMException("another tab is in the way", "AbortError"));
        };
        request.onsuccess = () => {
            const database = request.result;
            if (isGivenUp) {
                return database.close();
            }
            database.onclose = database.onversionchange = () => onLost(database);
            resolve(database);
        };
    });
}

function upgrade({ result: database, transaction }, oldVersion) {
    if (oldVersion < 1) {
        const acts = database.createObjectStore(ACTS, { keyPath: "id", autoIncrement: true });
        acts.createIndex("uid", "uid");
        acts.createIndex("key", "key", { unique: true });
    }
    if (oldVersion < 2) {
        const acts = transaction.objectStore(ACTS);
        if (acts.indexNames.contains("serials")) {
            acts.deleteIndex("serials"); // it counted refused acts too
        }
        acts.openCursor().onsuccess = ({ target: { result: cursor } }) => {
            if (cursor) {
                cursor.update(row(cursor.value));
                cursor.continue();
            } else {
                acts.createIndex("held", "held", { multiEntry: true, unique: true });
            }
        };
    }
}

function result(request) {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}
