import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";
import { normalise } from "../scan/codes";

const ENTER_MS = 800; // a scanner that sends Enter does so at once

/** Says whether a scanner reads the test bar code of its instructions as the scan page wants it. */
export class ScannerTest extends Interaction {
    static selector = ".o_aptic_scanner_test";
    dynamicContent = {
        input: { "t-on-keydown": this.onKeydown, "t-on-input": this.debounced(this.onPause, ENTER_MS) },
    };

    verdict(entered) {
        const { value } = this.el.querySelector("input");
        const { code } = this.el.dataset;
        if (normalise(value) !== code) {
            return value ? "wrong" : "";
        }
        if (!entered) {
            return "no_enter";
        }
        return value.trim() === code ? "good" : "layout";
    }

    show(verdict) {
        for (const answer of this.el.querySelectorAll("[data-verdict]")) {
            answer.classList.toggle("d-none", answer.dataset.verdict !== verdict);
        }
    }

    onKeydown(ev) {
        if (ev.key !== "Enter") {
            this.done = null;
            return;
        }
        ev.preventDefault();
        this.show(this.verdict(true));
        this.done = ev.target.value;
        ev.target.select();
    }

    onPause() {
        if (this.el.querySelector("input").value !== this.done) {
            this.show(this.verdict(false));
        }
    }
}

registry.category("public.interactions").add("aptic_pos.scanner_test", ScannerTest);
