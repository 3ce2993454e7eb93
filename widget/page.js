// The browser side of the widget: performs the effects of the Rust flow, one function each, and reports
// events through one callback. Besides that it decides: whether the SDK of the page can be used, what the
// popup's handle means, which state and cookie accompany the dialog in this window, under which name a
// window accepts a handover, and where the focus goes after a render.

// Kinds of events, in the same order as in src/browser_event.rs.
const [
  TIMER_FIRED,
  RESPONSE,
  SDK_LOADED,
  LOGIN_RETURNED,
  LOGIN_CALLBACK,
  POPUP_CLOSED,
  MESSAGE,
  ACTION,
  SUBMIT,
  PAGE_VISIBLE,
  ONLINE,
  PAGE_HIDDEN,
] = Array(12).keys();

const POPUP_WATCH_MS = 500;
/** Slot of the interval that watches the popup, after those of the flow's timers. */
const POPUP_WATCH = 15;

/** A window object for the SDK where the popup was blocked. With null it would navigate this page to Meta. */
const inertWindow = () => {
  const nothing = () => {};
  return { closed: false, location: {}, close: nothing, focus: nothing, blur: nothing, postMessage: nothing };
};

let policy;

/** The function's result, or undefined if it throws. */
const tryCall = (call) => {
  try {
    return call();
  } catch {}
};

/** The URL as a TrustedScriptURL, for pages that require Trusted Types. The policy lets any URL through. */
const scriptUrl = (url) =>
  tryCall(() => {
    policy ??= trustedTypes.createPolicy("embark", { createScriptURL: String });
    return policy.createScriptURL(url);
  }) ?? url;

/** Reads sessionStorage. Undefined without storage: in a third-party frame the access may throw. */
export function readStorage(key) {
  return tryCall(() => sessionStorage.getItem(key));
}

/** Writes to sessionStorage. Without storage the signup is not resumed after a reload. */
export function writeStorage(key, text) {
  tryCall(() => sessionStorage.setItem(key, text));
}

/** The property; undefined also if it is null. */
export function getProperty(object, name) {
  return object?.[name] ?? undefined;
}

/** Undefined if the text is not JSON. */
export function parseJson(text) {
  return tryCall(() => JSON.parse(text));
}

export function stringify(value) {
  return tryCall(() => JSON.stringify(value));
}

/**
 * Takes a handover out of the URL fragment and removes it there, so that no grant ends up in a bookmark. A
 * handover is valid for one window: this window's random name is appended to the grant after `~`.
 */
export function takeHandover(prefix) {
  if (!location.hash.startsWith(prefix)) return undefined;
  const text = location.hash.slice(prefix.length);
  history.replaceState(null, "", location.pathname + location.search);
  // Whoever made a link with a name in it would know the name.
  return text.includes("~") ? undefined : `${text}~${crypto.randomUUID()}`;
}

/** The plural category of a number: `one`, `few`, `other` … */
export function pluralCategory(lang, number) {
  return new Intl.PluralRules(lang).select(number);
}

/** The widget's place in the page: its root element, listeners, timers and requests. */
export class Browser {
  /**
   * In a frame `hostOrigin` is the host page's origin, the only target of postMessage; elsewhere it is empty.
   * `callback` is called as (kind, number, text, extra).
   */
  constructor(element, hostOrigin, callback) {
    this.callback = callback;
    this.element = element;
    this.hostOrigin = hostOrigin;
    this.timers = [];
    this.requests = [];
    this.unmounted = new AbortController();
    this.previousInit = window.fbAsyncInit;
    this.root = document.createElement("div");
    this.root.className = "embark";
    element.textContent = "";
    element.append(this.root);

    const { signal } = this.unmounted;
    const on = (target, name, listener) => target.addEventListener(name, listener, { signal });
    on(this.root, "click", ({ target }) => {
      const button = target.closest("[data-act]");
      if (button) this.callback(ACTION, 0, button.dataset.act);
    });
    on(this.root, "submit", (event) => {
      event.preventDefault();
      this.callback(SUBMIT, 0, new FormData(event.target).get("value"));
    });
    on(window, "message", ({ origin, source, data }) => {
      // Mode `window`: the loader reports a click on the host page's own button.
      const isLaunch = source === parent && origin === this.hostOrigin && data?.type === "launch";
      if (isLaunch) this.callback(ACTION, 0, "elsewhere");
      else this.callback(MESSAGE, 0, origin, data);
    });
    on(window, "online", () => this.callback(ONLINE));
    on(window, "pagehide", () => this.callback(PAGE_HIDDEN));
    on(window, "pageshow", () => this.callback(PAGE_VISIBLE));
    on(document, "visibilitychange", () => this.callback(PAGE_VISIBLE));
    if (hostOrigin) {
      this.post({ type: "hello" });
      this.observer = new ResizeObserver(() => this.post({ type: "height", height: document.body.offsetHeight }));
      this.observer.observe(this.root);
    }
  }

