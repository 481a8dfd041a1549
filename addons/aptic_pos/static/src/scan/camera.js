import { Component, onMounted, onWillStart, useRef, useState } from "@odoo/owl";
import { BarcodeVideoScanner } from "@web/core/barcode/barcode_video_scanner";
import { browser } from "@web/core/browser/browser";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { isWellFormed, normalise } from "./codes";
import { newDetector } from "./pictures";

/** Odoo's scanner, for the vouchers' kind of bar code alone. */
class VoucherVideo extends BarcodeVideoScanner {
    setup() {
        super.setup();
        let detector;
        onWillStart(async () => {
            detector = await newDetector();
        });
        onMounted(() => {
            this.detector = detector;
        });
    }
}

/** The camera as a scanner, with its light where it has one; closes with the first voucher. */
export class Camera extends Component {
    static template = "aptic_pos.Camera";
    static components = { Dialog, VoucherVideo };
    static props = { close: Function, onCode: Function };

    setup() {
        this.root = useRef("root");
        this.track = null;
        this.state = useState({ error: "", hint: "", hasTorch: false, isLit: false });
    }

    onReady() {
        const stream = this.root.el.querySelector("video").srcObject;
        [this.track] = stream.getVideoTracks();
        this.state.hasTorch = Boolean(this.track?.getCapabilities?.().torch);
    }

    async toggleTorch() {
        try {
            await this.track.applyConstraints({ advanced: [{ torch: !this.state.isLit }] });
            this.state.isLit = !this.state.isLit;
        } catch {
            this.state.hasTorch = false;
        }
    }

    onResult(text) {
        const code = normalise(text);
        if (!isWellFormed(code)) {
            this.state.hint = String(_t("This bar code is not a voucher's."));
            return;
        }
        browser.navigator.vibrate?.(100);
        this.props.close();
        this.props.onCode(code);
    }

    onError(error) {
        this.state.error = error.message;
    }
}
