//! Does what `flow` says and tells it what happened. No decision is taken here.
//!
//! Everything that happens comes through one door: a single function of ours, given to the browser with
//! its first argument filled in, which says what it is.

use alloc::{boxed::Box, vec::Vec};
use crate::{
    config::Launch,
    doc::Doc,
    edge,
    error::Fault,
    flow::{Action, Effect, Event, Kind, State, Timer, Window, snapshot::Snapshot},
    host::Host,
    i18n::Words,
    js::{self, AbortController, Js},
    listen,
    owned::{Call, Listener, Observer, Pending},
    sdk::{self, Called},
    store,
    view::{Screen, looks::Looks},
};
use alloc::rc::Rc;
use core::cell::Cell;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

/// How often a popup is looked at.
const WATCH_MS: u32 = 500;
/// Requests on their way: five kinds of posts, the question, the renewal.
const CALLS: usize = 7;
const POLL: usize = 5;
const RENEW: usize = 6;

/// What stands at the door: the low byte of the first argument. Timers and calls add their slot.
mod tag {
    pub const TIMER: u32 = 0;
    pub const ANSWER: u32 = 16;
    pub const TEXT: u32 = 32;
    pub const LATE: u32 = 48;
    pub const EVENT: u32 = 64;
    pub const HEIGHT: u32 = 65;
    pub const SDK_INIT: u32 = 66;
    pub const SDK_ERROR: u32 = 67;
    pub const WATCH: u32 = 68;
    pub const OPEN: u32 = 69;
    pub const CALLBACK: u32 = 70;
    pub const UNMOUNT: u32 = 71;
}

/// The running widget.
struct Inner {
    window: Js,
    /// What happened and was not looked at yet.
    queue: Cell<Vec<Knock>>,
    /// Everything else; taken out while somebody works on it.
    parts: Cell<Option<Box<Parts>>>,
    /// The page's own `window.open`, and what came of calling it.
    open: Cell<Option<JsValue>>,
    called: Cell<Option<Called>>,
}

enum Knock {
    Door(u32, JsValue),
    Event(Event),
}

struct Parts {
    window: Js,
    door: Js,
    words: Words,
    looks: Looks,
    host: Host,
    state: State,
    screen: Screen,
    timers: [Option<(Timer, Pending)>; Timer::COUNT],
    calls: [Option<Call>; CALLS],
    serial: u32,
    loading: Option<sdk::Loading>,
    popup: JsValue,
    watch: Option<Pending>,
    _listeners: Vec<Listener>,
    _observer: Option<Observer>,
}

impl Drop for Parts {
    fn drop(&mut self) {
        self.screen.root.remove();
    }
}

/// Starts the widget. The function that comes back takes it away again: no listener, timer or request is
/// left behind, and its place is empty.
pub fn start(window: Js, element: Js, launch: Launch, words: Words, looks: Looks) -> Option<JsValue> {
        let document = js::object(&window, "document")?;
        let inner = Rc::new(Inner {
            window: window.clone(),
            queue: Cell::default(),
            parts: Cell::new(None),
            open: Cell::new(None),
            called: Cell::new(None),
        });
        let door = door(inner.clone());
        let saved = store::saved(&window, &launch);
        let (mode, origin) = (launch.mode, launch.host());
        let host = Host { window: window.clone(), element: element.clone(), mode, origin };
        host.hello();
        let state = State::new(launch, now());
        let screen = Screen::new(&document, &element, &looks);
        let mut listeners = Vec::new();
        let mut listen = |target: &Js, names: &[&'static str]| {
            for name in names {
                listeners.push(Listener::new(target, name, door.bind(&JsValue::NULL, tag::EVENT)));
            }
        };
        listen(&screen.root, &["click", "submit"]);
        listen(&window, &["message", "online", "pagehide", "pageshow"]);
        listen(&document, &["visibilitychange"]);
        let observer = Observer::new(&door.bind(&JsValue::NULL, tag::HEIGHT), &screen.root);
        let parts = Parts {
            window,
            door,
            words,
            looks,
            host,
            state,
            screen,
            timers: Default::default(),
            calls: Default::default(),
            serial: 0,
            loading: None,
            popup: JsValue::UNDEFINED,
            watch: None,
            _listeners: listeners,
            _observer: Some(observer),
        };
        let unmount = parts.bound(tag::UNMOUNT);
        inner.parts.set(Some(Box::new(parts)));
        inner.happened(Knock::Event(Event::Start(saved)));
        Some(unmount)
}