  /** Removes the widget with its listeners, timers and requests. */
  unmount() {
    this.callback = () => {};
    this.unmounted.abort();
    this.observer?.disconnect();
    this.timers.forEach(clearTimeout);
    this.requests.forEach((request) => request.abort());
    if (window.fbAsyncInit === this.ownInit) window.fbAsyncInit = this.previousInit;
    this.root.remove();
  }

  post(message) {
    parent.postMessage({ source: "embark", v: 1, ...message }, this.hostOrigin);
  }

  /** Sends an event to the host page: through the loader in a frame, else as a DOM event. */
  announce(name, json) {
    const detail = JSON.parse(json);
    if (this.hostOrigin) this.post({ type: "event", name, detail });
    else this.element.dispatchEvent(new CustomEvent(`embark:${name}`, { detail, bubbles: true, composed: true }));
  }

  // Timers

  startTimer(timer, ms) {
    this.stopTimer(timer);
    this.timers[timer] = setTimeout(() => this.callback(TIMER_FIRED, timer), ms);
  }

  /** Stops a timeout or an interval: both share one list of handles. */
  stopTimer(timer) {
    clearTimeout(this.timers[timer]);
  }

  watchPopup() {
    this.stopTimer(POPUP_WATCH);
    const check = () => this.popup?.closed && this.callback(POPUP_CLOSED);
    this.timers[POPUP_WATCH] = setInterval(check, POPUP_WATCH_MS);
  }

  unwatchPopup() {
    this.stopTimer(POPUP_WATCH);
  }

  // Requests

  /** Sends a request and aborts an older one of this slot. `tag` is reported back with the response. */
  async send(slot, tag, url, grant, body, timeoutMs) {
    this.requests[slot]?.abort();
    const request = (this.requests[slot] = new AbortController());
    const timeout = setTimeout(() => request.abort(), timeoutMs);
    const headers = grant ? { authorization: `Bearer ${grant}` } : {};
    const options = { cache: "no-store", credentials: "omit", redirect: "error", signal: request.signal, headers };
    if (body) {
      headers["content-type"] = "application/json";
      // `keepalive` completes the post also if the person closes the page just as the code arrives.
      Object.assign(options, { method: "POST", body, keepalive: true });
    }
    let status = 0;
    let text;
    try {
      const response = await fetch(url, options);
      text = await response.text();
      status = response.status;
    } catch {
      // No response, or none in time: status 0.
    }
    clearTimeout(timeout);
    if (this.requests[slot] === request) this.callback(RESPONSE, tag, text, status);
  }

  // Meta's SDK

  /** https://developers.facebook.com/docs/javascript/reference/FB.init */
  loadSdk(url, appId, version) {
    const init = () => {
      let ready = 0;
      try {
        if (FB.embark !== appId) FB.init({ appId, version, cookie: false, xfbml: false });
        // Marks the SDK, its callback and its script with the app: the loader does not mount the widget
        // beside an SDK of the host page or of another app.
        FB.embark = appId;
        ready = 1;
      } catch {
        // FB is not Meta's SDK.
      }
      this.callback(SDK_LOADED, ready);
    };
    this.script?.remove();
    // Until it is loaded, FB is a stub that records calls (`__buffer`). A recorded FB.login opens no popup.
    if (window.FB && !FB.__buffer) return queueMicrotask(init);
    window.fbAsyncInit = this.ownInit = () => {
      this.previousInit?.();
      init();
    };
    this.ownInit.embark = appId;
    const script = (this.script = document.createElement("script"));
    Object.assign(script, { id: "facebook-jssdk", async: true, crossOrigin: "anonymous", src: scriptUrl(url), embark: appId });
    script.onerror = () => this.callback(SDK_LOADED, 0);
    document.head.append(script);
  }

