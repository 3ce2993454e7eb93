// The element as a component of Vue, and a plugin that names the Worker once.

import { defineComponent, h, inject, onMounted } from "vue";
import { EVENTS } from "../loader.js";
import { load } from "./index.js";
import { OPTIONS, attributesOf } from "./options.js";

/** Under it the plugin provides its options. */
const PLUGIN_OPTIONS = Symbol("embark");

export const EmbarkSignup = defineComponent({
  name: "EmbarkSignup",
  props: Object.fromEntries(OPTIONS.map((name) => [name, { type: null, required: name === "site" }])),
  emits: EVENTS,
  setup(props, { emit, slots }) {
    const { edge } = inject(PLUGIN_OPTIONS, {});
    const options = () => ({ ...props, edge: props.edge ?? edge });
    const listeners = EVENTS.map((name) => [`onEmbark:${name}`, (event) => emit(name, event.detail, event)]);
    onMounted(() => load(options()));
    return () => h("embark-signup", { ...attributesOf(options()), ...Object.fromEntries(listeners) }, slots.default?.());
  },
});

export const EmbarkPlugin = {
  install(app, options = {}) {
    app.provide(PLUGIN_OPTIONS, options);
    app.component("EmbarkSignup", EmbarkSignup);
  },
};
