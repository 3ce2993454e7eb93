// The component that the plugin registers.

import { EmbarkPlugin } from "embark-signup/vue";
import { createApp, h, ref, resolveComponent } from "vue";
import { receive } from "./received.js";

const app = createApp({
  setup() {
    const shown = ref(true);
    document.getElementById("toggle").onclick = () => (shown.value = !shown.value);
    const properties = {
      site: "acme",
      class: "connect",
      onReady: (...event) => receive("ready", ...event),
      onLaunched: (...event) => receive("launched", ...event),
      onProgress: (...event) => receive("progress", ...event),
      onNeedsinput: (...event) => receive("needsinput", ...event),
      onConnected: (...event) => receive("connected", ...event),
      onCancelled: (...event) => receive("cancelled", ...event),
      onFailed: (...event) => receive("failed", ...event),
    };
    return () => shown.value && h(resolveComponent("EmbarkSignup"), properties, () => h("a", "Connect"));
  },
});
app.use(EmbarkPlugin, { edge: "https://signup.partner.example" });
app.mount("#root");
