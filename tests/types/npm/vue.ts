// The component and the plugin for Vue.

import { EmbarkPlugin, EmbarkSignup } from "embark-signup/vue";
import type { EmbarkSignupProps } from "embark-signup/vue";
import { createApp, defineComponent, h } from "vue";

const properties: EmbarkSignupProps = { site: "acme", edge: "https://signup.partner.example", theme: "dark" };

const Settings = defineComponent({
  components: { EmbarkSignup },
  render: () => [
    h(EmbarkSignup, { ...properties, onConnected: ({ waba_id }) => waba_id satisfies string | undefined }),
    h(EmbarkSignup, { site: "acme", class: "connect", onNeedsinput: ({ kind }, event) => console.log(kind, event.target) }),
    // @ts-expect-error An unknown size.
    h(EmbarkSignup, { site: "acme", size: "huge" }),
  ],
});

createApp(Settings).use(EmbarkPlugin, { edge: "https://signup.partner.example" });
// @ts-expect-error The address is required.
createApp(Settings).use(EmbarkPlugin, {});
// @ts-expect-error The site is required.
const noSite: EmbarkSignupProps = { edge: "https://signup.partner.example" };
console.log(noSite);
