//! Connects the flow to the browser: turns what happens into events of the flow, performs its effects and renders its
//! state. It takes no decision of its own.

use crate::{
    api,
    browser::{
        browser_kind,
        crash_screen::{self, CrashScreen},
        early_click,
        event_sink::{BrowserEvent, EventSink},
        host_page::{HeightReport, HostPage},
        listeners, locale_file,
        login::Popup,
        panel::Panel,
        redirect_dialog,
        requests::{RequestKind, Requests, WorkerRequest},
        sdk::SdkLoader,
        session_storage,
        theme::{self, Theme},
        timers::Timers,
        times::describe_time,
    },
    flow::{effect::Effect, event::Event, post_request::PostRequest, state::State},
    js_value::from_js,
    json,
    launch_document::{self, LaunchDocument},
    meta_message, view_model,
};
use embark_protocol::launch::LaunchMode;
use embark_view::{appearance::Appearance, messages::Messages};
use gloo_events::EventListener;
use gloo_utils::window;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::{Rc, Weak},
};
use wasm_bindgen::{JsError, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, UrlSearchParams};

thread_local! {
    /// The widgets of this page. They live here and not with their handles, which a page may drop.
    static MOUNTED: RefCell<Vec<Rc<Mounted>>> = const { RefCell::new(Vec::new()) };
}

/// Starts the widget in an element, and takes over what the Worker rendered into it, as soon as the texts are there.
/// Without them, what was rendered stays. `launch` is a launch document.
///
/// # Errors
/// When the launch document cannot be read.
#[wasm_bindgen]
pub fn start(element: HtmlElement, launch: JsValue) -> Result<Widget, JsError> {
    let launch = from_js(launch).filter(launch_document::is_readable);
    let launch = launch.ok_or_else(|| JsError::new("the launch document is of another version"))?;
    let mounted = Rc::new(Mounted::default());
    MOUNTED.with_borrow_mut(|all| all.push(mounted.clone()));
    let widget = Widget(mounted.clone());
    spawn_local(async move {
        let messages = locale_file::load(&launch).await;
        if let Some(messages) = messages
            && !mounted.is_unmounted.get()
        {
            run(&element, launch, messages, &mounted);
        }
    });
    Ok(widget)
}

fn run(element: &HtmlElement, launch: LaunchDocument, messages: Messages, mounted: &Rc<Mounted>) {
    let sink = Mounted::sink(mounted);
    let session = session_storage::load(&launch);
    let Some(runtime) = Runtime::new(element, launch, messages, sink.clone()) else {
        return;
    };
    mounted.runtime.set(Some(Box::new(runtime)));
    sink.send(Event::Start(session));
    if let Some(action) = early_click::take(element) {
        sink.send(Event::Action(action));
    }
}

/// A widget in a page.
#[wasm_bindgen]
pub struct Widget(Rc<Mounted>);

#[wasm_bindgen]
impl Widget {
    /// Removes the widget with its listeners, timers and requests.
    pub fn unmount(self) {
        MOUNTED.with_borrow_mut(|all| all.retain(|other| !Rc::ptr_eq(other, &self.0)));
        self.0.is_unmounted.set(true);
        // `None` if an event is being handled, which drops the runtime afterwards.
        drop(self.0.runtime.take());
    }
}

/// A runtime, and the events that have not been handled yet.
#[derive(Default)]
struct Mounted {
    queue: RefCell<VecDeque<BrowserEvent>>,
    /// Taken out while an event is handled. `None` in a nested call: its event stays in the queue.
    runtime: Cell<Option<Box<Runtime>>>,
    is_unmounted: Cell<bool>,
}

impl Mounted {
    fn sink(mounted: &Rc<Self>) -> EventSink {
        let mounted: Weak<Self> = Rc::downgrade(mounted);
        EventSink::new(move |event| {
            if let Some(mounted) = mounted.upgrade() {
                mounted.on_browser_event(event);
            }
        })
    }

    /// Handles an event. Events that occur meanwhile are handled after it, before the next render.
    fn on_browser_event(&self, event: BrowserEvent) {
        self.queue.borrow_mut().push_back(event);
        let Some(mut runtime) = self.runtime.take() else {
            return;
        };
        while !self.queue.borrow().is_empty() {
            while let Some(event) = self.next_event() {
                runtime.handle(event);
            }
            if self.is_unmounted.get() {
                return;
            }
            runtime.render();
        }
        if !self.is_unmounted.get() {
            self.runtime.set(Some(runtime));
        }
    }

    fn next_event(&self) -> Option<BrowserEvent> {
        self.queue.borrow_mut().pop_front()
    }
}

/// Everything that belongs to one widget. Dropped, it leaves nothing in the page.
struct Runtime {
    state: State,
    messages: Messages,
    appearance: Appearance,
    sink: EventSink,
    host_page: HostPage,
    timers: Timers,
    requests: Requests,
    sdk: SdkLoader,
    popup: Popup,
    _listeners: Vec<EventListener>,
    _theme: Option<Theme>,
    _height_report: Option<HeightReport>,
    _crash_screen: CrashScreen,
    panel: Panel,
}

