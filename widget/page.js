// The page's side of the widget: what Rust wants done in the browser, each in one call, and what happens
// there, all through one door. No decision is taken here. It is JavaScript because a property read costs
// ten times the bytes from the other side.

// What stands at the door; the same words as in src/page.rs.
const [TIMER, ANSWER, SDK, OPENED, CALLBACK, CLOSED, MESSAGE, ACT, SUBMIT, WOKE, ONLINE, HIDDEN] = Array(12).keys();

const WATCH_MS = 500;
const WATCH = 15;

/** What the SDK holds where no window came: without it, it would send our own page to Meta. */
const inert = () => {
  const nothing = () => {};
  return { closed: false, location: {}, close: nothing, focus: nothing, blur: nothing, postMessage: nothing };
};

let policy;

/** What it gives, or undefined where it throws. */
const quietly = (what) => {
  try {
    return what();
  } catch {}
};

/** The address as pages with Trusted Types want it; the policy only says whose it is. */
const scriptUrl = (url) =>
  quietly(() => {
    policy ??= trustedTypes.createPolicy("embark", { createScriptURL: String });
    return policy.createScriptURL(url);
  }) ?? url;

/** What this tab has stored. Third-party frames may have no storage: reading the property throws there. */
export function stored(key) {
  return quietly(() => sessionStorage.getItem(key));
}

/** Where that does not work, a reload begins anew. */
export function store(key, text) {
  quietly(() => sessionStorage.setItem(key, text));
}

/** The property, undefined also where it is null. */
export function get(of, name) {
  return of?.[name] ?? undefined;
}

/** Undefined where the text is no JSON. */
export function parse(text) {
  return quietly(() => JSON.parse(text));
}

export function stringify(value) {
  return quietly(() => JSON.stringify(value));
}

/**
 * What another page handed over in the address, which is scrubbed: a grant is nothing to bookmark. A handover is
 * good for one window, so this one names itself.
 */
export function handedOver(mark) {
  if (!location.hash.startsWith(mark)) return undefined;
  const text = location.hash.slice(mark.length);
  history.replaceState(null, "", location.pathname + location.search);
  return text.includes("~") ? text : `${text}~${crypto.randomUUID()}`;
}

/** Which of a language's plural forms a number takes: `one`, `few`, `other` … */
export function category(lang, number) {
  return new Intl.PluralRules(lang).select(number);
}

export class Page {
  /** `origin` is the host page's in a frame, the only target of our messages, and empty elsewhere. */
  constructor(element, origin, door) {
    this.door = door;
    this.element = element;
    this.origin = origin;
    this.timers = [];
    this.calls = [];
    this.gone = new AbortController();
    this.theirs = window.fbAsyncInit;
    this.root = document.createElement("div");
    this.root.className = "embark";
    element.textContent = "";
    element.append(this.root);

    const on = (target, name, hear) => target.addEventListener(name, hear, { signal: this.gone.signal });
    on(this.root, "click", ({ target }) => {
      const pressed = target.closest("[data-act]");
      if (pressed) this.door(ACT, 0, pressed.dataset.act);
    });
    on(this.root, "submit", (event) => {
      event.preventDefault();
      this.door(SUBMIT, 0, new FormData(event.target).get("value"));
    });
    on(window, "message", ({ origin, source, data }) => {
      // The host page's own button, in the one mode that has none.
      const launches = source === parent && origin === this.origin && data?.type === "launch";
      if (launches) this.door(ACT, 0, "elsewhere");
      else this.door(MESSAGE, 0, origin, data);
    });
    on(window, "online", () => this.door(ONLINE));
    on(window, "pagehide", () => this.door(HIDDEN));
    on(window, "pageshow", () => this.door(WOKE));
    on(document, "visibilitychange", () => this.door(WOKE));
    if (origin) {
      this.post({ type: "hello" });
      this.observer = new ResizeObserver(() => this.post({ type: "height", height: document.body.offsetHeight }));
      this.observer.observe(this.root);
    }
  }

  /** Leaves no listener, timer or request behind, and its place empty. */
  unmount() {
    this.door = () => {};
    this.gone.abort();
    this.observer?.disconnect();
    this.timers.forEach(clearTimeout);
    this.calls.forEach((call) => call.abort());
    if (window.fbAsyncInit === this.ours) window.fbAsyncInit = this.theirs;
    this.root.remove();
  }

  post(message) {
    parent.postMessage({ source: "embark", v: 1, ...message }, this.origin);
  }

  announce(name, json) {
    const detail = JSON.parse(json);
    if (this.origin) this.post({ type: "event", name, detail });
    else this.element.dispatchEvent(new CustomEvent(`embark:${name}`, { detail, bubbles: true, composed: true }));
  }

  // Timers

  after(slot, ms) {
    this.stop(slot);
    this.timers[slot] = setTimeout(() => this.door(TIMER, slot), ms);
  }

  /** Stops a timer of either kind. */
  stop(slot) {
    clearTimeout(this.timers[slot]);
  }

  watch() {
    this.stop(WATCH);
    this.timers[WATCH] = setInterval(() => this.popup?.closed && this.door(CLOSED), WATCH_MS);
  }

  unwatch() {
    this.stop(WATCH);
  }

  // Requests

