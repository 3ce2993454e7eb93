//! Does what `flow` says and tells it what happened. No decision is taken here.

use crate::{
    config::Launch,
    doc,
    edge::{self, Call},
    error::Fault,
    flow::{self, Action, Effect, Event, Request, State, Timer, snapshot::Snapshot},
    host::{Height, Host},
    listen, sdk, store,
    view::{Screen, looks::Looks},
};
use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::callback::{Interval, Timeout};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::{Rc, Weak},
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, EventTarget, FormData, HtmlFormElement, MessageEvent, Window};

/// How often a popup is looked at.
const WATCH_MS: u32 = 500;
/// Requests on their way: five kinds of posts, the question, the renewal.
const CALLS: usize = 7;

/// The running widget. Dropping it leaves no listener, timer or request behind, and its place empty.
pub struct Widget(Rc<Inner>);

struct Inner {
    window: Window,
    words: JsValue,
    looks: Looks,
    host: Host,
    state: Cell<Option<State>>,
    screen: RefCell<Screen>,
    queue: RefCell<VecDeque<Event>>,
    busy: Cell<bool>,
    timers: RefCell<[Option<Timeout>; Timer::COUNT]>,
    calls: RefCell<[Option<Call>; CALLS]>,
    listeners: RefCell<Vec<EventListener>>,
    watch: RefCell<Option<Interval>>,
    loading: RefCell<Option<sdk::Loading>>,
    popup: RefCell<Option<JsValue>>,
    height: RefCell<Option<Height>>,
}

impl Drop for Widget {
    fn drop(&mut self) {
        self.0.screen.borrow().root.remove();
    }
}

impl Widget {
    pub fn start(window: Window, element: Element, launch: Launch, words: JsValue, looks: Looks) -> Option<Self> {
        let document = window.document()?;
        let saved = store::saved(&window, &launch);
        let host = Host::new(window.clone(), element.clone(), launch.mode, launch.host.clone());
        let state = State::new(launch, now());
        let screen = Screen::new(document, &element, &state, &words, &looks)?;
        let inner = Rc::new(Inner {
            window,
            words,
            looks,
            host,
            state: Cell::new(Some(state)),
            screen: RefCell::new(screen),
            queue: RefCell::default(),
            busy: Cell::new(false),
            timers: RefCell::default(),
            calls: RefCell::default(),
            listeners: RefCell::default(),
            watch: RefCell::default(),
            loading: RefCell::default(),
            popup: RefCell::default(),
            height: RefCell::default(),
        });
        inner.host.hello();
        inner.listen();
        let height = inner.host.watch_height(&inner.screen.borrow().root);
        inner.height.replace(height);
        inner.happened(Event::Start(saved));
        Some(Self(inner))
    }
}

impl Inner {
    /// Takes an event. What its effects cause in turn waits until they are all done.
    fn happened(self: &Rc<Self>, event: Event) {
        self.queue.borrow_mut().push_back(event);
        if self.busy.replace(true) {
            return;
        }
        while let Some(event) = self.next() {
            let Some(state) = self.state.take() else { break };
            let (state, effects) = flow::step(state, now(), event);
            for effect in effects {
                self.does(&state, effect);
            }
            self.screen.borrow_mut().show(&state, &self.words, &self.looks);
            self.state.set(Some(state));
        }
        self.busy.set(false);
    }

    fn next(&self) -> Option<Event> {
        self.queue.borrow_mut().pop_front()
    }

    fn does(self: &Rc<Self>, state: &State, effect: Effect) {
        let launch = &state.launch;
        match effect {
            Effect::LoadSdk => self.load_sdk(launch),
            Effect::Login { attempt } => self.login(launch, attempt),
            Effect::ShowWindow => {
                if let Some(popup) = &*self.popup.borrow() {
                    sdk::show(popup);
                }
            }
            Effect::Watch => {
                let me = self.weak();
                let look = move || me.look();
                self.watch.replace(Some(Interval::new(WATCH_MS, look)));
            }
            Effect::Unwatch => drop(self.watch.take()),
            Effect::Post { epoch, kind, request } => {
                self.call(kind as usize, &request, move |reply| {
                    Event::Posted { epoch, kind, reply: snapshot(reply) }
                });
            }
            Effect::Poll { epoch, request } => {
                self.call(5, &request, move |reply| Event::Polled { epoch, reply: snapshot(reply) });
            }
            Effect::Renew { url } => {
                let request = Request { url, grant: String::new(), body: None };
                self.call(6, &request, |reply| {
                    let launch = |document| Launch::read(&document).ok_or(Fault::Unreachable);
                    Event::Renewed(reply.and_then(launch))
                });
            }
            Effect::After(timer, ms) => {
                let me = self.weak();
                self.set(timer, Some(Timeout::new(ms, move || me.happened(Event::Fired(timer)))));
            }
            Effect::Stop(timer) => self.set(timer, None),
            Effect::Remember => store::remember(&self.window, launch),
            Effect::Forget => store::forget(&self.window, launch),
            Effect::Announce(told) => self.host.announce(&told),
        }
    }

    fn set(&self, timer: Timer, timeout: Option<Timeout>) {
        if let Some(slot) = self.timers.borrow_mut().get_mut(timer.slot()) {
            *slot = timeout;
        }
    }

