//! Connects the flow to the browser: turns browser events into events of the flow, performs its effects
//! and renders its state. It takes no decision of its own.

use crate::{
    api,
    browser::{self, Browser},
    browser_event::{BrowserEvent, Request},
    error::ApiError,
    flow::{
        effect::Effect,
        event::{Action, Event},
        state::State,
    },
    json_value::JsonValue,
    launch_document::LaunchDocument,
    messages::Messages,
    meta_message, session_storage,
    snapshot::Snapshot,
    view::{self, appearance::Appearance},
};
use alloc::{boxed::Box, rc::Rc, string::String, vec::Vec};
use core::cell::Cell;
use embark_protocol::launch::LaunchMode;
use wasm_bindgen::{JsValue, closure::Closure};

/// State shared with the JavaScript callback.
#[derive(Default)]
struct Shared {
    /// Events that have not been handled yet.
    queue: Cell<Vec<BrowserEvent>>,
    /// Taken out while an event is handled. `None` in a nested call: its event stays in the queue.
    runtime: Cell<Option<Box<Runtime>>>,
}

struct Runtime {
    browser: Browser,
    messages: Messages,
    appearance: Appearance,
    state: State,
}

/// Starts the widget. Returns its browser object, whose `unmount` removes it again.
pub fn start(
    element: &JsValue,
    launch: LaunchDocument,
    messages: Messages,
    appearance: Appearance,
) -> Browser {
    let shared = Rc::new(Shared::default());
    let of_callback = shared.clone();
    let callback = move |kind: u32, number: u32, text: JsValue, extra: JsValue| {
        if let Some(event) = BrowserEvent::decode(kind, number, &text, extra) {
            of_callback.on_browser_event(event);
        }
    };
    // Owned by the garbage collector: the SDK may hold a reference for any time.
    let callback = Closure::<dyn Fn(u32, u32, JsValue, JsValue)>::new(callback).into_js_value();
    let host_origin = match launch.mode {
        LaunchMode::Frame | LaunchMode::Window => launch.host(),
        LaunchMode::Inline | LaunchMode::Page => Default::default(),
    };
    let browser = Browser::new(element, &host_origin, &callback);
    view::apply_theme(&browser, &appearance);
    let session = session_storage::load(&launch);
    let mut runtime = Runtime {
        browser: browser.clone(),
        messages,
        appearance,
        state: State::new(launch, now()),
    };
    runtime.dispatch(Event::Start(session));
    runtime.render();
    shared.runtime.set(Some(Box::new(runtime)));
    browser
}

impl Shared {
    /// Handles an event. Events that occur meanwhile are handled after it, before the next render.
    fn on_browser_event(&self, event: BrowserEvent) {
        let mut queue = self.queue.take();
        queue.push(event);
        self.queue.set(queue);
        let Some(mut runtime) = self.runtime.take() else {
            return;
        };
        loop {
            let events = self.queue.take();
            if events.is_empty() {
                break;
            }
            for event in events {
                if let Some(event) = runtime.flow_event(event) {
                    runtime.dispatch(event);
                }
            }
        }
        runtime.render();
        self.runtime.set(Some(runtime));
    }
}

impl Runtime {
    fn dispatch(&mut self, event: Event) {
        for effect in self.state.step(now(), event).0 {
            self.perform(effect);
        }
    }

    fn render(&self) {
        self.browser.begin_render();
        view::render(
            &mut &self.browser,
            &self.state,
            &self.messages,
            &self.appearance,
        );
        self.browser.end_render();
    }

