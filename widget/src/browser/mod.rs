//! The browser side: performs the flow's effects and reports what happens as events. Every listener, timer, request
//! and observer is an owned value, so that dropping the widget removes them.
//!
//! | module | content |
//! |---|---|
//! | [`event_sink`] | where everything that happens is reported to |
//! | [`listeners`] | clicks, the form, messages, the page's visibility |
//! | [`timers`], [`requests`] | the flow's timers, its requests to the Worker |
//! | [`sdk`], [`trusted_types`] | loading Meta's JavaScript SDK |
//! | [`login`], [`redirect_dialog`] | Meta's dialog in a popup and in this window |
//! | [`host_page`], [`loader_message`] | events for the host page, messages from its loader |
//! | [`session_storage`] | the session, for a reload of this tab |
//! | [`panel`], [`theme`] | what a person sees |
//! | [`crash_screen`] | what a person sees after a panic |

pub mod crash_screen;
pub mod event_sink;
pub mod host_page;
pub mod listeners;
mod loader_message;
pub mod login;
pub mod panel;
pub mod plural_rules;
pub mod redirect_dialog;
pub mod requests;
pub mod sdk;
pub mod session_storage;
pub mod theme;
pub mod timers;
mod trusted_types;
