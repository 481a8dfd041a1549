import { Component, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useOffline } from "./offline";
import { Waiting } from "./waiting";

/** What waits on this machine, on the pages that have no desk: it is shown, and sent from there too. */
export class WaitingAlone extends Component {
    static template = xml`<Waiting offline="offline" isAlone="true"/>`;
    static components = { Waiting };
    static props = { offline: Object };

    setup() {
        this.offline = useOffline(this.props.offline, { keepsPage: false });
    }
}

registry.category("public_components").add("aptic_pos.waiting", WaitingAlone);
