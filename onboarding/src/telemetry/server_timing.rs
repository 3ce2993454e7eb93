//! The header `Server-Timing` (<https://www.w3.org/TR/server-timing/>): how long a response took, and how much of that was
//! spent waiting for whom.

use crate::time::millis;
use core::fmt::Write;
use core::time::Duration;

/// Whom a request waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// A Durable Object.
    Objects,
    /// KV.
    Kv,
    /// Meta, a provider, or a website.
    Fetch,
}

/// How often a request waited, and how long. Waits may be side by side: their sum may be longer than the request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spans {
    objects: (u32, Duration),
    kv: (u32, Duration),
    fetch: (u32, Duration),
}

impl Spans {
    /// Adds a wait.
    pub fn add(&mut self, span: Span, took: Duration) {
        let (count, sum) = match span {
            Span::Objects => &mut self.objects,
            Span::Kv => &mut self.kv,
            Span::Fetch => &mut self.fetch,
        };
        *count = count.saturating_add(1);
        *sum = sum.saturating_add(took);
    }

    /// The value of the header, for a response that took this long.
    pub fn to_header(&self, total: Duration) -> String {
        let mut header = format!("total;dur={}", millis(total));
        let waits = [
            ("objects", self.objects),
            ("kv", self.kv),
            ("fetch", self.fetch),
        ];
        for (name, (count, sum)) in waits.into_iter().filter(|(_, (count, _))| *count > 0) {
            // Writing to a text does not fail.
            let _ = write!(header, ", {name};dur={};desc=\"{count}\"", millis(sum));
        }
        header
    }
}
