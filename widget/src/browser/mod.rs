//! The browser side: performs the flow's effects and reports what happens as events. Every listener, timer, request
//! and observer is an owned value, so that dropping the widget removes them.
//!
//! | module | content |
//! |---|---|
//! | [`event_sink`] | where everything that happens is reported to |
//! | [`listeners`], [`early_click`] | clicks, the form, messages, the page's visibility |
//! | [`timers`], [`requests`] | the flow's timers, its requests to the Worker |
//! | [`locale_file`], [`plural_rules`] | the texts and their plurals |
//! | [`sdk`], [`trusted_types`] | loading Meta's JavaScript SDK |
//! | [`browser_kind`] | what kind of browser this is, and what it allows |
//! | [`login`], [`redirect_dialog`] | Meta's dialog in a popup and in this window |
//! | [`host_page`], [`loader_message`] | events for the host page, messages from its loader |
//! | [`session_storage`] | the session, for a reload of this tab |
//! | [`copy`] | copying an address |
//! | [`times`], [`plural_rules`] | what browsers know of languages |
//! | [`panel`], [`theme`] | what a person sees |
//! | [`crash_screen`] | what a person sees after a panic |

pub mod browser_kind;
mod copy;
pub mod crash_screen;
pub mod early_click;
pub mod event_sink;
pub mod host_page;
pub mod listeners;
mod loader_message;
pub mod locale_file;
pub mod login;
pub mod panel;
mod plural_rules;
pub mod redirect_dialog;
pub mod requests;
pub mod sdk;
pub mod session_storage;
pub mod theme;
pub mod timers;
pub mod times;
mod trusted_types;
