// The tag. Finds itself, defines <embark-signup> and the window.embark queue, sizes and titles the frame,
// relays its events. Everything else happens inside the frame.
(() => {
  const tag = document.currentScript || document.querySelector('script[data-site][src*="/embark"]');
  if (!tag) return;
  const edge = new URL(tag.src).origin;
  const EVENTS = ["ready", "launched", "progress", "needsinput", "connected", "cancelled", "failed"];
  const WISHES =
    "mode theme size shape label accent radius lang configId solutionId featureType features sessionInfoVersion esVersion graphVersion sdkLocale prefill".split(" ");
  const HELLO_MS = 5000;

  const page = (site) => `${edge}/go/${encodeURIComponent(site)}`;

  const make = (name, properties, style) => {
    const element = Object.assign(document.createElement(name), properties);
    Object.assign(element.style, style);
    return element;
  };

  class Signup extends HTMLElement {
    connectedCallback() {
      this.style.display ||= "block";
      this.place ??= this.attachShadow({ mode: "open" });
      this.place.textContent = "";
      if (!this.dataset.site) return;
      const { mode } = this.dataset;
      // Where nothing could ever report back, the plain link is all there is.
      if (mode === "link" || origin === "null" || crossOriginIsolated) this.link();
      else if (mode === "inline") this.inline().catch(() => this.isConnected && this.frame());
      else this.frame();
    }

    disconnectedCallback() {
      this.leave?.();
    }

    /** What the tag says otherwise than the site, and how it should look. */
    query(more) {
      const query = new URLSearchParams(more);
      const { lang } = document.documentElement;
      if (lang) query.set("lang", lang);
      for (const name of WISHES) if (this.dataset[name]) query.set(name, this.dataset[name]);
      return query;
    }

    /** The hosted page's address. */
    page() {
      return `${page(this.dataset.site)}?${this.query()}`;
    }

    frame() {
      const scheme = getComputedStyle(this).colorScheme;
      const night = matchMedia("(prefers-color-scheme: dark)").matches;
      const dark = scheme.includes("dark") && (night || !scheme.includes("light"));
      const query = this.query({ site: this.dataset.site, host: origin });
      if (!/^(light|dark)$/.test(this.dataset.theme)) query.set("theme", dark ? "dark" : "light");
      const frame = make(
        "iframe",
        { title: this.dataset.label || "WhatsApp", src: `${edge}/frame?${query}` },
        { border: 0, width: "100%", height: "64px", display: "block", colorScheme: query.get("theme") },
      );
      let link;
      const late = setTimeout(() => {
        frame.style.height = 0;
        link = this.link();
      }, HELLO_MS);
      // The host's own button stands for ours.
      if (this.dataset.mode === "window") frame.style.display = "none";
      const hear = ({ source, origin: from, data }) => {
        if (source !== frame.contentWindow || from !== edge || data?.source !== "embark") return;
        clearTimeout(late);
        link?.remove();
        if (data.name === "link") this.href = data.detail.href;
        if (data.type === "height") frame.style.height = `${Math.min(900, Math.max(40, data.height | 0))}px`;
        if (data.type === "event" && EVENTS.includes(data.name)) {
          const event = { detail: data.detail, bubbles: true, composed: true };
          this.dispatchEvent(new CustomEvent(`embark:${data.name}`, event));
        }
      };
      addEventListener("message", hear);
      this.follow = () => frame.contentWindow.postMessage({ source: "embark", type: "launch" }, edge);
      this.leave = () => {
        clearTimeout(late);
        removeEventListener("message", hear);
        frame.remove();
        this.href = undefined;
      };
      this.place.append(frame);
    }

    async inline() {
      const address = `${edge}/v1/sites/${encodeURIComponent(this.dataset.site)}`;
      const answer = await fetch(`${address}?${this.query({ host: origin })}`);
      if (!answer.ok) throw answer.status;
      const launch = await answer.json();
      const sdk = [window.FB, window.fbAsyncInit, document.getElementById("facebook-jssdk")].filter(Boolean);
      if (sdk.length && !sdk.some((one) => one.embark === launch.sdk.app_id)) throw "the SDK is not ours";
      const { mount } = await import(edge + launch.build + "/widget.js");
      if (!this.isConnected) return;
      const box = make("div");
      for (const name of WISHES) if (this.dataset[name]) box.dataset[name] = this.dataset[name];
      this.place.append(make("link", { rel: "stylesheet", href: edge + launch.build + "/widget.css" }), box);
      this.leave = mount(box, launch).unmount;
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
          textContent: `${this.dataset.label || "Connect WhatsApp"} \u2197`,
        },
        {
          display: "inline-block",
          padding: "14px 24px",
          borderRadius: "999px",
          background: "#25d366",
          color: "#0b1f17",
          font: "600 15px/1.2 system-ui, sans-serif",
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
    const on = (name, hear) => addEventListener(`embark:${name}`, (event) => hear(event.detail, event));
    const push = (...calls) => calls.forEach(([what, ...how]) => what === "on" && on(...how));
    const launch = (site = tag.dataset.site) => {
      const found = document.querySelector(`embark-signup[data-site="${CSS.escape(site)}"]`);
      return found ? found.launch() : !!open(page(site), "_blank");
    };
    window.embark = { on, push, launch };
    if (Array.isArray(waiting)) push(...waiting);
  }

  const begin = () => {
    if (!tag.dataset.site || document.querySelector(`embark-signup`)) return;
    const element = document.createElement("embark-signup");
    Object.assign(element.dataset, tag.dataset);
    if (tag.closest("body")) tag.after(element);
    else document.body.append(element);
  };
  // An element further down the page is not parsed yet while the page still loads.
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", begin);
  else begin();
})();