    fn call(
        self: &Rc<Self>,
        slot: usize,
        request: &Request,
        event: impl FnOnce(Result<JsValue, Fault>) -> Event + 'static,
    ) {
        let me = self.weak();
        let call = edge::send(&self.window, request, move |reply| me.happened(event(reply)));
        if let Some(slot) = self.calls.borrow_mut().get_mut(slot) {
            *slot = call;
        }
    }

    fn load_sdk(self: &Rc<Self>, launch: &Launch) {
        if let Some(dead) = self.loading.take() {
            dead.give_up();
        }
        let me = self.weak();
        let tell = move |ready| me.happened(if ready { Event::SdkReady } else { Event::SdkFailed });
        self.loading.replace(sdk::load(&self.window, launch, tell));
    }

    fn login(self: &Rc<Self>, launch: &Launch, attempt: u32) {
        let me = self.weak();
        // The SDK keeps this as long as it likes; the garbage collector frees it.
        let callback = Closure::<dyn FnMut(JsValue)>::new(move |response: JsValue| {
            me.happened(Event::Callback { attempt, code: sdk::code(&response) });
        });
        let called = sdk::login(&self.window, launch, &callback.into_js_value());
        self.popup.replace(called.popup);
        self.happened(Event::LoginCalled { window: called.opened, redirect_uri: called.redirect_uri });
    }

    /// Hears the person, Meta's messages, and the page coming and going.
    fn listen(self: &Rc<Self>) {
        let root = self.screen.borrow().root.clone();
        let window: &EventTarget = &self.window;
        let mut listeners = Vec::new();
        let me = self.weak();
        listeners.push(EventListener::new(&root, "click", move |event| {
            if let Some(action) = pressed(event) {
                me.happened(Event::Act(action));
            }
        }));
        let me = self.weak();
        let may_prevent = EventListenerOptions::enable_prevent_default();
        listeners.push(EventListener::new_with_options(&root, "submit", may_prevent, move |event| {
            event.prevent_default();
            me.happened(Event::Act(Action::Submit(filled_in(event).unwrap_or_default())));
        }));
        let me = self.weak();
        listeners.push(EventListener::new(window, "message", move |event| {
            me.message(event.unchecked_ref::<MessageEvent>());
        }));
        let plain = |target: &EventTarget, name: &'static str, event: Event| {
            let me = self.weak();
            EventListener::new(target, name, move |_| me.happened(event.clone()))
        };
        listeners.push(plain(window, "online", Event::Online));
        listeners.push(plain(window, "pagehide", Event::PageHidden));
        listeners.push(plain(window, "pageshow", Event::Woke));
        if let Some(document) = self.window.document() {
            listeners.push(plain(&document, "visibilitychange", Event::Woke));
        }
        self.listeners.replace(listeners);
    }

    /// Origin before data: nothing of a message from elsewhere is looked at.
    fn message(self: &Rc<Self>, event: &MessageEvent) {
        let Some(state) = self.state.take() else { return };
        let counts = listen::counts(&state.launch.sdk.origins, &event.origin());
        self.state.set(Some(state));
        if !counts {
            return;
        }
        let data = event.data();
        let text = data.as_string().or_else(|| doc::Doc::json(&data));
        let message = text
            .filter(|text| listen::may_be_ours(text))
            .and_then(|text| doc::parse(&text, text.len()))
            .and_then(|document| listen::read(&document));
        if let Some(message) = message {
            self.happened(Event::Message(message));
        }
    }

    fn weak(self: &Rc<Self>) -> Me {
        Me(Rc::downgrade(self))
    }
}

/// The widget as its listeners hold it: it may be gone by the time something happens.
#[derive(Clone)]
struct Me(Weak<Inner>);

impl Me {
    fn happened(&self, event: Event) {
        if let Some(inner) = self.0.upgrade() {
            inner.happened(event);
        }
    }

    fn message(&self, event: &MessageEvent) {
        if let Some(inner) = self.0.upgrade() {
            inner.message(event);
        }
    }

    fn look(&self) {
        let Some(inner) = self.0.upgrade() else { return };
        let closed = inner.popup.borrow().as_ref().is_some_and(sdk::is_closed);
        if closed {
            // Its own timer is running: it is dropped when the flow says so.
            inner.popup.take();
            inner.happened(Event::WindowClosed);
        }
    }
}

fn snapshot(reply: Result<JsValue, Fault>) -> Result<Snapshot, Fault> {
    reply.and_then(|document| Snapshot::read(&document).ok_or(Fault::Unreachable))
}

/// The `data-act` of what was pressed.
fn pressed(event: &web_sys::Event) -> Option<Action> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let act = target.closest("[data-act]").ok()??.get_attribute("data-act")?;
    Some(match act.as_str() {
        "launch" => Action::Launch,
        "anew" => Action::Anew,
        "retry" => Action::Retry,
        "show" => Action::ShowWindow,
        "sms" => Action::Resend("SMS"),
        "voice" => Action::Resend("VOICE"),
        _ => return None,
    })
}

fn filled_in(event: &web_sys::Event) -> Option<String> {
    let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
    FormData::new_with_form(&form).ok()?.get("value").as_string()
}

fn now() -> u64 {
    js_sys::Date::now() as u64
}