    fn perform(&self, effect: Effect) {
        let (browser, launch) = (&self.browser, &self.state.launch);
        match effect {
            Effect::LoadSdk => {
                let sdk = launch.part("sdk");
                browser.load_sdk(
                    &sdk.string_or_empty("url"),
                    &sdk.string_or_empty("app_id"),
                    &sdk.string_or_empty("version"),
                );
            }
            Effect::Login => browser.login(&launch.part("login").0, self.state.attempts),
            Effect::OpenDialogHere(dialog) => {
                browser.open_dialog_here(&dialog, &launch.resume_token());
            }
            Effect::FocusPopup => browser.focus_popup(),
            Effect::WatchPopup => browser.watch_popup(),
            Effect::UnwatchPopup => browser.unwatch_popup(),
            Effect::Post(kind, body) => self.send(
                Request::Post(kind),
                &launch.signup_url(kind.path()),
                &launch.grant,
                &body,
                api::POST_TIMEOUT_MS,
            ),
            Effect::Poll => self.send(
                Request::Poll,
                &launch.signup_url(&self.state.poll_query()),
                &launch.grant,
                "",
                api::GET_TIMEOUT_MS,
            ),
            // A fresh launch document needs no grant.
            Effect::RenewLaunch => self.send(
                Request::RenewLaunch,
                &launch.renewal_url(),
                "",
                "",
                api::GET_TIMEOUT_MS,
            ),
            Effect::StartTimer(timer, ms) => browser.start_timer(timer as u32, ms),
            Effect::StopTimer(timer) => browser.stop_timer(timer as u32),
            Effect::SaveSession => session_storage::save(launch),
            Effect::ClearSession => session_storage::clear(launch),
            Effect::Announce(event) => browser.announce(event.name, &event.detail),
        }
    }

    fn send(&self, request: Request, url: &str, grant: &str, body: &str, timeout_ms: u32) {
        let tag = request.tag(self.state.epoch);
        self.browser
            .send(request.slot(), tag, url, grant, body, timeout_ms);
    }

    /// The event of the flow. `None` if there is nothing to do: an unknown action, or a message event
    /// that is not Meta's.
    fn flow_event(&self, event: BrowserEvent) -> Option<Event> {
        Some(match event {
            BrowserEvent::TimerFired(timer) => Event::TimerFired(timer),
            BrowserEvent::Response {
                request,
                epoch,
                status,
                body,
            } => response_event(request, epoch, api::read_response(status, body)),
            BrowserEvent::SdkReady => Event::SdkReady,
            BrowserEvent::SdkFailed => Event::SdkFailed,
            BrowserEvent::LoginReturned {
                popup,
                redirect_uri,
            } => Event::LoginReturned {
                popup,
                redirect_uri,
            },
            BrowserEvent::LoginCallback { attempt, code } => Event::LoginCallback { attempt, code },
            BrowserEvent::PopupClosed => Event::PopupClosed,
            BrowserEvent::Message { origin, data } => self.message_event(&origin, &data)?,
            BrowserEvent::Action(data_act) => Event::Action(Action::parse(&data_act)?),
            BrowserEvent::Submit(value) => Event::Action(Action::Submit(value)),
            BrowserEvent::PageVisible => Event::PageVisible,
            BrowserEvent::Online => Event::Online,
            BrowserEvent::PageHidden => Event::PageHidden,
        })
    }

    /// Checks the origin before anything of the data is read.
    fn message_event(&self, origin: &str, data: &JsValue) -> Option<Event> {
        if !meta_message::is_allowed_origin(&self.state.launch.part("sdk"), origin) {
            return None;
        }
        let text: String = data.as_string().or_else(|| browser::stringify(data))?;
        if !meta_message::may_be_message(&text) {
            return None;
        }
        meta_message::read(&JsonValue::parse(&text)?).map(Event::MetaMessage)
    }
}

fn response_event(request: Request, epoch: u32, document: Result<JsonValue, ApiError>) -> Event {
    let snapshot = |document: Result<JsonValue, ApiError>| {
        document.and_then(|document| Snapshot::read(document).ok_or(ApiError::Unreachable))
    };
    match request {
        Request::Post(kind) => Event::Posted {
            epoch,
            kind,
            reply: snapshot(document),
        },
        Request::Poll => Event::Polled {
            epoch,
            reply: snapshot(document),
        },
        Request::RenewLaunch => {
            let read = |document| LaunchDocument::read(document).ok_or(ApiError::Unreachable);
            Event::Renewed(document.and_then(read).map(Box::new))
        }
    }
}

fn now() -> u64 {
    browser::date_now() as u64
}
