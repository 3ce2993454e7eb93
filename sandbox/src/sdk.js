// Plays Meta's JavaScript SDK as far as Embedded Signup needs it: FB.init and FB.login.
// https://developers.facebook.com/docs/javascript/reference/FB.init
// https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation
// The server puts SANDBOX in front of this text: popupOrigin, apps (with their domains), and live (the app's mode).
"use strict";
if (window.FB) {
  console.warn("The Facebook JSSDK is already on this page.");
  return;
}

/** What FB.init was called with; null before that. */
var settings = null;
/** Open popups: { cb: callback id, window, respond: function that calls the page's callback }. */
var popups = [];

/** The check of Meta's SDK: "[object AsyncFunction]" is not "[object Function]". */
function ensureType(value, expected) {
  var type = Object.prototype.toString.call(value).replace(/\[object (\w+)\]/, "$1").toLowerCase();
  if (type !== expected) throw new Error("Expression is of type " + type + ", not " + expected);
}

function init(options) {
  options = options || {};
  if (settings) console.warn("FB.init has already been called - this could indicate a problem");
  if (!/^v\d+\.\d+$/.test(options.version || "")) throw new Error("init not called with valid version");
  if (!/^\d+$/.test(String(options.appId || ""))) {
    console.error("Invalid App Id: Must be a number or numeric string representing the application id.");
  }
  settings = { appId: String(options.appId || ""), version: options.version };
}

function login(callback, options) {
  if (callback !== undefined && callback !== null) ensureType(callback, "function");
  if (!settings) {
    console.log("FB.login() called before FB.init().");
    return;
  }
  var respond = function (response) {
    if (callback) callback(response);
  };
  if (location.protocol !== "https:" && (location.hostname !== "localhost" || SANDBOX.live)) {
    console.error(
      "The method FB.login can no longer be called from http pages. " +
        "https://developers.facebook.com/blog/post/2018/06/08/enforce-https-facebook-login/",
    );
    return;
  }
  if (!isDomainAllowed()) {
    console.error("JSSDK Unknown Host domain: " + location.origin + " is not in your app's Javascript SDK host domain list");
    setTimeout(respond, 0, unknownStatus());
    return;
  }
  if (navigator.userActivation && !navigator.userActivation.isActive) {
    console.warn("FB.login() called outside of a user gesture: the browser blocks the popup.");
    setTimeout(respond, 0, unknownStatus());
    return;
  }
  openDialog(respond, options || {});
}

function openDialog(respond, options) {
  var cb = "f" + randomHex(), frame = "f" + randomHex();
  var arbiter =
    "https://staticxx.facebook.com/x/connect/xd_arbiter/?version=46#cb=" + cb +
    "&domain=" + encodeURIComponent(location.hostname) + "&is_canvas=false" +
    "&origin=" + encodeURIComponent(location.origin + "/" + frame) + "&relation=opener&frame=" + frame;
  // In the same task as the user's click, or the browser blocks the popup.
  var popup = window.open(dialogUrl(arbiter, "popup", cb, options), cb, POPUP_FEATURES);
  if (popup === null) {
    // As Meta's SDK may do where no popup opens: the page itself goes to the dialog, which redirects back to it.
    location.href = dialogUrl(pageUrl(), "page", cb, options);
    return;
  }
  popups.push({ cb: cb, window: popup, respond: respond });
}

function dialogUrl(redirectUri, display, cb, options) {
  var params = new URLSearchParams();
  params.set("app_id", settings.appId);
  params.set("client_id", settings.appId);
  ["config_id", "response_type", "override_default_response_type", "scope", "state"].forEach(function (name) {
    if (options[name] !== undefined && options[name] !== null) params.set(name, String(options[name]));
  });
  if (options.extras !== undefined) params.set("extras", JSON.stringify(options.extras));
  params.set("redirect_uri", redirectUri);
  params.set("fallback_redirect_uri", pageUrl());
  params.set("display", display);
  params.set("domain", location.hostname);
  params.set("origin", location.origin);
  params.set("logger_id", cb);
  params.set("sdk", "joey");
  params.set("channel", "https://staticxx.facebook.com/x/connect/xd_arbiter/?version=46#cb=" + cb + "&relation=parent.parent");
  return SANDBOX.popupOrigin + "/" + settings.version + "/dialog/oauth?" + params.toString();
}

/** The popup's message to the SDK: a query string with the callback id and, unless the person cancelled, the code. */
function onMessage(event) {
  if (event.origin !== SANDBOX.popupOrigin || typeof event.data !== "string" || event.data.slice(0, 3) !== "cb=") return;
  var params = new URLSearchParams(event.data);
  var index = popups.findIndex(function (popup) {
    return popup.window === event.source && popup.cb === params.get("cb");
  });
  if (index < 0) return;
  var respond = popups.splice(index, 1)[0].respond;
  var code = params.get("code");
  respond(code ? { authResponse: { userID: null, expiresIn: null, code: code }, status: "connected" } : unknownStatus());
}

function isDomainAllowed() {
  var app = SANDBOX.apps[settings.appId];
  // The dialog refuses an unknown app, not the SDK.
  return !app || (location.hostname === "localhost" && !SANDBOX.live) || app.domains.indexOf(location.origin) >= 0;
}

/** The response for a person who is not logged in, cancelled, or saw no popup. */
function unknownStatus() {
  return { authResponse: null, status: "unknown" };
}

function pageUrl() {
  return location.href.split("#")[0];
}

function randomHex() {
  return Math.random().toString(16).slice(2, 15);
}

var POPUP_FEATURES = "toolbar=0,location=0,status=0,menubar=0,scrollbars=1,resizable=1,width=640,height=820";
var doNothing = function () {};

window.addEventListener("message", onMessage);
window.FB = {
  init: init,
  login: login,
  getAuthResponse: function () { return null; },
  getLoginStatus: function (callback) { setTimeout(callback, 0, unknownStatus()); },
  Event: { subscribe: doNothing, unsubscribe: doNothing },
  XFBML: { parse: doNothing },
  AppEvents: { logPageView: doNothing },
};

setTimeout(function () {
  if (typeof window.fbAsyncInit === "function" && !window.fbAsyncInit.hasRun) {
    window.fbAsyncInit.hasRun = true;
    window.fbAsyncInit();
  }
}, 0);
