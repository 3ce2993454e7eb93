//! The request that is being answered: its id, whom it is about, and what it waited for.
//!
//! Many requests are answered side by side in one instance. The future of each is polled within its trace, so that what it
//! calls, at any depth, finds the trace without being given it.

use crate::clock;
use crate::random;
use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::pin::pin;
use core::time::Duration;
use embark_onboarding::telemetry::{Span, Spans, Subject};
use embark_onboarding::time::UnixMillis;
use embark_protocol::ProblemCode;
use std::rc::Rc;
use worker::Request;

/// A request.
pub struct RequestTrace {
    id: String,
    begun_at: UnixMillis,
    subject: RefCell<Subject>,
    problem: Cell<Option<ProblemCode>>,
    spans: Cell<Spans>,
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<RequestTrace>>> = const { RefCell::new(None) };
}

impl RequestTrace {
    /// Of a request that begins now. Its id is Cloudflare's, where the request came by Cloudflare
    /// (<https://developers.cloudflare.com/fundamentals/reference/cloudflare-ray-id/>).
    pub fn begin(request: &Request) -> Rc<Self> {
        let ray = request.headers().get("cf-ray").ok().flatten();
        let is_id = |text: &String| {
            let is_of_ray = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            (8..=40).contains(&text.len()) && text.bytes().all(is_of_ray)
        };
        Rc::new(Self {
            id: ray.filter(is_id).unwrap_or_else(random::fresh_id),
            begun_at: clock::now(),
            subject: RefCell::default(),
            problem: Cell::default(),
            spans: Cell::default(),
        })
    }

    /// The id of the request.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How long it has been answered until now.
    pub fn duration(&self) -> Duration {
        clock::now().since(self.begun_at)
    }

    /// Whom it is about, as far as it is known.
    pub fn subject(&self) -> Subject {
        self.subject.borrow().clone()
    }

    /// What is known besides of whom it is about.
    pub fn add(&self, subject: &Subject) {
        self.subject.borrow_mut().add(subject);
    }

    /// Whom the request is about is not known after all: the ids in it are a stranger's.
    pub fn forget_subject(&self) {
        self.subject.take();
    }

    /// The response is a page that shows this problem.
    pub fn set_problem(&self, code: ProblemCode) {
        self.problem.set(Some(code));
    }

    /// The problem that a page of the response shows. `None`: none, or the response is a problem document.
    pub fn problem(&self) -> Option<ProblemCode> {
        self.problem.get()
    }

    /// What it has waited for.
    pub fn spans(&self) -> Spans {
        self.spans.get()
    }
}

/// The request that is being answered. `None`: none, as in an object or a queue.
pub fn current() -> Option<Rc<RequestTrace>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Awaits a future that belongs to a request.
pub async fn within<F: Future>(trace: &Rc<RequestTrace>, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| {
        let outer = CURRENT.replace(Some(trace.clone()));
        let polled = future.as_mut().poll(cx);
        CURRENT.set(outer);
        polled
    })
    .await
}

/// Awaits a future, and adds how long it took to the request that it belongs to.
pub async fn timed<F: Future>(span: Span, future: F) -> F::Output {
    let Some(trace) = current() else {
        return future.await;
    };
    let begun_at = clock::now();
    let output = future.await;
    let mut spans = trace.spans.get();
    spans.add(span, clock::now().since(begun_at));
    trace.spans.set(spans);
    output
}