/// The one function of ours that the browser calls. The SDK may keep it as long as it likes: the garbage
/// collector frees it, and after the widget is gone it does nothing.
fn door(inner: Rc<Inner>) -> Js {
    let knock = move |tag: u32, a: JsValue, b: JsValue, c: JsValue| {
        match tag {
            tag::OPEN => return inner.open(&a, &b, &c),
            tag::UNMOUNT => drop(inner.parts.take()),
            _ => inner.happened(Knock::Door(tag, a)),
        }
        JsValue::UNDEFINED
    };
    Closure::<dyn Fn(u32, JsValue, JsValue, JsValue) -> JsValue>::new(knock).into_js_value().unchecked_into()
}

impl Inner {
    /// Takes what happened. What that causes in turn waits until all of it is done.
    fn happened(&self, knock: Knock) {
        let mut queue = self.queue.take();
        queue.push(knock);
        self.queue.set(queue);
        let Some(mut parts) = self.parts.take() else { return };
        loop {
            let mut knocks = self.queue.take();
            if knocks.is_empty() {
                break;
            }
            knocks.reverse();
            while let Some(knock) = knocks.pop() {
                let event = match knock {
                    Knock::Event(event) => Some(event),
                    Knock::Door(tag, value) => parts.read(tag, &value),
                };
                if let Some(event) = event {
                    let mut effects = parts.state.step(now(), event).0;
                    effects.reverse();
                    while let Some(effect) = effects.pop() {
                        parts.does(self, effect);
                    }
                }
            }
            parts.screen.show(&parts.state, &parts.words, &parts.looks);
        }
        self.parts.set(Some(parts));
    }

    fn later(&self, event: Event) {
        let mut queue = self.queue.take();
        queue.push(Knock::Event(event));
        self.queue.set(queue);
    }

    /// Stands in for `window.open` while `FB.login` runs, for one call.
    fn open(&self, url: &JsValue, name: &JsValue, features: &JsValue) -> JsValue {
        let open = self.open.take().unwrap_or_default();
        let (called, held) = sdk::open(&self.window, &open, url, name, features);
        self.called.set(Some(called));
        held
    }
}

impl Parts {
    fn does(&mut self, inner: &Inner, effect: Effect) {
        match effect {
            Effect::LoadSdk => self.load_sdk(inner),
            Effect::Login => self.login(inner),
            Effect::ShowWindow => drop(js::tell(&self.popup, "focus", "", "")),
            Effect::Watch => self.watch = Some(Pending::every(&self.window, &self.bound(tag::WATCH), WATCH_MS)),
            Effect::Unwatch => self.watch = None,
            Effect::Post(kind, body) => {
                self.call(kind as usize, &self.state.launch.signup_url(kind.path()), Some(&body));
            }
            Effect::Poll => self.call(POLL, &self.state.launch.signup_url(&self.state.question()), None),
            Effect::Renew => self.call(RENEW, &self.state.launch.renewal_url(), None),
            Effect::After(timer, ms) => {
                let bound = self.bound(tag::TIMER + timer as u32);
                self.set(timer, Some((timer, Pending::once(&self.window, &bound, ms))));
            }
            Effect::Stop(timer) => self.set(timer, None),
            Effect::Remember => store::remember(&self.window, &self.state.launch),
            Effect::Forget => store::forget(&self.window, &self.state.launch),
            Effect::Announce(told) => self.host.announce(&told),
        }
    }

    fn bound(&self, tag: u32) -> JsValue {
        self.door.bind(&JsValue::NULL, tag)
    }

    fn set(&mut self, timer: Timer, pending: Option<(Timer, Pending)>) {
        if let Some(slot) = self.timers.get_mut(timer as usize) {
            *slot = pending;
        }
    }

    fn load_sdk(&mut self, inner: &Inner) {
        if let Some(dead) = self.loading.take() {
            dead.script.remove();
        }
        if sdk::is_there(&self.window) {
            return inner.later(self.init_sdk());
        }
        let (init, error) = (self.bound(tag::SDK_INIT), self.bound(tag::SDK_ERROR));
        self.loading = sdk::load(&self.window, &self.state.launch.part("sdk").text_or_empty("url"), init, error);
    }

    fn init_sdk(&self) -> Event {
        if sdk::init(&self.window, &self.state.launch.part("sdk")) { Event::SdkReady } else { Event::SdkFailed }
    }

    fn login(&mut self, inner: &Inner) {
        let open = js::get(&self.window, "open");
        let callback = self.bound(tag::CALLBACK | self.state.attempts << 8);
        inner.open.set(Some(open.clone()));
        sdk::login(&self.window, &self.state.launch.part("login").0, &callback, &open, &self.bound(tag::OPEN));
        let unseen = || Called { opened: Window::Unseen, popup: JsValue::UNDEFINED, redirect_uri: None };
        let called = inner.called.take().unwrap_or_else(unseen);
        self.popup = called.popup;
        inner.later(Event::LoginCalled { window: called.opened, redirect_uri: called.redirect_uri });
    }