impl Runtime {
    /// `None` if the browser refuses the root element.
    fn new(
        element: &HtmlElement,
        launch: LaunchDocument,
        messages: Messages,
        sink: EventSink,
    ) -> Option<Self> {
        let options = tag_options(element, launch.mode);
        let appearance = Appearance::read(&options);
        let panel = Panel::new(element, &appearance)?;
        let host_page = HostPage::new(&launch, element);
        let theme = options("theme").unwrap_or_default();
        Some(Self {
            sdk: SdkLoader::new(),
            timers: Timers::default(),
            requests: Requests::default(),
            popup: Popup::default(),
            _listeners: listeners::listen(panel.root(), host_page.frame_origin(), &sink),
            _theme: theme::follow(element, &launch, &host_page, theme),
            _height_report: host_page.report_height(panel.root()),
            _crash_screen: crash_screen::register(panel.root(), &launch, &messages),
            state: State::new(launch, browser_kind::dialog_mode(), now()),
            messages: messages.with_times(describe_time),
            appearance,
            sink,
            host_page,
            panel,
        })
    }

    fn handle(&mut self, event: BrowserEvent) {
        let event = match event {
            BrowserEvent::Flow(event) => Some(event),
            BrowserEvent::Message { origin, data } => self.meta_message(&origin, data),
        };
        if let Some(event) = event {
            for effect in self.state.step(now(), event).0 {
                self.perform(effect);
            }
        }
    }

    /// Checks the origin before anything of the data is read. `None` for a message that is not Meta's.
    fn meta_message(&self, origin: &str, data: JsValue) -> Option<Event> {
        if !meta_message::is_allowed_origin(&self.state.launch.sdk, origin) {
            return None;
        }
        let message = match data.as_string() {
            Some(text) => meta_message::parse(&text),
            None => meta_message::read(from_js(data)?),
        };
        message.map(Event::MetaMessage)
    }

    fn render(&mut self) {
        let model = view_model::model(&self.state);
        let (messages, appearance) = (&self.messages, &self.appearance);
        self.panel
            .render(|sink| embark_view::render(sink, &model, messages, appearance));
    }

    fn perform(&mut self, effect: Effect) {
        let (launch, sink) = (&self.state.launch, &self.sink);
        match effect {
            Effect::LoadSdk => self.sdk.load(&launch.sdk, sink),
            Effect::Login => self.popup.open(&launch.login, self.state.attempts, sink),
            Effect::OpenDialogHere(url) => {
                if !redirect_dialog::open(&url, launch) {
                    sink.send(Event::CookiesOff);
                }
            }
            Effect::FocusPopup => self.popup.focus(),
            Effect::WatchPopup => self.popup.watch(sink),
            Effect::UnwatchPopup => self.popup.unwatch(),
            Effect::Post(request) => self.post(&request),
            Effect::Poll => self.poll(),
            Effect::RenewLaunch => self.renew_launch(),
            Effect::StartTimer(timer, ms) => self.timers.start(timer, ms, sink),
            Effect::StopTimer(timer) => self.timers.stop(timer),
            Effect::SaveSession => session_storage::save(launch),
            Effect::ClearSession => session_storage::clear(launch),
            Effect::Announce(event) => self.host_page.announce(&event),
        }
    }

    fn post(&mut self, request: &PostRequest) {
        let (launch, sink) = (&self.state.launch, self.sink.clone());
        let (kind, signup_generation) = (request.kind(), self.state.signup_generation);
        let body = json::stringify(request).unwrap_or_default();
        let request = WorkerRequest {
            url: &launch.signup_url(kind.path()),
            grant: Some(&launch.grant),
            body: Some(&body),
            timeout_ms: api::POST_TIMEOUT_MS,
        };
        self.requests.send(
            RequestKind::Post(kind),
            &request,
            Box::new(move |response| {
                let reply = api::read_snapshot(response);
                sink.send(Event::Posted {
                    signup_generation,
                    kind,
                    reply,
                });
            }),
        );
    }

    fn poll(&mut self) {
        let (launch, sink) = (&self.state.launch, self.sink.clone());
        let signup_generation = self.state.signup_generation;
        let request = WorkerRequest {
            url: &launch.signup_url(&self.state.poll_query()),
            grant: Some(&launch.grant),
            body: None,
            timeout_ms: api::GET_TIMEOUT_MS,
        };
        self.requests.send(
            RequestKind::Poll,
            &request,
            Box::new(move |response| {
                let reply = api::read_snapshot(response);
                sink.send(Event::Polled {
                    signup_generation,
                    reply,
                });
            }),
        );
    }

    /// A fresh launch document needs no grant.
    fn renew_launch(&mut self) {
        let sink = self.sink.clone();
        let request = WorkerRequest {
            url: &self.state.launch.renewal_url(),
            grant: None,
            body: None,
            timeout_ms: api::GET_TIMEOUT_MS,
        };
        self.requests.send(
            RequestKind::RenewLaunch,
            &request,
            Box::new(move |response| {
                let reply = api::read_launch(response);
                sink.send(Event::Renewed(reply));
            }),
        );
    }
}

/// The tag's options by name: from the query of a document of the Worker, in a host page from the element's attributes.
fn tag_options(element: &HtmlElement, mode: LaunchMode) -> impl Fn(&str) -> Option<String> {
    let dataset = element.dataset();
    let query = window().location().search().unwrap_or_default();
    let query = UrlSearchParams::new_with_str(&query).ok();
    move |name| match mode {
        LaunchMode::Inline => dataset.get(name),
        LaunchMode::Frame | LaunchMode::Window | LaunchMode::Page => query.as_ref()?.get(name),
    }
}

/// Unix milliseconds.
fn now() -> u64 {
    js_sys::Date::now() as u64
}
