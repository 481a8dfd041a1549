import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/**
 * The first screen of staff: what waits for them, since when, and the way to it.
 */
export class Overview extends Component {
    static template = "aptic_base.Overview";
    static components = { Layout };
    static props = { ...standardActionServiceProps };
    static path = "aptic-overview";
    static displayName = _t("Overview");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ queues: [] });
        this.display = { controlPanel: {} };
        onWillStart(() => this.load());
    }

    async load() {
        this.state.queues = await this.orm.call("aptic.queue", "overview", []);
    }

    get waiting() {
        return this.state.queues.filter((queue) => queue.count);
    }

    get empty() {
        return this.state.queues.filter((queue) => !queue.count);
    }

    oldest(queue) {
        if (queue.oldest_days === null) {
            return "";
        }
        if (queue.oldest_days < 1) {
            return _t("The oldest came today.");
        }
        if (queue.oldest_days === 1) {
            return _t("The oldest waits since yesterday.");
        }
        return _t("The oldest waits for %s days.", queue.oldest_days);
    }

    async open(queue) {
        this.action.doAction(await this.orm.call("aptic.queue", "open_queue", [queue.key]));
    }
}

registry.category("actions").add("aptic_base.overview", Overview);
