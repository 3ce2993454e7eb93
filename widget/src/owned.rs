//! Listeners, timers, requests and observers as owned values: dropping one undoes it.

use crate::js::{AbortController, Js, ResizeObserver};
use wasm_bindgen::JsValue;

pub struct Listener {
    target: Js,
    name: &'static str,
    function: JsValue,
}

impl Listener {
    pub fn new(target: &Js, name: &'static str, function: JsValue) -> Self {
        target.listen(name, &function);
        Self { target: target.clone(), name, function }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.target.unlisten(self.name, &self.function);
    }
}

/// A pending call, once or again and again.
pub struct Pending {
    window: Js,
    id: JsValue,
}

impl Pending {
    pub fn once(window: &Js, function: &JsValue, ms: u32) -> Self {
        Self { window: window.clone(), id: window.set_timeout(function, ms) }
    }

    pub fn every(window: &Js, function: &JsValue, ms: u32) -> Self {
        Self { window: window.clone(), id: window.set_interval(function, ms) }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.window.clear_timer(&self.id);
    }
}

/// A request on its way, aborted when its time is up or nobody waits for it any more.
pub struct Call {
    /// Which request of its kind this is; an answer for another one is not looked at.
    pub serial: u32,
    pub epoch: u32,
    pub status: u16,
    abort: AbortController,
    _bound: Pending,
}

impl Call {
    pub fn new(serial: u32, epoch: u32, abort: AbortController, bound: Pending) -> Self {
        Self { serial, epoch, status: 0, abort, _bound: bound }
    }

    pub fn abort(&self) {
        self.abort.abort();
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.abort();
    }
}

pub struct Observer(ResizeObserver);

impl Observer {
    pub fn new(report: &JsValue, element: &Js) -> Self {
        let observer = ResizeObserver::new(report);
        observer.observe(element);
        Self(observer)
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.0.disconnect();
    }
}
