//! Does what `flow` says and tells it what happened. No decision is taken here.

use crate::{
    config::Launch,
    doc::Doc,
    edge,
    error::Fault,
    flow::{Action, Effect, Event, Kind, State, Timer, Window, snapshot::Snapshot},
    i18n::Words,
    listen,
    page::{self, Page, kind},
    sdk, store,
    view::{self, looks::Looks},
};
use alloc::{boxed::Box, rc::Rc, vec::Vec};
use core::cell::Cell;
use embark_protocol::launch::Mode;
use wasm_bindgen::{JsValue, closure::Closure};

/// Requests beside the six kinds of posts.
const POLL: u32 = 6;
const RENEW: u32 = 7;

/// What is behind the door.
#[derive(Default)]
struct Inner {
    /// What happened and was not looked at yet.
    queue: Cell<Vec<Knock>>,
    /// Everything else; taken out while somebody works on it.
    widget: Cell<Option<Box<Widget>>>,
}

/// Something that happened: its kind, and what came with it.
struct Knock(u32, u32, JsValue, JsValue);

struct Widget {
    page: Page,
    words: Words,
    looks: Looks,
    state: State,
}

/// Starts the widget. What comes back is its page, whose `unmount` takes it away again.
pub fn start(element: &JsValue, launch: Launch, words: Words, looks: Looks) -> Page {
    let inner = Rc::new(Inner::default());
    let behind = inner.clone();
    let door = move |kind: u32, number: u32, text: JsValue, more: JsValue| {
        behind.happened(Knock(kind, number, text, more));
    };
    // The SDK may keep it as long as it likes: the garbage collector frees it.
    let door = Closure::<dyn Fn(u32, u32, JsValue, JsValue)>::new(door).into_js_value();
    let host = match launch.mode {
        Mode::Frame | Mode::Window => launch.host(),
        Mode::Inline | Mode::Page => Default::default(),
    };
    let page = Page::new(element, &host, &door);
    view::dress(&page, &looks);
    let saved = store::saved(&launch);
    let mut widget = Widget {
        page: page.clone(),
        words,
        looks,
        state: State::new(launch, now()),
    };
    widget.happened(Event::Start(saved));
    widget.show();
    inner.widget.set(Some(Box::new(widget)));
    page
}

impl Inner {
    /// Takes what happened. What that causes in turn waits until all of it is done.
    fn happened(&self, knock: Knock) {
        let mut queue = self.queue.take();
        queue.push(knock);
        self.queue.set(queue);
        let Some(mut widget) = self.widget.take() else {
            return;
        };
        loop {
            let knocks = self.queue.take();
            if knocks.is_empty() {
                break;
            }
            for knock in knocks {
                if let Some(event) = widget.read(knock) {
                    widget.happened(event);
                }
            }
        }
        widget.show();
        self.widget.set(Some(widget));
    }
}

impl Widget {
    fn happened(&mut self, event: Event) {
        for effect in self.state.step(now(), event).0 {
            self.does(effect);
        }
    }

    fn show(&self) {
        self.page.begin();
        view::write(&mut &self.page, &self.state, &self.words, &self.looks);
        self.page.end();
    }

    fn does(&self, effect: Effect) {
        let (page, launch) = (&self.page, &self.state.launch);
        match effect {
            Effect::LoadSdk => {
                let sdk = launch.part("sdk");
                let part = |name| sdk.text_or_empty(name);
                page.load_sdk(&part("url"), &part("app_id"), &part("version"));
            }
            Effect::Login => page.login(&launch.part("login").0, self.state.attempts),
            Effect::Leave(dialog) => page.leave(&dialog, &launch.pass()),
            Effect::ShowWindow => page.show_popup(),
            Effect::Watch => page.watch(),
            Effect::Unwatch => page.unwatch(),
            Effect::Post(kind, body) => self.send(
                kind as u32,
                &launch.signup_url(kind.path()),
                &body,
                edge::POST_MS,
            ),
            Effect::Poll => self.send(
                POLL,
                &launch.signup_url(&self.state.question()),
                "",
                edge::GET_MS,
            ),
            Effect::Renew => self.send(RENEW, &launch.renewal_url(), "", edge::GET_MS),
            Effect::After(timer, ms) => page.after(timer as u32, ms),
            Effect::Stop(timer) => page.stop(timer as u32),
            Effect::Remember => store::remember(launch),
            Effect::Forget => store::forget(launch),
            Effect::Announce(told) => page.announce(told.name, &told.detail),
        }
    }

    fn send(&self, slot: u32, url: &str, body: &str, ms: u32) {
        // A fresh launch document needs no grant.
        let grant = if slot == RENEW {
            ""
        } else {
            &self.state.launch.grant
        };
        self.page
            .send(slot, self.state.epoch << 4 | slot, url, grant, body, ms);
    }

    /// What a knock at the door means.
    fn read(&self, Knock(kind, number, text, more): Knock) -> Option<Event> {
        Some(match kind {
            kind::TIMER => Event::Fired(Timer::of(number)?),
            kind::ANSWER => {
                let document =
                    edge::read(more.as_f64().unwrap_or_default() as u32, text.as_string());
                answer(number & 15, number >> 4, document)
            }
            kind::SDK if number == 1 => Event::SdkReady,
            kind::SDK => Event::SdkFailed,
            kind::OPENED => {
                let window = match number {
                    0 => Window::Opened,
                    1 => Window::Refused,
                    _ => Window::Unseen,
                };
                Event::LoginCalled {
                    window,
                    redirect_uri: text.as_string().filter(|uri| sdk::is_its_own(uri)),
                }
            }
            kind::CALLBACK => Event::Callback {
                attempt: number,
                code: text.as_string(),
            },
            kind::CLOSED => Event::WindowClosed,
            kind::MESSAGE => self.message(&text, &more)?,
            kind::ACT => Event::Act(Action::of(&text.as_string()?)?),
            kind::SUBMIT => Event::Act(Action::Submit(text.as_string().unwrap_or_default())),
            kind::WOKE => Event::Woke,
            kind::ONLINE => Event::Online,
            _ => Event::PageHidden,
        })
    }

    /// Origin before data: nothing of a message from elsewhere is looked at.
    fn message(&self, origin: &JsValue, data: &JsValue) -> Option<Event> {
        if !listen::counts(&self.state.launch.part("sdk"), &origin.as_string()?) {
            return None;
        }
        let text = data.as_string().or_else(|| page::stringify(data))?;
        let document = if listen::may_be_read(&text) {
            Doc::parse(&text)?
        } else {
            return None;
        };
        listen::read(&document).map(Event::Message)
    }
}

fn answer(slot: u32, epoch: u32, document: Result<Doc, Fault>) -> Event {
    if slot == RENEW {
        let launch = |document| Launch::read(document).ok_or(Fault::Unreachable);
        return Event::Renewed(document.and_then(launch).map(Box::new));
    }
    let reply = document.and_then(|document| Snapshot::read(document).ok_or(Fault::Unreachable));
    match Kind::of(slot) {
        Some(kind) => Event::Posted { epoch, kind, reply },
        None => Event::Polled { epoch, reply },
    }
}

fn now() -> u64 {
    page::date_now() as u64
}