    /// Sends a request; an older one of its kind is aborted.
    fn call(&mut self, slot: usize, url: &str, body: Option<&str>) {
        self.serial += 1;
        let tag = self.serial << 8 | slot as u32;
        let abort = AbortController::new();
        let options = js::parse(&edge::options(&self.state.launch.grant, body)).unwrap_or_default();
        js::set(&options, "signal", &js::abort_signal(&abort));
        let late = Pending::once(&self.window, &self.bound(tag + tag::LATE), edge::bound(body));
        let answer = self.bound(tag + tag::ANSWER);
        self.window.fetch(url, &options).then(&answer, &answer);
        if let Some(place) = self.calls.get_mut(slot) {
            *place = Some(Call::new(self.serial, self.state.epoch, abort, late));
        }
    }

    /// What a knock at the door means.
    fn read(&mut self, tag: u32, value: &JsValue) -> Option<Event> {
        match tag & 255 {
            kind @ tag::ANSWER..tag::EVENT => self.answered(kind, tag >> 8, value),
            tag::EVENT => self.heard(value),
            tag::HEIGHT => {
                self.host.height();
                None
            }
            tag::SDK_INIT => {
                if let Some(loading) = &self.loading {
                    loading.pass_on();
                }
                Some(self.init_sdk())
            }
            tag::SDK_ERROR => Some(Event::SdkFailed),
            tag::WATCH => js::get(&self.popup, "closed").is_truthy().then_some(Event::WindowClosed),
            tag::CALLBACK => Some(Event::Callback { attempt: tag >> 8, code: sdk::code(value) }),
            slot => {
                let (timer, _) = self.timers.get_mut(slot as usize)?.take()?;
                Some(Event::Fired(timer))
            }
        }
    }

    /// A request went one step on: its status came, its text came, or its time is up.
    fn answered(&mut self, kind: u32, serial: u32, value: &JsValue) -> Option<Event> {
        let slot = (kind & 15) as usize;
        let place = self.calls.get_mut(slot)?;
        let call = place.as_mut().filter(|call| call.serial == serial)?;
        match kind & !15 {
            tag::LATE => {
                call.abort();
                return None;
            }
            tag::ANSWER => {
                if let Some(status) = js::get(value, "status").as_f64() {
                    call.status = status as u16;
                    let text = self.door.bind(&JsValue::NULL, serial << 8 | slot as u32 | tag::TEXT);
                    value.unchecked_ref::<Js>().text().then(&text, &text);
                    return None;
                }
            }
            _ => {}
        }
        let (epoch, reply) = (call.epoch, edge::read(call.status, value.as_string()));
        *place = None;
        let snapshot = |document: Doc| Snapshot::read(document).ok_or(Fault::Unreachable);
        Some(match slot {
            POLL => Event::Polled { epoch, reply: reply.and_then(snapshot) },
            RENEW => {
                let launch = |document: Doc| Launch::read(document).ok_or(Fault::Unreachable);
                Event::Renewed(reply.and_then(launch).map(Box::new))
            }
            _ => Event::Posted { epoch, kind: Kind::of(slot), reply: reply.and_then(snapshot) },
        })
    }

    /// An event of the page: the person, Meta's messages, the page coming and going.
    fn heard(&self, event: &JsValue) -> Option<Event> {
        match js::text(event, "type")?.as_str() {
            "click" => {
                let pressed = js::tell(&js::get(event, "target"), "closest", "[data-act]", "")?;
                Some(Event::Act(action(&js::text(&js::get(&pressed, "dataset"), "act")?)?))
            }
            "submit" => {
                js::tell(event, "preventDefault", "", "");
                let value = js::filled_in(&js::get(event, "target"), "value");
                Some(Event::Act(Action::Submit(value.unwrap_or_default())))
            }
            "message" => self.message(event),
            "online" => Some(Event::Online),
            "pagehide" => Some(Event::PageHidden),
            _ => Some(Event::Woke),
        }
    }

    /// Origin before data: nothing of a message from elsewhere is looked at.
    fn message(&self, event: &JsValue) -> Option<Event> {
        if !listen::counts(&self.state.launch.part("sdk"), &js::text(event, "origin")?) {
            return None;
        }
        let data = js::get(event, "data");
        let text = data.as_string().or_else(|| js::stringify(&data))?;
        let document = if listen::may_be_read(&text) { Doc::parse(&text)? } else { return None };
        listen::read(&document).map(Event::Message)
    }
}

fn action(act: &str) -> Option<Action> {
    Some(match act {
        "launch" => Action::Launch,
        "anew" => Action::Anew,
        "retry" => Action::Retry,
        "show" => Action::ShowWindow,
        "sms" => Action::Resend("SMS"),
        "voice" => Action::Resend("VOICE"),
        _ => return None,
    })
}

fn now() -> u64 {
    js::date_now() as u64
}
