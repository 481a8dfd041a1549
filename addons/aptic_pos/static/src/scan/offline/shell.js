import { browser } from "@web/core/browser/browser";

const PAGE = "/my/aptic/scan";
/** Where the page is kept for a start without network; `desk_worker.js` has the same name. */
export const CACHE = "aptic-desk";

/**
 * Have this page and what it is made of kept, for its next start without network.
 *
 * @param {number} uid whose page it is
 * @param {number} days how long it may be shown without being renewed
 * @returns {Promise<boolean>} whether it is kept now
 */
export async function keepShell(uid, days) {
    const workers = browser.navigator.serviceWorker;
    if (!workers) {
        return false;
    }
    try {
        await workers.register(`${PAGE}/worker.js`, { scope: PAGE });
        const { active } = await workers.ready;
        const resources = performance.getEntriesByType("resource").map((entry) => entry.name);
        return await ask(active, { type: "keep", uid, days, resources });
    } catch {
        return false; // a browser that lets nobody keep anything: the desk works as long as there is a network
    }
}

function ask(worker, message) {
    return new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = (ev) => resolve(Boolean(ev.data));
        worker.postMessage(message, [port2]);
    });
}
