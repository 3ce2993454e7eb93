// Runs the sandbox's sdk.js in a page made of plain objects. Called by sdk.rs with the URL of the script.
import assert from "node:assert/strict";
import vm from "node:vm";

const source = await (await fetch(process.argv[2])).text();
const tick = () => new Promise((done) => setTimeout(done, 5));
const OPTIONS = { config_id: "3000000000000001", response_type: "code", override_default_response_type: true, extras: { setup: {} } };

/** A page with the SDK loaded: `logged` are the lines of its console, `opened` its popups; `receive` delivers a message event. */
function page(href, { gesture = true, popup = {} } = {}) {
  const logged = [], opened = [], listeners = [];
  const log = (...values) => logged.push(values.join(" "));
  const window = {
    addEventListener: (name, listener) => name === "message" && listeners.push(listener),
    open: (url, name, features) => { opened.push({ url: new URL(url), name, features }); return popup; },
  };
  const url = new URL(href);
  const location = { href, origin: url.origin, protocol: url.protocol, hostname: url.hostname };
  const navigator = { userActivation: { isActive: gesture } };
  const context = vm.createContext({
    window, location, navigator, setTimeout, URLSearchParams, encodeURIComponent,
    console: { log, warn: log, error: log },
  });
  vm.runInContext(source, context);
  const receive = (event) => listeners.forEach((listener) => listener(event));
  return { window, FB: window.FB, logged, opened, receive, location, popup };
}

/** The same after FB.init. */
function initializedPage(href, options) {
  const tab = page(href, options);
  tab.FB.init({ appId: "1000000000000001", version: "v25.0" });
  return tab;
}

// fbAsyncInit is called once.
{
  const tab = page("https://shop.example/");
  let calls = 0;
  tab.window.fbAsyncInit = () => calls++;
  await tick();
  assert.equal(calls, 1);
}
// Before FB.init: a line in the console and nothing else.
{
  const tab = page("https://shop.example/");
  tab.FB.login(() => assert.fail("called"), OPTIONS);
  assert.deepEqual(tab.logged, ["FB.login() called before FB.init()."]);
  assert.throws(() => tab.FB.init({ appId: "1" }), /init not called with valid version/);
}
// The callback must be a plain function.
{
  const tab = initializedPage("https://shop.example/");
  assert.throws(() => tab.FB.login(async () => {}, OPTIONS), { message: "Expression is of type asyncfunction, not function" });
  assert.throws(() => tab.FB.login({}, OPTIONS), { message: "Expression is of type object, not function" });
  assert.equal(tab.opened.length, 0);
}
// Plain http anywhere but localhost: an error in the console, no callback.
{
  const tab = initializedPage("http://shop.example/");
  tab.FB.login(() => assert.fail("called"), OPTIONS);
  await tick();
  assert.match(tab.logged[0], /^The method FB\.login can no longer be called from http pages\./);
  const local = initializedPage("http://localhost:3000/");
  local.FB.login(() => {}, OPTIONS);
  assert.equal(local.opened.length, 1);
}
// A domain that is not allowed: no popup, no code.
{
  const tab = initializedPage("https://evil.example/"), responses = [];
  tab.FB.login((response) => responses.push(response), OPTIONS);
  await tick();
  assert.match(tab.logged[0], /^JSSDK Unknown Host domain/);
  assert.equal(JSON.stringify(responses), '[{"authResponse":null,"status":"unknown"}]');
  assert.equal(tab.opened.length, 0);
}
// Without a user gesture the popup is blocked.
{
  const tab = initializedPage("https://shop.example/", { gesture: false }), responses = [];
  tab.FB.login((response) => responses.push(response), OPTIONS);
  await tick();
  assert.equal(responses[0].status, "unknown");
  assert.equal(tab.opened.length, 0);
}
// The popup is opened at once, with the URL of the dialog.
{
  const tab = initializedPage("https://shop.example/cart?x=1#top");
  tab.FB.login(() => {}, OPTIONS);
  const { url } = tab.opened[0];
  assert.equal(url.pathname, "/v25.0/dialog/oauth");
  const params = Object.fromEntries(url.searchParams);
  assert.equal(params.client_id, "1000000000000001");
  assert.equal(params.config_id, OPTIONS.config_id);
  assert.equal(params.response_type, "code");
  assert.equal(params.override_default_response_type, "true");
  assert.equal(params.extras, '{"setup":{}}');
  assert.equal(params.display, "popup");
  assert.equal(params.fallback_redirect_uri, "https://shop.example/cart?x=1");
  assert.match(params.redirect_uri, /^https:\/\/staticxx\.facebook\.com\/x\/connect\/xd_arbiter\/\?version=46#cb=f[0-9a-f]+&domain=shop\.example&is_canvas=false&origin=https%3A%2F%2Fshop\.example%2Ff[0-9a-f]+&relation=opener&frame=f[0-9a-f]+$/);
}
// The callback is called once, and only for a message of its own popup from the popup's origin.
{
  const tab = initializedPage("https://shop.example/"), responses = [];
  tab.FB.login((response) => responses.push(response), OPTIONS);
  const { url, name } = tab.opened[0];
  const data = `cb=${name}&code=C0DE`;
  tab.receive({ origin: "https://evil.example", source: tab.popup, data });
  tab.receive({ origin: url.origin, source: {}, data });
  tab.receive({ origin: url.origin, source: tab.popup, data: "cb=other&code=x" });
  tab.receive({ origin: url.origin, source: tab.popup, data: '{"type":"WA_EMBEDDED_SIGNUP"}' });
  assert.equal(responses.length, 0);
  tab.receive({ origin: url.origin, source: tab.popup, data });
  tab.receive({ origin: url.origin, source: tab.popup, data });
  assert.equal(JSON.stringify(responses), '[{"authResponse":{"userID":null,"expiresIn":null,"code":"C0DE"},"status":"connected"}]');
}
// A popup that was cancelled sends no code.
{
  const tab = initializedPage("https://shop.example/"), responses = [];
  tab.FB.login((response) => responses.push(response), OPTIONS);
  tab.receive({ origin: tab.opened[0].url.origin, source: tab.popup, data: `cb=${tab.opened[0].name}&error=access_denied` });
  assert.equal(JSON.stringify(responses), '[{"authResponse":null,"status":"unknown"}]');
}
// Where no popup opens, the page itself goes to the dialog. Where a window object comes back, it stays.
{
  const tab = initializedPage("https://shop.example/cart#top", { popup: null });
  tab.FB.login(() => {}, OPTIONS);
  const params = new URL(tab.location.href).searchParams;
  assert.equal(params.get("redirect_uri"), "https://shop.example/cart");
  assert.equal(params.get("display"), "page");
  const stub = initializedPage("https://shop.example/cart", { popup: { closed: false } });
  stub.FB.login(() => {}, OPTIONS);
  assert.equal(stub.location.href, "https://shop.example/cart");
}
console.log("sdk: all good");
