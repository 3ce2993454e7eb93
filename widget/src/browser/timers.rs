//! The timers of the flow.

use super::event_sink::EventSink;
use crate::flow::{effect::Timer, event::Event};
use gloo_timers::callback::Timeout;

/// The timers that were started and not stopped; dropping one stops it.
#[derive(Default)]
pub struct Timers(Vec<(Timer, Timeout)>);

impl Timers {
    /// Replaces a running timer of the same name.
    pub fn start(&mut self, timer: Timer, ms: u32, sink: &EventSink) {
        self.stop(timer);
        let sink = sink.clone();
        let timeout = Timeout::new(ms, move || sink.send(Event::TimerFired(timer)));
        self.0.push((timer, timeout));
    }

    pub fn stop(&mut self, timer: Timer) {
        self.0.retain(|(running, _)| *running != timer);
    }
}
