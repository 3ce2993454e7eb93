// The tag. Finds itself, defines <embark-signup> and the window.embark queue, sizes and titles the frame,
// relays its events. Everything else happens inside the frame.
(() => {
  const tag = document.currentScript || document.querySelector('script[data-site][src*="/embark"]');
  if (!tag) return;
  const edge = new URL(tag.src).origin;
  const EVENTS = ["ready", "launched", "progress", "needsinput", "connected", "cancelled", "failed"];
  const WISHES =
    "mode theme size shape label accent radius configId solutionId featureType features sessionInfoVersion esVersion graphVersion sdkLocale prefill".split(" ");
  const HELLO_MS = 5000;

  const page = (site) => `${edge}/go/${encodeURIComponent(site)}`;

  const make = (name, properties, style) => {
    const element = Object.assign(document.createElement(name), properties);
    Object.assign(element.style, style);
    return element;
  };

  class Signup extends HTMLElement {
    static get observedAttributes() {
      return ["data-site", "data-theme"];
    }

    connectedCallback() {
      this.leave();
      this.style.display ||= "block";
      this.place ??= this.attachShadow({ mode: "open" });
      if (!this.dataset.site) return;
      const { signal } = (this.gone = new AbortController());
      const { mode } = this.dataset;
      // Where nothing could ever report back, the plain link is all there is.
      if (mode === "link" || origin === "null" || crossOriginIsolated) return this.link();
      const night = matchMedia("(prefers-color-scheme: dark)");
      const paint = () => this.paint?.(this.scheme(night.matches));
      night.addEventListener("change", paint, { signal });
      // A page that has a switch for its colours turns it at its root.
      this.watch = new MutationObserver(paint);
      for (const root of [document.documentElement, document.body]) this.watch.observe(root, { attributes: true });
      if (mode === "inline") this.inline(signal).then(paint, () => signal.aborted || this.frame(signal));
      else this.frame(signal);
    }

    disconnectedCallback() {
      this.leave();
    }

    attributeChangedCallback(name) {
      if (!this.gone) return;
      if (name === "data-site") this.connectedCallback();
      else this.paint?.(this.scheme());
    }

    /** Takes everything away again: frame, listeners, timers. */
    leave() {
      this.gone?.abort();
      this.watch?.disconnect();
      this.unmount?.();
      this.gone = this.paint = this.unmount = this.href = undefined;
      this.place?.replaceChildren();
    }

    /** What the tag says, else the colours that the page has where we stand. */
    scheme(night = matchMedia("(prefers-color-scheme: dark)").matches) {
      if (/^(light|dark)$/.test(this.dataset.theme)) return this.dataset.theme;
      const scheme = getComputedStyle(this).colorScheme;
      return scheme.includes("dark") && (night || !scheme.includes("light")) ? "dark" : "light";
    }

    /** What the tag says otherwise than the site, how it should look, and the languages, the best first. */
    query(more) {
      const langs = [this.dataset.lang, this.closest("[lang]")?.lang].filter(Boolean);
      const query = new URLSearchParams(more);
      if (langs.length) query.set("lang", langs);
      for (const name of WISHES) if (this.dataset[name]) query.set(name, this.dataset[name]);
      return query;
    }

    /** The hosted page's address. */
    page() {
      return `${page(this.dataset.site)}?${this.query()}`;
    }

    frame(signal) {
      const theme = this.scheme();
      const query = this.query({ site: this.dataset.site, host: origin });
      query.set("theme", theme);
      const frame = make(
        "iframe",
        { title: this.dataset.label || "WhatsApp", src: `${edge}/frame?${query}` },
        { border: 0, width: "100%", height: "56px", display: "block", colorScheme: theme },
      );
      this.paint = (theme) => {
        frame.style.colorScheme = theme;
        frame.contentWindow.postMessage({ source: "embark", theme }, edge);
      };
      let link;
      const late = setTimeout(() => {
        frame.style.height = 0;
        link = this.link();
      }, HELLO_MS);
      signal.onabort = () => clearTimeout(late);
      // The host's own button stands for ours.
      if (this.dataset.mode === "window") frame.style.display = "none";
      const hear = ({ source, origin: from, data }) => {
        if (source !== frame.contentWindow || from !== edge || data?.source !== "embark") return;
        clearTimeout(late);
        link?.remove();
        if (data.type === "hello") this.paint(this.scheme());
        if (data.name === "link") this.href = data.detail.href;
        if (data.type === "height") frame.style.height = `${Math.min(900, Math.max(40, data.height | 0))}px`;
        if (data.type === "event" && EVENTS.includes(data.name)) {
          const event = { detail: data.detail, bubbles: true, composed: true };
          this.dispatchEvent(new CustomEvent(`embark:${data.name}`, event));
        }
      };
      addEventListener("message", hear, { signal });
      this.follow = () => frame.contentWindow.postMessage({ source: "embark", type: "launch" }, edge);
      this.place.append(frame);
    }

    async inline(signal) {
      const address = `${edge}/v1/sites/${encodeURIComponent(this.dataset.site)}`;
      const answer = await fetch(`${address}?${this.query({ host: origin })}`, { signal });
      if (!answer.ok) throw answer.status;
      const launch = await answer.json();
      const sdk = [window.FB, window.fbAsyncInit, document.getElementById("facebook-jssdk")].filter(Boolean);
      if (sdk.length && !sdk.some((one) => one.embark === launch.sdk.app_id)) throw "the SDK is not ours";
      const { mount } = await import(edge + launch.build + "/widget.js");
      if (signal.aborted) return;
      const box = make("div");
      this.paint = (theme) => (box.dataset.theme = theme);
      for (const name of WISHES) if (this.dataset[name]) box.dataset[name] = this.dataset[name];
      this.place.append(make("link", { rel: "stylesheet", href: edge + launch.build + "/widget.css" }), box);
      this.unmount = mount(box, launch).unmount;
    }

    /** Opens the hosted page, in a click on the host's own button. False: blocked. */
    launch() {
      const opened = open(this.href ?? this.page(), "_blank");
      if (this.href) this.follow();
      return !!opened;
    }

    /** The hosted page, in a tab of its own. */
    link() {
      if (this.dataset.mode === "window") return undefined;
      const link = make(
        "a",
        {
          href: this.page(),
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
      this.place.append(link);
      return link;
    }
  }

  if (!customElements.get("embark-signup")) {
    customElements.define("embark-signup", Signup);
    const waiting = window.embark;
    const on = (name, hear) => {
      const told = (event) => hear(event.detail, event);
      addEventListener(`embark:${name}`, told);
      return () => removeEventListener(`embark:${name}`, told);
    };
    const push = (...calls) => calls.forEach(([what, ...how]) => what === "on" && on(...how));
    const launch = (site = tag.dataset.site) => {
      const found = document.querySelector(`embark-signup[data-site="${CSS.escape(site)}"]`);
      return found ? found.launch() : !!open(page(site), "_blank");
    };
    window.embark = { on, push, launch };
    if (Array.isArray(waiting)) push(...waiting);
  }

  const begin = () => {
    // A page that has placed the element itself wants no other one.
    const placed = [...document.querySelectorAll("embark-signup")].some((one) => !one.byTag);
    if (!tag.dataset.site || placed) return;
    const element = make("embark-signup", { byTag: true });
    Object.assign(element.dataset, tag.dataset);
    if (tag.closest("body")) tag.after(element);
    else document.body.append(element);
  };
  // An element further down the page is not parsed yet while the page still loads.
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", begin);
  else begin();
})();