  /** An older request of this slot is aborted; `kind` comes back with the answer. */
  async send(slot, kind, url, grant, body, ms) {
    this.calls[slot]?.abort();
    const call = (this.calls[slot] = new AbortController());
    const late = setTimeout(() => call.abort(), ms);
    const headers = grant ? { authorization: `Bearer ${grant}` } : {};
    const options = { cache: "no-store", credentials: "omit", redirect: "error", signal: call.signal, headers };
    if (body) {
      headers["content-type"] = "application/json";
      // The post outlives the page: somebody may close it in the very moment the code arrives.
      Object.assign(options, { method: "POST", body, keepalive: true });
    }
    let status = 0;
    let text;
    try {
      const answer = await fetch(url, options);
      text = await answer.text();
      status = answer.status;
    } catch {
      // No answer, or none in time: status 0.
    }
    clearTimeout(late);
    if (this.calls[slot] === call) this.door(ANSWER, kind, text, status);
  }

  // Meta's SDK

  loadSdk(url, appId, version) {
    const init = () => {
      let ready = 0;
      try {
        if (FB.embark !== appId) FB.init({ appId, version, cookie: false, xfbml: false });
        // The loader stays away from an SDK that is somebody else's, or another app's.
        FB.embark = appId;
        ready = 1;
      } catch {
        // Not the SDK we know.
      }
      this.door(SDK, ready);
    };
    this.script?.remove();
    // The SDK's first script leaves a buffer in place of FB: no popup would open from a buffered call.
    if (window.FB && !FB.__buffer) return queueMicrotask(init);
    window.fbAsyncInit = this.ours = () => {
      this.theirs?.();
      init();
    };
    this.ours.embark = appId;
    const script = (this.script = document.createElement("script"));
    Object.assign(script, { id: "facebook-jssdk", async: true, crossOrigin: "anonymous", src: scriptUrl(url), embark: appId });
    script.onerror = () => this.door(SDK, 0);
    document.head.append(script);
  }

  /**
   * Calls FB.login inside a wrapper of window.open that lives for one call: it keeps the popup's handle and
   * reads the redirect_uri of the SDK's own dialog.
   */
  login(options, attempt) {
    const open = window.open;
    let opened = 2;
    let uri;
    this.popup = null;
    window.open = (url, ...rest) => {
      window.open = open;
      this.popup = open.call(window, url, ...rest);
      opened = this.popup ? 0 : 1;
      // Without one the edge goes through the forms it knows.
      uri = quietly(() => new URL(url).searchParams.get("redirect_uri"));
      return this.popup ?? inert();
    };
    try {
      FB.login((response) => this.door(CALLBACK, attempt, response?.authResponse?.code), options);
    } catch {
      // Nothing was opened: the flow offers another way.
    } finally {
      window.open = open;
    }
    this.door(OPENED, opened, uri);
  }

  /** To Meta's dialog in this very window. What comes back is taken only from the browser that left. */
  leave(dialog, pass) {
    const [signup] = pass.split(".", 1);
    const nonce = crypto.randomUUID();
    const secure = location.protocol === "https:" ? ";secure" : "";
    const grant = pass.slice(signup.length + 1);
    // What the address said is said again on the way back, as long as there is room in a cookie.
    const { search } = location;
    const said = search.length < 2000 ? search.replaceAll(";", "%3B") : "";
    document.cookie = `embark-${signup}=${nonce}.${grant}|${said};path=/go/callback;max-age=86400;samesite=lax${secure}`;
    location.assign(`${dialog}&state=${signup}.${nonce}`);
  }

  showPopup() {
    this.popup?.focus();
  }

  // Drawing: the document is changed only where it differs, so that focus, typed text and running
  // animations stay.

  begin() {
    this.held = this.root.querySelector(":focus");
    this.stack = [[this.root, this.root.firstElementChild]];
  }

  /** Begins an element. Sign (`tag.class name=value …`) and key are its identity. */
  open(sign, key) {
    const top = this.stack.at(-1);
    const id = `${sign}\n${key}`;
    let node = top[1];
    while (node && node.embark !== id) node = node.nextElementSibling;
    if (node) {
      // What stood before it is no longer there.
      while (top[1] !== node) top[1] = this.drop(top[1]);
      top[1] = node.nextElementSibling;
    } else {
      const [name, ...attributes] = sign.split(" ");
      const [tag, style] = name.split(".");
      const drawn = /^(svg|path)$/.test(tag);
      node = document.createElementNS(`http://www.w3.org/${drawn ? "2000/svg" : "1999/xhtml"}`, tag);
      node.embark = id;
      if (style) {
        node.setAttribute("class", style);
        // Where we are on the host's own page, its styles reach us as ::part(button) and the like.
        node.part = style.slice(3);
      }
      for (const attribute of attributes) {
        const [key, value = ""] = attribute.split("=");
        node.setAttribute(key, value);
      }
      top[0].insertBefore(node, top[1]);
    }
    this.stack.push([node, node.firstElementChild]);
  }

  /** Sets an attribute of the open element, or takes it away. */
  attr(name, value) {
    const [node] = this.stack.at(-1);
    if (value == null) node.removeAttribute(name);
    else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }

  /** By CSSOM: a strict CSP refuses style attributes. */
  style(name, value) {
    this.root.style.setProperty(name, value);
  }

  text(text) {
    const [node] = this.stack.at(-1);
    if (node.textContent !== text) node.textContent = text;
  }

  close() {
    let [, next] = this.stack.pop();
    while (next) next = this.drop(next);
  }

  /** What had the focus may be gone: the new panel takes it, so that nobody is sent to the top of the page. */
  end() {
    this.close();
    const find = (what) => this.root.querySelector(what);
    if (this.held && !find(":focus")) (find("[data-focus]") ?? find(".em-title,button:enabled"))?.focus();
  }

  drop(node) {
    const next = node.nextElementSibling;
    node.remove();
    return next;
  }
}
