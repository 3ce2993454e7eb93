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
    /// `source` of every message of ours.
    pub const SOURCE: &str = "embark";
}
