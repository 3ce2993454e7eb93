// The loader, which host pages have as a script tag (tag.js) or from npm (npm/index.js). Defines <embark-signup> and
// window.embark, adds an element for each tag that names a site, sizes and titles the frame, and turns the frame's
// messages into DOM events. Everything else happens inside the frame. An import alone does nothing, and needs no DOM.

/** Names of the DOM events, without `embark:`. */
export const EVENTS = ["ready", "launched", "progress", "needsinput", "connected", "cancelled", "failed"];
/** Names of `data-*` attributes that are passed on as query parameters. */
export const TAG_OPTIONS =
  "mode theme size shape align label accent radius configId solutionId featureType features sessionInfoVersion esVersion graphVersion sdkLocale prefill reference session".split(" ");

/**
 * Defines everything, unless an earlier run has. `builtEdge`: the Worker's address, for elements and tags that name none.
 * `current`: the script tag that runs, null if it does not know itself, undefined if there is none.
 */
export function startLoader(builtEdge, current) {
  /** An element is added again this long after something removed it, if its tag is still there. */
  const READD_DELAY_MS = 1000;
  /** Heights of the button, by the tag's size: a frame that shows one does not move the page when it reports its height. */
  const BUTTON_HEIGHTS = { small: 38, large: 54 };
  /** A frame that has not sent `hello` by then is replaced by a link. */
  const HELLO_TIMEOUT_MS = 5000;

  const warn = (text) => console.warn(`embark: ${text}`);

  /** What a script tag says: its `data-*` attributes, and the query of its address where something drops those. */
  const optionsOf = (tag) => {
    const query = [...new URLSearchParams(tag.src.split(/[?#]/)[1])];
    const known = query.filter(([name]) => ["site", "edge", "lang", ...TAG_OPTIONS].includes(name));
    return { ...Object.fromEntries(known), ...tag.dataset };
  };

  /**
   * Tags that have run, with the origin that their file was built for, and whether their `load` event is still to come.
   * A script has no entry if it runs as a module, from a shadow root, or evaluated by another script.
   */
  const runs = new Map();

  /** Scripts that may be tags. One that was removed from the page is none any more. */
  const scripts = () => {
    const found = [...document.querySelectorAll('script[src*="embark"]')];
    // Those that ran may be inlined, or have another name.
    return [...new Set([...found, ...[...runs.keys()].filter((tag) => tag.isConnected)])];
  };

  /** The Worker's origin for an element or a tag with these options; undefined, with a warning, if it is no URL. */
  const edgeOf = ({ edge }) => {
    const named = edge || scripts().map((tag) => optionsOf(tag).edge).find(Boolean) || builtEdge;
    try {
      return new URL(named).origin;
    } catch {
      warn(`"${named}" is no address. Set data-edge to your partner's, e.g. data-edge="https://signup.partner.example".`);
    }
  };

  /** URL of a site's hosted page. */
  const hostedPage = (edge, site) => `${edge}/go/${encodeURIComponent(site)}`;

  const createElement = (name, properties, style) => {
    const element = Object.assign(document.createElement(name), properties);
    Object.assign(element.style, style);
    return element;
  };

  /** Elements that are in the page, in shadow roots too. */
  const elements = new Set();

  class Signup extends HTMLElement {
    static get observedAttributes() {
      return ["data-site", "data-edge", "data-reference", "data-session", "data-theme"];
    }

    connectedCallback() {
      this.reset();
      elements.add(this);
      this.style.display ||= "block";
      // In a row of flex items, where a frame would have the width of its own.
      this.style.flexGrow ||= 1;
      this.shadow ??= this.attachShadow({ mode: "open" });
      this.edge = this.dataset.site && edgeOf(this.dataset);
      if (!this.edge) return;
      const { signal } = (this.disconnected = new AbortController());
      const { mode } = this.dataset;
      // In mode `window` Meta's answer goes to another page.
      for (const name of EVENTS)
        this.addEventListener(`embark:${name}`, () => (this.isAtMeta = name === "launched" && mode !== "window"), { signal });
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
      elements.delete(this);
      this.removedAt = performance.now();
      if (this.isAtMeta)
        warn("<embark-signup> was removed or moved while Meta's window is open, so its answer is lost. Leave the element where it is, or move it with moveBefore().");
      this.reset();
    }

    /** Moved by `moveBefore`: the frame goes on. */
    connectedMoveCallback() {}

    attributeChangedCallback(name) {
      // Parsed attributes are reported before the element is connected.
      if (!elements.has(this)) return;
      if (name !== "data-theme") this.connectedCallback();
      else this.applyTheme?.(this.theme());
    }

    /** Removes frame, widget, listeners and timers. */
    reset() {
      this.disconnected?.abort();
      this.rootObserver?.disconnect();
      this.unmount?.();
      this.disconnected = this.applyTheme = this.unmount = this.href = this.isAtMeta = this.notifyLaunch = undefined;
      this.shadow?.replaceChildren();
    }

    /** `light` or `dark`: the tag's attribute, else the colour scheme of the page at this element. */
    theme(dark = matchMedia("(prefers-color-scheme: dark)").matches) {
      if (/^(light|dark)$/.test(this.dataset.theme)) return this.dataset.theme;
      const scheme = getComputedStyle(this).colorScheme;
      return scheme.includes("dark") && (dark || !scheme.includes("light")) ? "dark" : "light";
    }

    /** The tag's options, or these in their place, and its languages, the preferred first, as query parameters. */
    query(more, options) {
      const langs = [this.dataset.lang, this.closest("[lang]")?.lang].filter(Boolean);
      const query = new URLSearchParams(more);
      if (langs.length) query.set("lang", langs);
      const all = { ...this.dataset, ...options };
      for (const name of TAG_OPTIONS) if (all[name]) query.set(name, all[name]);
      return query;
    }

    /** URL of the hosted page with the tag's options, and with these in their place. */
    hostedPageUrl(options) {
      return `${hostedPage(this.edge, this.dataset.site)}?${this.query({}, options)}`;
    }

    addFrame(signal) {
      const { edge } = this;
      const { site, mode } = this.dataset;
      const theme = this.theme();
      const query = this.query({ site, host: origin }, { theme });
      const frame = createElement("iframe", { title: this.dataset.label || "WhatsApp", src: `${edge}/frame?${query}` }, {
        border: 0, width: "100%", height: `${BUTTON_HEIGHTS[this.dataset.size] ?? 46}px`, display: "block", colorScheme: theme,
      });
      this.applyTheme = (theme) => {
        frame.style.colorScheme = theme;
        frame.contentWindow.postMessage({ source: "embark", theme }, edge);
      };
      const placeholder = createElement("div", {}, {
        width: "14rem", maxWidth: "100%", height: "46px", marginBottom: "-46px", borderRadius: "12px", background: "#25d366", opacity: 0.35,
      });
      let link;
      const refuse = (isLinked) => {
        placeholder.remove();
        frame.style.height = 0;
        if (isLinked) link = this.addLink();
        warn(`${edge} shows no button for the site "${site}" on ${origin}. Check the site's name, that your partner has listed exactly this origin, and data-edge if it is not that host.`);
      };
      const timeout = setTimeout(() => refuse(true), HELLO_TIMEOUT_MS);
      signal.onabort = () => clearTimeout(timeout);
      // The page in the frame begins with the button.
      frame.addEventListener("load", () => placeholder.remove());
      // In mode `window` the host page has its own button, and the frame shows nothing.
      if (mode === "window") frame.style.display = "none";
      else this.shadow.append(placeholder);
      const onMessage = ({ source, origin: from, data }) => {
        if (source !== frame.contentWindow || from !== edge || data?.source !== "embark") return;
        clearTimeout(timeout);
        link?.remove();
        placeholder.remove();
        // A site that there is not has no page to link to.
        if (data.type === "refused") return refuse(data.code !== "unknown_site");
        if (data.type === "hello") this.applyTheme(this.theme());
        if (data.name === "link") {
          this.href = data.detail.href;
          this.onLink?.();
        }
        if (data.type === "height") frame.style.height = `${Math.min(2000, Math.max(40, Math.ceil(data.height) | 0))}px`;
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
      const { edge } = this;
      const url = `${edge}/v1/sites/${encodeURIComponent(this.dataset.site)}`;
      const response = await fetch(`${url}?${this.query({ host: origin })}`, { signal });
      if (!response.ok) throw response.status;
      const launch = await response.json();
      // An SDK that the widget loaded is marked with its app (`embark`, see src/browser/sdk.rs).
      const sdk = [window.FB, window.fbAsyncInit, document.getElementById("facebook-jssdk")].filter(Boolean);
      if (sdk.length && !sdk.some((part) => part.embark === launch.sdk.app_id)) throw "the page has an SDK of its own";
      const build = edge + launch.build;
      // Beside script and wasm: the wasm fetches it.
      this.shadow.append(createElement("link", { rel: "preload", as: "fetch", crossOrigin: "", href: `${build}/locales/${launch.lang}.json` }));
      const { mount } = await import(build + "/widget.js");
      if (signal.aborted) return;
      const root = createElement("div");
      this.applyTheme = (theme) => (root.dataset.theme = theme);
      for (const name of TAG_OPTIONS) if (this.dataset[name]) root.dataset[name] = this.dataset[name];
      this.shadow.append(createElement("link", { rel: "stylesheet", href: build + "/widget.css" }), root);
      this.unmount = mount(root, launch).unmount;
    }

    /**
     * Opens the hosted page. To be called in a click on the host page's own button. Returns false if the
     * browser blocked the window. With options that the element does not have, the frame does not follow the signup.
     */
    launch(options = {}) {
      const href = Object.keys(options).every((name) => this.dataset[name] === options[name]) ? this.href : undefined;
      const opened = open(href ?? this.hostedPageUrl(options), "_blank");
      if (href) this.notifyLaunch();
      return !!opened;
    }

    /** Adds a link that opens the hosted page in a new tab, except in mode `window`. */
    addLink() {
      if (this.dataset.mode === "window") return undefined;
      const link = createElement(
        "a",
        { href: this.hostedPageUrl(), target: "_blank", rel: "noopener", textContent: `${this.dataset.label || "WhatsApp"} \u2197` },
        { display: "inline-block", padding: "13px 22px", borderRadius: "12px", background: "#25d366", color: "#0b1f17",
          font: "600 15px/1.3 system-ui, sans-serif", textDecoration: "none" },
      );
      this.shadow.append(link);
      // In an opaque origin the frame around the page may not allow any window: the address can be copied.
      if (origin === "null")
        this.shadow.append(createElement("input", { value: link.href, readOnly: true, ariaLabel: link.textContent }, { display: "block" }));
      return link;
    }
  }

  /** Element that was added for each tag; null if the page has an element of its own for that site. */
  const elementOf = new Map();

  const removeWithTag = () => {
    for (const [tag, element] of elementOf) {
      if (tag.isConnected) continue;
      elementOf.delete(tag);
      if (!element) continue;
      // Where it stays, or the page adds it again, it is the page's own.
      element.byTag = false;
      delete element.dataset.byTag;
      // jQuery and others remove a script as soon as it has run, and mean nothing by it.
      if (!runs.get(tag)?.isLoading) element.remove();
    }
  };

  /** Whether an equal tag has its element in this parent: a tag that was added twice. */
  const isThere = (parent, options) =>
    [...elementOf.values()].some(
      (element) => element?.parentNode === parent && JSON.stringify(element.dataset) === JSON.stringify(options),
    );

  /** Gives every tag that names a site its element, beside the tag or at the end of the page. */
  const addElements = (isAfterNavigation) => {
    removeWithTag();
    const all = [...new Set([...elements, ...document.querySelectorAll("embark-signup")])];
    const isOfTag = (element) => element.byTag || "byTag" in element.dataset;
    const own = all.filter((element) => !isOfTag(element));
    // Copies of elements that a tag added, from a page that was saved or cached with them.
    const sites = scripts().map((tag) => optionsOf(tag).site);
    const isAdded = (element) => [...elementOf.values()].includes(element);
    const copies = all.filter((one) => "byTag" in one.dataset && sites.includes(one.dataset.site) && !isAdded(one));
    for (const tag of scripts()) {
      const { site, ...options } = optionsOf(tag);
      const known = elementOf.get(tag);
      if (!site || known === null) continue;
      if (own.some((element) => element.dataset.site === site)) {
        known?.remove();
        elementOf.set(tag, null);
        continue;
      }
      // The Worker may be another partner's than that of the first tag.
      const edge = options.edge || runs.get(tag)?.edge || builtEdge;
      if (known?.isConnected) {
        if (known.dataset.edge !== edge) known.dataset.edge = edge;
        continue;
      }
      if (known && !isAfterNavigation && performance.now() - known.removedAt < READD_DELAY_MS) {
        addElementsSoon();
        continue;
      }
      const copy = copies.findIndex((element) => element.dataset.site === site);
      if (copy >= 0) {
        elementOf.set(tag, ...copies.splice(copy, 1));
        continue;
      }
      const element = known ?? createElement("embark-signup", { byTag: true });
      // Turbo keeps a permanent element when it morphs a page.
      Object.assign(element.dataset, options, { site, edge, byTag: "", turboPermanent: "" });
      const isInBody = tag.closest("body");
      if (isThere(isInBody ? tag.parentNode : document.body, element.dataset)) continue;
      elementOf.set(tag, element);
      if (isInBody) tag.after(element);
      else document.body.append(element);
    }
    copies.forEach((element) => element.remove());
  };

  let timer;
  const addElementsSoon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      addElements();
    }, READD_DELAY_MS);
  };

  /** Calls of `embark.push`: `["on", name, listener]` and `["launch", what]`. */
  const push = (...calls) => {
    for (const [method, ...args] of calls) window.embark[method]?.(...args);
  };
  const on = (name, listener) => {
    const onEvent = (event) => listener(event.detail, event);
    addEventListener(`embark:${name}`, onEvent);
    return () => removeEventListener(`embark:${name}`, onEvent);
  };
  /** What is to be launched: a site by its name, or `{ site, session, reference }`; by default the first tag's site. */
  const optionsOfLaunch = (what) =>
    typeof what === "string" ? { site: what } : { site: scripts().map((tag) => optionsOf(tag).site).find(Boolean), ...what };
  const launch = (what) => {
    const { site, ...options } = optionsOfLaunch(what);
    const element = [...elements].find(({ edge, dataset }) => edge && (!site || dataset.site === site));
    if (element) return element.launch(options);
    const edge = site && edgeOf({});
    if (!edge) warn("launch() knows no site: name it, as in embark.launch(\"acme\").");
    return !!edge && !!open(`${hostedPage(edge, site)}?${new URLSearchParams(options)}`, "_blank");
  };
  /** A launch that was queued before this file had loaded. Waits for the link under which the page gets events. */
  const launchQueued = (what) => {
    const { site } = optionsOfLaunch(what);
    const element = [...elements].find(({ dataset }) => !site || dataset.site === site);
    const start = () => launch(what) || warn("the browser blocked the window: the click was too long ago.");
    if (!element?.notifyLaunch || element.href || element.dataset.mode !== "window") return start();
    element.onLink = () => {
      element.onLink = undefined;
      start();
    };
  };

  const begin = () => {
    addElements();
    new MutationObserver(() => {
      removeWithTag();
      addElementsSoon();
    }).observe(document, { childList: true, subtree: true });
    // These frameworks replace the page's body.
    for (const name of ["turbo:render", "turbo:load", "astro:page-load"]) document.addEventListener(name, () => addElements(true));
    launches.forEach(([, what]) => launchQueued(what));
    // Without a tag, the application adds its element when it needs it.
    if (current === undefined) return;
    setTimeout(() => {
      if (![...elements].some(({ dataset }) => dataset.site))
        warn('no site is named. Add data-site="…" to the script tag, or ?site=… to its address, or put <embark-signup data-site="…"> where the button should be.');
    }, 3000);
  };

  const addTag = (tag, edge) => {
    if (tag) {
      const run = { edge, isLoading: true };
      const end = () => setTimeout(() => (run.isLoading = false));
      runs.set(tag, run);
      if (tag.src) tag.addEventListener("load", end);
      else end();
    }
    if (document.readyState !== "loading") addElements();
  };
  // A page with several tags runs this file once for each. The first run defines everything.
  if (customElements.get("embark-signup")) {
    if (window.embark?.addTag) window.embark.addTag(current, builtEdge);
    else warn("an older version of this file is on the page too, and is the one in use. Load one version only.");
    return;
  }
  const queued = Array.isArray(window.embark) ? window.embark : [];
  const launches = queued.filter(([method]) => method === "launch");
  window.embark = { on, push, launch, addTag };
  push(...queued.filter((call) => !launches.includes(call)));
  customElements.define("embark-signup", Signup);
  addTag(current, builtEdge);
  // While the page loads, an element further down may not be parsed yet.
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", begin);
  else begin();
}
