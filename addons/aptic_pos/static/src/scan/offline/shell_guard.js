import { user } from "@web/core/user";
import { CACHE } from "./shell";

// On every page: the desk that is kept on this machine is that of who is logged in, or of nobody.

const LOGOUT = "a[href*='/web/session/logout']";

async function forgetOthers() {
    if (await caches.has(CACHE)) {
        const page = await caches.match("/my/aptic/scan", { cacheName: CACHE, ignoreVary: true });
        if (page && page.headers.get("X-Aptic-Desk") !== String(user.userId)) {
            await caches.delete(CACHE);
        }
    }
}

if (window.caches && window.isSecureContext) {
    forgetOthers();
    document.addEventListener(
        "click",
        (ev) => {
            if (ev.target.closest?.(LOGOUT)) {
                caches.delete(CACHE);
            }
        },
        true
    );
}
