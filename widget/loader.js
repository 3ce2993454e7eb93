// The script tag of a host page. Finds its own element, defines <embark-signup> and window.embark, sizes and
// titles the frame, and turns the frame's messages into DOM events. Everything else happens inside the frame.
(() => {
  const tag = document.currentScript || document.querySelector('script[data-site][src*="/embark"]');
  if (!tag) return;
  const edge = new URL(tag.src).origin; // the Worker's origin
  const EVENTS = ["ready", "launched", "progress", "needsinput", "connected", "cancelled", "failed"];
  /** Names of `data-*` attributes that are passed on as query parameters. */
  const TAG_OPTIONS =
    "mode theme size shape label accent radius configId solutionId featureType features sessionInfoVersion esVersion graphVersion sdkLocale prefill".split(" ");
  /** Heights of the button, by the tag's size: a frame that shows one does not move the page when it reports its height. */
  const BUTTON_HEIGHTS = { small: 38, large: 54 };
  /** A frame that has not sent `hello` by then is replaced by a link. */
  const HELLO_TIMEOUT_MS = 5000;

  /** URL of a site's hosted page. */
  const hostedPage = (site) => `${edge}/go/${encodeURIComponent(site)}`;

  const createElement = (name, properties, style) => {
    const element = Object.assign(document.createElement(name), properties);
    Object.assign(element.style, style);
    return element;
  };

  class Signup extends HTMLElement {
    static get observedAttributes() {
      return ["data-site", "data-theme"];
    }

    connectedCallback() {
      this.reset();
      this.style.display ||= "block";
      this.shadow ??= this.attachShadow({ mode: "open" });
      if (!this.dataset.site) return;
      const { signal } = (this.disconnected = new AbortController());
      const { mode } = this.dataset;
      // In an opaque or isolated origin neither frame nor popup can report back: show the link only.
      if (mode === "link" || origin === "null" || crossOriginIsolated) return this.addLink();
      const dark = matchMedia("(prefers-color-scheme: dark)");
      const update = () => this.applyTheme?.(this.theme(dark.matches));
      dark.addEventListener("change", update, { signal });
      // Pages with a theme switch usually set an attribute of their root elements.
      this.rootObserver = new MutationObserver(update);
      for (const root of [document.documentElement, document.body]) this.rootObserver.observe(root, { attributes: true });
      if (mode === "inline") this.mountInline(signal).then(update, () => signal.aborted || this.addFrame(signal));
      else this.addFrame(signal);
    }

    disconnectedCallback() {
      this.reset();
    }

    attributeChangedCallback(name) {
      if (!this.disconnected) return;
      if (name === "data-site") this.connectedCallback();
      else this.applyTheme?.(this.theme());
    }

    /** Removes frame, widget, listeners and timers. */
    reset() {
      this.disconnected?.abort();
      this.rootObserver?.disconnect();
      this.unmount?.();
      this.disconnected = this.applyTheme = this.unmount = this.href = undefined;
      this.shadow?.replaceChildren();
    }

    /** `light` or `dark`: the tag's attribute, else the colour scheme of the page at this element. */
    theme(dark = matchMedia("(prefers-color-scheme: dark)").matches) {
      if (/^(light|dark)$/.test(this.dataset.theme)) return this.dataset.theme;
      const scheme = getComputedStyle(this).colorScheme;
      return scheme.includes("dark") && (dark || !scheme.includes("light")) ? "dark" : "light";
    }

    /** The tag's options and its languages, the preferred first, as query parameters. */
    query(more) {
      const langs = [this.dataset.lang, this.closest("[lang]")?.lang].filter(Boolean);
      const query = new URLSearchParams(more);
      if (langs.length) query.set("lang", langs);
      for (const name of TAG_OPTIONS) if (this.dataset[name]) query.set(name, this.dataset[name]);
      return query;
    }

    /** URL of the hosted page with the tag's options. */
    hostedPageUrl() {
      return `${hostedPage(this.dataset.site)}?${this.query()}`;
    }

    addFrame(signal) {
      const theme = this.theme();
      const query = this.query({ site: this.dataset.site, host: origin });
      query.set("theme", theme);
      const frame = createElement(
        "iframe",
        { title: this.dataset.label || "WhatsApp", src: `${edge}/frame?${query}` },
        { border: 0, width: "100%", height: `${BUTTON_HEIGHTS[this.dataset.size] ?? 46}px`, display: "block", colorScheme: theme },
      );
      this.applyTheme = (theme) => {
        frame.style.colorScheme = theme;
        frame.contentWindow.postMessage({ source: "embark", theme }, edge);
      };
      let link;
      const timeout = setTimeout(() => {
        frame.style.height = 0;
        link = this.addLink();
      }, HELLO_TIMEOUT_MS);
      signal.onabort = () => clearTimeout(timeout);
      // In mode `window` the host page has its own button, and the frame shows nothing.
      if (this.dataset.mode === "window") frame.style.display = "none";
      const onMessage = ({ source, origin: from, data }) => {
        if (source !== frame.contentWindow || from !== edge || data?.source !== "embark") return;
        clearTimeout(timeout);
        link?.remove();
        if (data.type === "hello") this.applyTheme(this.theme());
        if (data.name === "link") this.href = data.detail.href;
        if (data.type === "height") frame.style.height = `${Math.min(900, Math.max(40, data.height | 0))}px`;
        if (data.type === "event" && EVENTS.includes(data.name)) {
          const event = { detail: data.detail, bubbles: true, composed: true };
          this.dispatchEvent(new CustomEvent(`embark:${data.name}`, event));
        }
      };
      addEventListener("message", onMessage, { signal });
      this.notifyLaunch = () => frame.contentWindow.postMessage({ source: "embark", type: "launch" }, edge);
      this.shadow.append(frame);
    }

    /** Mounts the widget in this page. Rejects if the page's SDK is another app's or the Worker refuses. */
    async mountInline(signal) {
      const url = `${edge}/v1/sites/${encodeURIComponent(this.dataset.site)}`;
      const response = await fetch(`${url}?${this.query({ host: origin })}`, { signal });
      if (!response.ok) throw response.status;
      const launch = await response.json();
      // An SDK that the widget loaded is marked with its app (`embark`, see src/browser/sdk.rs).
      const sdk = [window.FB, window.fbAsyncInit, document.getElementById("facebook-jssdk")].filter(Boolean);
      if (sdk.length && !sdk.some((part) => part.embark === launch.sdk.app_id)) throw "the page has an SDK of its own";
      const { mount } = await import(edge + launch.build + "/widget.js");
      if (signal.aborted) return;
      const root = createElement("div");
      this.applyTheme = (theme) => (root.dataset.theme = theme);
      for (const name of TAG_OPTIONS) if (this.dataset[name]) root.dataset[name] = this.dataset[name];
      this.shadow.append(createElement("link", { rel: "stylesheet", href: edge + launch.build + "/widget.css" }), root);
      this.unmount = mount(root, launch).unmount;
    }

    /**
     * Opens the hosted page. To be called in a click on the host page's own button. Returns false if the
     * browser blocked the window.
     */
    launch() {
      const opened = open(this.href ?? this.hostedPageUrl(), "_blank");
      if (this.href) this.notifyLaunch();
      return !!opened;
    }

    /** Adds a link that opens the hosted page in a new tab, except in mode `window`. */
    addLink() {
      if (this.dataset.mode === "window") return undefined;
      const link = createElement(
        "a",
        {
          href: this.hostedPageUrl(),
          target: "_blank",
          rel: "noopener",
          textContent: `${this.dataset.label || "WhatsApp"} \u2197`,
        },
        {
          display: "inline-block",
          padding: "13px 22px",
          borderRadius: "12px",
          background: "#25d366",
          color: "#0b1f17",
          font: "600 15px/1.3 system-ui, sans-serif",
          textDecoration: "none",
        },
      );
      this.shadow.append(link);
      return link;
    }
  }

  if (!customElements.get("embark-signup")) {
    customElements.define("embark-signup", Signup);
    const queued = window.embark;
    const on = (name, listener) => {
      const onEvent = (event) => listener(event.detail, event);
      addEventListener(`embark:${name}`, onEvent);
      return () => removeEventListener(`embark:${name}`, onEvent);
    };
    const push = (...calls) => calls.forEach(([method, ...args]) => method === "on" && on(...args));
    const launch = (site = tag.dataset.site) => {
      const element = document.querySelector(`embark-signup[data-site="${CSS.escape(site)}"]`);
      return element ? element.launch() : !!open(hostedPage(site), "_blank");
    };
    window.embark = { on, push, launch };
    if (Array.isArray(queued)) push(...queued);
  }

  const insertElement = () => {
    // Nothing is inserted if the page contains an element of its own, not inserted by a tag (`byTag`).
    const hasOwn = [...document.querySelectorAll("embark-signup")].some((element) => !element.byTag);
    if (!tag.dataset.site || hasOwn) return;
    const element = createElement("embark-signup", { byTag: true });
    Object.assign(element.dataset, tag.dataset);
    if (tag.closest("body")) tag.after(element);
    else document.body.append(element);
  };
  // While the page loads, an element further down may not be parsed yet.
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", insertElement);
  else insertElement();
})();
