//! What the host page hears, as DOM events named `embark:<word>` on the element.

/// Events, in the order a good signup sends them.
pub const EVENTS: &[&str] = &[
    "ready",
    "launched",
    "progress",
    "needsinput",
    "connected",
    "cancelled",
    "failed",
];

/// `type` of a message between frame and loader.
pub mod message {
    /// frame → loader: the frame's wasm runs.
    pub const HELLO: &str = "hello";
    /// frame → loader: `{height}` in CSS pixels.
    pub const HEIGHT: &str = "height";
    /// frame → loader: `{name, detail}`, to be dispatched as `embark:<name>`.
    pub const EVENT: &str = "event";
    /// frame → loader: `{href}`, the hosted page for the host's own button.
    pub const LINK: &str = "link";
    /// loader → frame: the hosted page was opened.
    pub const LAUNCH: &str = "launch";
    /// `source` of every message of ours.
    pub const SOURCE: &str = "embark";
}
