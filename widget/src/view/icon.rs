//! The icons: one path each on a 24-unit grid, coloured by the text around them.

use super::tree::{Node, el};

/// A speech bubble with a check mark: our own sign for "WhatsApp connected".
pub const BUBBLE: &str =
    "M12 3.2a8.8 8.8 0 0 0-7.6 13.2L3.2 20.8l4.5-1.2A8.8 8.8 0 1 0 12 3.2ZM8.6 12.2l2.4 2.4 4.6-4.8";
pub const WINDOW: &str = "M4 6.5A1.5 1.5 0 0 1 5.5 5h13A1.5 1.5 0 0 1 20 6.5v11a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 17.5ZM4 9h16M7 7h.01";
pub const CHECK: &str = "M5.5 12.5l4.2 4.2 8.8-9.2";
pub const ALERT: &str = "M12 8v4.6M12 16h.01M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z";
pub const CLOCK: &str = "M12 7.5V12l3 1.8M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z";
pub const KEY: &str = "M14.5 4a5.5 5.5 0 0 0-5.3 7L4 16.2V20h3.8v-2.4h2.4v-2.4l1.8-1.5A5.5 5.5 0 1 0 14.5 4ZM16 8h.01";
pub const PAUSE: &str = "M9 8v8M15 8v8M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z";
pub const CROSS: &str = "M7 7l10 10M17 7L7 17";
pub const SKIP: &str = "M7 12h10";

pub fn icon(path: &'static str) -> Node {
    el("svg", "em-icon")
        .attr("viewBox", "0 0 24 24")
        .attr("aria-hidden", "true")
        .kid(el("path", "").attr("d", path))
}

/// The round sign in front of a card's title; `tone` is `good`, `calm`, `warn` or `bad`.
pub fn mark(path: &'static str, tone: &'static str) -> Node {
    el("span", "em-mark").attr("data-tone", tone).kid(icon(path))
}
