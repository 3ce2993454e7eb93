//! What the customer's page receives: DOM events named `embark:<name>` on the widget's element, and the
//! messages between frame and loader that carry them.

/// Names of the events, in the order in which an undisturbed signup sends them.
pub const EVENTS: &[&str] = &[
    "ready",
    "launched",
    "progress",
    "needsinput",
    "connected",
    "cancelled",
    "failed",
];

/// Values of `source` and `type` in a message between frame and loader (`window.postMessage`).
pub mod message {
    /// `type`, frame to loader: the widget in the frame is running.
    pub const HELLO: &str = "hello";
    /// `type`, frame to loader: `{height}` in CSS pixels.
    pub const HEIGHT: &str = "height";
    /// `type`, frame to loader: `{name, detail}`, to be dispatched as `embark:<name>`.
    pub const EVENT: &str = "event";
    /// `type`, frame to loader: `{href}`, URL of the hosted page for the button of the customer's page.
    pub const LINK: &str = "link";
    /// `type`, loader to frame: the hosted page was opened.
    pub const LAUNCH: &str = "launch";
    /// `source` of every message.
    pub const SOURCE: &str = "embark";
}
