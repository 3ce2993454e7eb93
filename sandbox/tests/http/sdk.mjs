// Drives the sandbox's sdk.js in a page made of plain values. Called by sdk.rs with the script's address.
import assert from "node:assert/strict";
import vm from "node:vm";

const source = await (await fetch(process.argv[2])).text();
const tick = () => new Promise((done) => setTimeout(done, 5));
const OPTIONS = { config_id: "3000000000000001", response_type: "code", override_default_response_type: true, extras: { setup: {} } };

/** A page with the SDK loaded; `said` is its console, `opened` its popups. */
function page(href, { gesture = true, popup = {} } = {}) {
  const said = [], opened = [], listeners = [];
  const say = (...words) => said.push(words.join(" "));
  const window = {
    addEventListener: (name, listener) => name === "message" && listeners.push(listener),
    open: (url, name, features) => { opened.push({ url: new URL(url), name, features }); return popup; },
  };
  const url = new URL(href);
  const location = { href, origin: url.origin, protocol: url.protocol, hostname: url.hostname };
  const navigator = { userActivation: { isActive: gesture } };
  const context = vm.createContext({
    window, location, navigator, setTimeout, URLSearchParams, encodeURIComponent,
    console: { log: say, warn: say, error: say },
  });
  vm.runInContext(source, context);
  const hear = (event) => listeners.forEach((listener) => listener(event));
  return { window, FB: window.FB, said, opened, hear, location, popup };
}

function ready(href, options) {
  const one = page(href, options);
  one.FB.init({ appId: "1000000000000001", version: "v25.0" });
  return one;
}

// fbAsyncInit is called once.
{
  const one = page("https://shop.example/");
  let calls = 0;
  one.window.fbAsyncInit = () => calls++;
  await tick();
  assert.equal(calls, 1);
}
// Before init: a line in the console and nothing else.
{
  const one = page("https://shop.example/");
  one.FB.login(() => assert.fail("called"), OPTIONS);
  assert.deepEqual(one.said, ["FB.login() called before FB.init()."]);
  assert.throws(() => one.FB.init({ appId: "1" }), /init not called with valid version/);
}
// The callback must be a plain function.
{
  const one = ready("https://shop.example/");
  assert.throws(() => one.FB.login(async () => {}, OPTIONS), { message: "Expression is of type asyncfunction, not function" });
  assert.throws(() => one.FB.login({}, OPTIONS), { message: "Expression is of type object, not function" });
  assert.equal(one.opened.length, 0);
}
// Plain http anywhere but localhost: an error in the console, no callback.
{
  const one = ready("http://shop.example/");
  one.FB.login(() => assert.fail("called"), OPTIONS);
  await tick();
  assert.match(one.said[0], /^The method FB\.login can no longer be called from http pages\./);
  const local = ready("http://localhost:3000/");
  local.FB.login(() => {}, OPTIONS);
  assert.equal(local.opened.length, 1);
}
// A domain that is not allow-listed: no popup, no code.
{
  const one = ready("https://evil.example/"), answers = [];
  one.FB.login((answer) => answers.push(answer), OPTIONS);
  await tick();
  assert.match(one.said[0], /^JSSDK Unknown Host domain/);
  assert.equal(JSON.stringify(answers), '[{"authResponse":null,"status":"unknown"}]');
  assert.equal(one.opened.length, 0);
}
// No gesture: the popup is blocked.
{
  const one = ready("https://shop.example/", { gesture: false }), answers = [];
  one.FB.login((answer) => answers.push(answer), OPTIONS);
  await tick();
  assert.equal(answers[0].status, "unknown");
  assert.equal(one.opened.length, 0);
}
// The popup is opened at once, with the dialog's address.
{
  const one = ready("https://shop.example/cart?x=1#top");
  one.FB.login(() => {}, OPTIONS);
  const { url } = one.opened[0];
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
// Only its own popup's word, from the popup's origin, reaches the callback, and only once.
{
  const one = ready("https://shop.example/"), answers = [];
  one.FB.login((answer) => answers.push(answer), OPTIONS);
  const { url, name } = one.opened[0];
  const data = `cb=${name}&code=C0DE`;
  one.hear({ origin: "https://evil.example", source: one.popup, data });
  one.hear({ origin: url.origin, source: {}, data });
  one.hear({ origin: url.origin, source: one.popup, data: "cb=other&code=x" });
  one.hear({ origin: url.origin, source: one.popup, data: '{"type":"WA_EMBEDDED_SIGNUP"}' });
  assert.equal(answers.length, 0);
  one.hear({ origin: url.origin, source: one.popup, data });
  one.hear({ origin: url.origin, source: one.popup, data });
  assert.equal(JSON.stringify(answers), '[{"authResponse":{"userID":null,"expiresIn":null,"code":"C0DE"},"status":"connected"}]');
}
// A popup that left without a code.
{
  const one = ready("https://shop.example/"), answers = [];
  one.FB.login((answer) => answers.push(answer), OPTIONS);
  one.hear({ origin: one.opened[0].url.origin, source: one.popup, data: `cb=${one.opened[0].name}&error=access_denied` });
  assert.equal(JSON.stringify(answers), '[{"authResponse":null,"status":"unknown"}]');
}
// No popup comes up: the page itself goes there and back. With a stub in its place it stays.
{
  const one = ready("https://shop.example/cart#top", { popup: null });
  one.FB.login(() => {}, OPTIONS);
  const params = new URL(one.location.href).searchParams;
  assert.equal(params.get("redirect_uri"), "https://shop.example/cart");
  assert.equal(params.get("display"), "page");
  const stub = ready("https://shop.example/cart", { popup: { closed: false } });
  stub.FB.login(() => {}, OPTIONS);
  assert.equal(stub.location.href, "https://shop.example/cart");
}
console.log("sdk: all good");
