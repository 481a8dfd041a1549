import { Component, onMounted, onWillUnmount, xml } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const SECONDS = 3;

/** Looks at the record again every few seconds, for what is made in the background, as long as it is on the screen. */
export class Reload extends Component {
    static template = xml`<span class="d-none"/>`;
    static props = { ...standardWidgetProps };

    setup() {
        onMounted(() => {
            this.timer = setInterval(() => this.look(), SECONDS * 1000);
        });
        onWillUnmount(() => clearInterval(this.timer));
    }

    async look() {
        const { record } = this.props;
        if (this.looking || document.hidden || (await record.isDirty())) {
            return;
        }
        this.looking = true;
        try {
            await record.load();
        } catch {
            // The network is away: the next look tries again.
        } finally {
            this.looking = false;
        }
    }
}

registry.category("view_widgets").add("aptic_reload", { component: Reload });
