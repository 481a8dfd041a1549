import { useService } from "@web/core/utils/hooks";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
import { refusal } from "../scan/refusals";

const IDS = ["provider_id", "member_id", "place_id", "offer_id", "audience_id"];
const PLAIN = ["codes", "reason", "client_key", "price_cents"];

/** The form is sent, never saved: the codes that it holds are money. */
export class RedemptionPhoneController extends FormController {
    setup() {
        super.setup();
        this.action = useService("action");
    }

    beforeLeave() {}
    beforeUnload() {}
    beforeVisibilityChange() {}

    async beforeExecuteActionButton(clickParams) {
        if (clickParams.name !== "action_redeem") {
            return super.beforeExecuteActionButton(clickParams);
        }
        const record = this.model.root;
        if (await record.checkValidity({ displayNotification: true })) {
            await this.redeem(record);
        }
        return false;
    }

    async redeem(record) {
        const values = Object.fromEntries([
            ...IDS.map((name) => [name, record.data[name]?.id]),
            ...PLAIN.map((name) => [name, record.data[name]]),
        ]);
        const answer = await this.orm.call("aptic.redemption.phone", "redeem", [values]);
        if (answer.status === "done") {
            await this.action.doAction(answer.action);
            return;
        }
        const { title, advice } = refusal(answer.status, answer.message_args);
        await record.update({ refusal: `${title} ${advice}` });
    }
}

registry.category("views").add("aptic_redemption_phone", { ...formView, Controller: RedemptionPhoneController });
