//! Event listeners of the widget's root element, the window and the document.

use super::{copy, event_sink::EventSink, loader_message};
use crate::flow::event::{Action, Event};
use gloo_events::{EventListener, EventListenerOptions};
use gloo_utils::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{Element, FormData, HtmlFormElement, MessageEvent};

/// Adds all listeners; they are removed when the returned values are dropped. `host_origin` is the host page's in a
/// frame, else `None`.
pub fn listen(root: &Element, host_origin: Option<&str>, sink: &EventSink) -> Vec<EventListener> {
    let report = |event: fn() -> Event| {
        let sink = sink.clone();
        move |_: &web_sys::Event| sink.send(event())
    };
    vec![
        EventListener::new_with_options(
            root,
            "click",
            EventListenerOptions::enable_prevent_default(),
            on_click(sink.clone()),
        ),
        copy::listen(root),
        EventListener::new_with_options(
            root,
            "submit",
            EventListenerOptions::enable_prevent_default(),
            on_submit(sink.clone()),
        ),
        EventListener::new(
            &window(),
            "message",
            on_message(sink.clone(), host_origin.map(str::to_owned)),
        ),
        EventListener::new(&window(), "online", report(|| Event::Online)),
        EventListener::new(&window(), "blur", report(|| Event::PageBlurred)),
        EventListener::new(&window(), "pagehide", report(|| Event::PageHidden)),
        EventListener::new(&window(), "pageshow", report(|| Event::PageVisible)),
        EventListener::new(
            &document(),
            "visibilitychange",
            report(|| Event::PageVisible),
        ),
    ]
}

/// A click on a button or link reports the action that its `data-act` attribute names. A link that opens no tab is the
/// action's equivalent without scripts, and is not followed.
fn on_click(sink: EventSink) -> impl Fn(&web_sys::Event) {
    move |event| {
        let target = event.target();
        let element = target
            .as_ref()
            .and_then(|target| target.dyn_ref::<Element>());
        let button = element.and_then(button_around);
        let Some(button) = button else {
            return;
        };
        let data_act = button.get_attribute("data-act");
        if let Some(action) = data_act.and_then(|data_act| Action::parse(&data_act)) {
            if !button.has_attribute("target") {
                event.prevent_default();
            }
            sink.send(Event::Action(action));
        }
    }
}

/// The button or link that an element is or is in.
pub fn button_around(element: &Element) -> Option<Element> {
    element.closest("[data-act]").ok().flatten()
}

fn on_submit(sink: EventSink) -> impl Fn(&web_sys::Event) {
    move |event| {
        event.prevent_default();
        let target = event.target();
        let form = target
            .as_ref()
            .and_then(|target| target.dyn_ref::<HtmlFormElement>());
        let data = form.and_then(|form| FormData::new_with_form(form).ok());
        let value = data.and_then(|data| data.get("value").as_string());
        sink.send(Event::Action(Action::Submit(value.unwrap_or_default())));
    }
}

fn on_message(sink: EventSink, host_origin: Option<String>) -> impl Fn(&web_sys::Event) {
    move |event| {
        let Some(event) = event.dyn_ref::<MessageEvent>() else {
            return;
        };
        let loader_message = host_origin
            .as_deref()
            .and_then(|origin| loader_message::read(event, origin));
        if loader_message.is_some_and(|message| message.is_launch()) {
            // Mode `window`: the host page's own button was pressed.
            sink.send(Event::Action(Action::HostedPageOpened));
        } else {
            sink.send_message(event.origin(), event.data());
        }
    }
}
