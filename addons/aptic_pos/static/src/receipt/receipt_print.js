import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** Opens the printing window once for a copy that was just handed out. */
export class ReceiptPrint extends Interaction {
    static selector = ".o_aptic_receipt_page[data-print]";

    start() {
        const key = `aptic_receipt_${new URL(window.location).searchParams.get("copy")}`;
        if (!window.sessionStorage.getItem(key)) {
            window.sessionStorage.setItem(key, "1");
            this.waitForTimeout(() => window.print(), 300);
        }
    }
}

registry.category("public.interactions").add("aptic_pos.receipt_print", ReceiptPrint);