  /**
   * Calls FB.login. During the call window.open is wrapped, to keep the popup's handle and to read the
   * redirect_uri of the SDK's dialog.
   */
  login(options, attempt) {
    const open = window.open;
    let result = 2; // window.open was not called
    let redirectUri;
    this.popup = null;
    window.open = (url, ...rest) => {
      window.open = open;
      this.popup = open.call(window, url, ...rest);
      result = this.popup ? 0 : 1; // opened, blocked
      // Without it the Worker tries the redirect URIs it knows of.
      redirectUri = tryCall(() => new URL(url).searchParams.get("redirect_uri"));
      return this.popup ?? inertWindow();
    };
    try {
      FB.login((response) => this.callback(LOGIN_CALLBACK, attempt, response?.authResponse?.code), options);
    } catch {
      // Nothing was opened: the flow offers another way.
    } finally {
      window.open = open;
    }
    this.callback(LOGIN_RETURNED, result, redirectUri);
  }

  /**
   * Navigates this window to Meta's dialog. The `state` parameter is the signup and a nonce; the same nonce
   * is in a cookie with the grant, so that the callback accepts the code only from this browser.
   */
  openDialogHere(dialog, resumeToken) {
    const [signup] = resumeToken.split(".", 1);
    const nonce = crypto.randomUUID();
    const secure = location.protocol === "https:" ? ";secure" : "";
    const grant = resumeToken.slice(signup.length + 1);
    // Where a browser without the cookie begins again.
    const [, , site] = location.pathname.split("/");
    // The callback restores the page's query, if it fits into the cookie.
    const { search } = location;
    const query = search.length < 2000 ? search.replaceAll(";", "%3B") : "";
    document.cookie = `embark-${signup}=${nonce}.${grant}|${query};path=/go/callback;max-age=86400;samesite=lax${secure}`;
    location.assign(`${dialog}&state=${signup}.${nonce}.${site}`);
  }

  focusPopup() {
    this.popup?.focus();
  }

  // Rendering (incremental DOM): the document is changed only where it differs from the last render, so that
  // focus, typed text and running animations are kept.

  beginRender() {
    this.hadFocus = this.root.querySelector(":focus");
    /** The open elements, the root first, each with its next child to compare. */
    this.stack = [[this.root, this.root.firstElementChild]];
  }

  /** Opens an element. `tag` (`name.class attribute=value …`) and key are its identity between renders. */
  openElement(tag, key) {
    const top = this.stack.at(-1);
    const id = `${tag}\n${key}`;
    let node = top[1];
    while (node && node.embark !== id) node = node.nextElementSibling;
    if (node) {
      // The elements before it are not part of this render.
      while (top[1] !== node) top[1] = this.removeNode(top[1]);
      top[1] = node.nextElementSibling;
    } else {
      const [start, ...attributes] = tag.split(" ");
      const [name, className] = start.split(".");
      const isSvg = /^(svg|path)$/.test(name);
      node = document.createElementNS(`http://www.w3.org/${isSvg ? "2000/svg" : "1999/xhtml"}`, name);
      node.embark = id;
      if (className) {
        node.setAttribute("class", className);
        // Mode `inline`: the host page can style the parts, e.g. ::part(button).
        node.part = className.slice(3);
      }
      for (const attribute of attributes) {
        const [key, value = ""] = attribute.split("=");
        node.setAttribute(key, value);
      }
      top[0].insertBefore(node, top[1]);
    }
    this.stack.push([node, node.firstElementChild]);
  }

  /** Sets an attribute of the open element; undefined removes it. */
  setAttribute(name, value) {
    const [node] = this.stack.at(-1);
    if (value == null) node.removeAttribute(name);
    else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }

  /** Sets a custom property of the root. By CSSOM: a strict CSP blocks style attributes. */
  setStyle(name, value) {
    this.root.style.setProperty(name, value);
  }

  setText(text) {
    const [node] = this.stack.at(-1);
    if (node.textContent !== text) node.textContent = text;
  }

  /** Closes the open element and removes the children that are not part of this render. */
  closeElement() {
    let [, next] = this.stack.pop();
    while (next) next = this.removeNode(next);
  }

  /** If the element with the focus was removed, moves the focus into the new panel, not to the page's top. */
  endRender() {
    this.closeElement();
    const find = (selector) => this.root.querySelector(selector);
    if (this.hadFocus && !find(":focus")) (find("[data-focus]") ?? find(".em-title,button:enabled"))?.focus();
  }

  /** Removes a node and returns its next sibling. */
  removeNode(node) {
    const next = node.nextElementSibling;
    node.remove();
    return next;
  }
}
