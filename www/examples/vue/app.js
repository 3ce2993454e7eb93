// Vue listens to DOM events by name. The compiler option says that the element is not a Vue component.

import { createApp } from "vue";

const app = createApp({
  data: () => ({ shown: true, number: "none" }),
  template: `
    <main>
      <h1>Messages</h1>
      <button id="toggle" @click="shown = !shown">{{ shown ? "Hide" : "Show" }}</button>
      <embark-signup v-if="shown" data-site="acme"
        @embark:connected="number = $event.detail.display_phone_number"></embark-signup>
      <p>Connected number: <output id="number">{{ number }}</output></p>
    </main>`,
});
app.config.compilerOptions.isCustomElement = (tag) => tag === "embark-signup";
app.mount("#root");
