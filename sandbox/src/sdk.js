// Plays Meta's JavaScript SDK as far as Embedded Signup needs it ("Facebook SDK for JavaScript", FB.init and
// FB.login; "Embedded Signup", Implementation). SANDBOX is rendered in front of this text.
"use strict";
if (window.FB) {
  console.warn("The Facebook JSSDK is already on this page.");
  return;
}

var settings = null;
var popups = [];

/** Meta's ensureType: "[object AsyncFunction]" is not "[object Function]". */
function ensureType(value, wanted) {
  var type = Object.prototype.toString.call(value).replace(/\[object (\w+)\]/, "$1").toLowerCase();
  if (type !== wanted) throw new Error("Expression is of type " + type + ", not " + wanted);
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
  var answer = function (response) {
    if (callback) callback(response);
  };
  if (location.protocol !== "https:" && (location.hostname !== "localhost" || SANDBOX.live)) {
    console.error(
      "The method FB.login can no longer be called from http pages. " +
        "https://developers.facebook.com/blog/post/2018/06/08/enforce-https-facebook-login/",
    );
    return;
  }
  if (!domainAllowed()) {
    console.error("JSSDK Unknown Host domain: " + location.origin + " is not in your app's Javascript SDK host domain list");
    setTimeout(answer, 0, unknown());
    return;
  }
  if (navigator.userActivation && !navigator.userActivation.isActive) {
    console.warn("FB.login() called outside of a user gesture: the browser blocks the popup.");
    setTimeout(answer, 0, unknown());
    return;
  }
  open(answer, options || {});
}

function open(answer, options) {
  var cb = "f" + random(), frame = "f" + random();
  var arbiter =
    "https://staticxx.facebook.com/x/connect/xd_arbiter/?version=46#cb=" + cb +
    "&domain=" + encodeURIComponent(location.hostname) + "&is_canvas=false" +
    "&origin=" + encodeURIComponent(location.origin + "/" + frame) + "&relation=opener&frame=" + frame;
  // Synchronously, or the browser blocks it.
  var popup = window.open(dialogUrl(arbiter, "popup", cb, options), cb, FEATURES);
  if (popup === null) {
    // As Meta's SDK may do where no popup comes up: the whole page goes to the dialog and back.
    location.href = dialogUrl(pageUrl(), "page", cb, options);
    return;
  }
  popups.push({ cb: cb, window: popup, answer: answer });
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

/** The popup's private word to us: not JSON, like the rest of the SDK's traffic. */
function hear(event) {
  if (event.origin !== SANDBOX.popupOrigin || typeof event.data !== "string" || event.data.slice(0, 3) !== "cb=") return;
  var words = new URLSearchParams(event.data);
  var at = popups.findIndex(function (one) {
    return one.window === event.source && one.cb === words.get("cb");
  });
  if (at < 0) return;
  var answer = popups.splice(at, 1)[0].answer;
  var code = words.get("code");
  answer(code ? { authResponse: { userID: null, expiresIn: null, code: code }, status: "connected" } : unknown());
}

function domainAllowed() {
  var app = SANDBOX.apps[settings.appId];
  // An unknown app is told so by the dialog.
  return !app || (location.hostname === "localhost" && !SANDBOX.live) || app.domains.indexOf(location.origin) >= 0;
}

function unknown() {
  return { authResponse: null, status: "unknown" };
}

function pageUrl() {
  return location.href.split("#")[0];
}

function random() {
  return Math.random().toString(16).slice(2, 15);
}

var FEATURES = "toolbar=0,location=0,status=0,menubar=0,scrollbars=1,resizable=1,width=640,height=820";
var nothing = function () {};

window.addEventListener("message", hear);
window.FB = {
  init: init,
  login: login,
  getAuthResponse: function () { return null; },
  getLoginStatus: function (callback) { setTimeout(callback, 0, unknown()); },
  Event: { subscribe: nothing, unsubscribe: nothing },
  XFBML: { parse: nothing },
  AppEvents: { logPageView: nothing },
};

setTimeout(function () {
  if (typeof window.fbAsyncInit === "function" && !window.fbAsyncInit.hasRun) {
    window.fbAsyncInit.hasRun = true;
    window.fbAsyncInit();
  }
}, 0);
