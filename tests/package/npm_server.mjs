// What a server does with the npm package: imports its modules, and renders the components.

import { load } from "embark-signup";
import { EmbarkSignup } from "embark-signup/react";
import { EmbarkPlugin } from "embark-signup/vue";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { createSSRApp, h, resolveComponent } from "vue";
import { renderToString as renderVue } from "vue/server-renderer";

const edge = "https://signup.partner.example";
const properties = { site: "acme", configId: "1", prefill: { email: "a@shop.example" } };
const app = createSSRApp({ render: () => h(resolveComponent("EmbarkSignup"), properties, () => "Connect") });
app.use(EmbarkPlugin, { edge });
console.log(
  JSON.stringify({
    loaded: load({ edge }) ?? null,
    react: renderToString(createElement(EmbarkSignup, { ...properties, edge, onConnected: () => {} }, "Connect")),
    vue: await renderVue(app),
  }),
);
