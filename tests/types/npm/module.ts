// The main module of the npm package, as an application with TypeScript uses it.

import { load } from "embark-signup";
import type { EmbarkEvents, EmbarkListener, EmbarkOptions } from "embark-signup";

const embark = load({ edge: "https://signup.partner.example" });
embark?.on("connected", ({ waba_id }, event) => console.log(waba_id satisfies string | undefined, event.target));
embark?.launch("acme");
document.createElement("embark-signup").addEventListener("embark:failed", ({ detail }) => detail.code satisfies string);

const listener: EmbarkListener<"progress"> = ({ steps }) => steps.length;
const details: Partial<EmbarkEvents> = {};
const options: EmbarkOptions = { site: "acme", configId: "1", sessionInfoVersion: "3", radius: 12, prefill: { email: "a@shop.example" } };
console.log(listener, details, options);

// @ts-expect-error On a server there is none.
load({ edge: "https://signup.partner.example" }).on("ready", () => {});
// @ts-expect-error The address is required.
load({});
// @ts-expect-error An unknown mode.
const unknownMode: EmbarkOptions = { site: "acme", mode: "popup" };
// @ts-expect-error Attributes are written as properties.
const attribute: EmbarkOptions = { site: "acme", "config-id": "1" };
console.log(unknownMode, attribute);
