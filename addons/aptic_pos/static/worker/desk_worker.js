// The service worker of the desk, and of the desk alone: it keeps the page of one user and what the page is made of, so that it
// opens without network. A new version is kept as a whole before the old one goes. Nothing else is kept: no answer, no other page.

const PAGE = "/my/aptic/scan";
const CACHE = "aptic-desk";
const PATIENCE_MS = 5000;
const OWNER = "X-Aptic-Desk";
const UNTIL = "X-Aptic-Until";
// Named by what they hold: the same address is the same file for ever.
const VERSIONED = /^\/web\/assets\//;
const PARTS = /^\/(web\/(assets|static|image|binary|content)\/|website\/translations$|logo|[a-z_]+\/static\/)/;
const TRANSLATIONS = "/website/translations";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
    if (event.data?.type === "keep") {
        const kept = keep(event.data).catch(() => false);
        event.waitUntil(kept.then((isKept) => event.ports[0]?.postMessage(isKept)));
    }
});

self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== self.location.origin) {
        return;
    }
    if (request.mode === "navigate") {
        if (url.pathname === PAGE) {
            event.respondWith(page(request));
        }
    } else if (PARTS.test(url.pathname)) {
        event.respondWith(part(request, url));
    }
});

/** The desk's page: the server's, or the kept one when the server does not answer. */
async function page(request) {
    const kept = await readPage();
    const answered = fetch(request);
    try {
        const response = await (kept ? Promise.race([answered, late()]) : answered);
        if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) {
            await caches.delete(CACHE); // logged out, or no mediator any more
        } else if (!response.ok && kept) {
            return kept; // a server that is being renewed, or what stands before it: not our page
        }
        return response;
    } catch (error) {
        answered.catch(() => {});
        if (kept) {
            return kept;
        }
        throw error;
    }
}

/** A part of the page. */
async function part(request, url) {
    const isTerms = url.pathname === TRANSLATIONS;
    const find = () => caches.match(request, { cacheName: CACHE, ignoreVary: true, ignoreSearch: isTerms });
    const kept = VERSIONED.test(url.pathname) && (await find());
    if (kept) {
        return kept;
    }
    try {
        return await fetch(request);
    } catch (error) {
        const other = await find();
        if (other) {
            return other;
        }
        throw error;
    }
}

/** Keep the page of a user and all its parts, then forget what it is not made of. */
async function keep({ uid, days, resources }) {
    const response = await fetch(PAGE, { credentials: "same-origin", cache: "no-store" });
    if (response.redirected || response.status === 401 || response.status === 403) {
        await caches.delete(CACHE);
        return false;
    }
    if (!response.ok || response.headers.get(OWNER) !== String(uid)) {
        return false;
    }
    const html = await response.text();
    const lang = /<html[^>]* lang="([^"]+)"/.exec(html)?.[1].replace("-", "_");
    const named = [...html.matchAll(/(?:src|href)="(\/[^"#]+)"/g)].map((match) => match[1].replaceAll("&amp;", "&"));
    const loaded = resources.filter((name) => new URL(name).pathname !== TRANSLATIONS);
    const addresses = [...named, ...loaded].map((name) => new URL(name, self.location.origin));
    const parts = addresses.filter((url) => url.origin === self.location.origin && PARTS.test(url.pathname));
    parts.push(new URL(`${TRANSLATIONS}?lang=${lang}`, self.location.origin));
    const wanted = new Set(parts.map((url) => url.href));
    const cache = await caches.open(CACHE);
    await Promise.all([...wanted].map((href) => keepPart(cache, href)));
    const until = Date.now() + days * 86_400_000;
    const headers = { "Content-Type": "text/html; charset=utf-8", [OWNER]: uid, [UNTIL]: until };
    await cache.put(PAGE, new Response(html, { headers }));
    wanted.add(new URL(PAGE, self.location.origin).href);
    const old = (await cache.keys()).filter((request) => !wanted.has(request.url));
    await Promise.all(old.map((request) => cache.delete(request)));
    return true;
}

/** Fetch a part, unless it is there and cannot change. A page without its scripts is worse than the page of before. */
async function keepPart(cache, href) {
    const isVersioned = VERSIONED.test(new URL(href).pathname);
    if (isVersioned && (await cache.match(href, { ignoreVary: true }))) {
        return;
    }
    const response = await fetch(href, { credentials: "same-origin" });
    if (response.ok) {
        await cache.put(href, response);
    } else if (isVersioned) {
        throw new Error(`${href}: ${response.status}`);
    }
}

async function readPage() {
    const kept = await caches.match(PAGE, { cacheName: CACHE, ignoreVary: true });
    return kept && Date.now() < Number(kept.headers.get(UNTIL)) ? kept : null;
}

function late() {
    return new Promise((_resolve, reject) => setTimeout(() => reject(new TypeError("late")), PATIENCE_MS));
}
