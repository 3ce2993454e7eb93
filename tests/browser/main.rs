//! The whole flow in a browser on the release build, under production-like host names: the shop, the Worker,
//! and the sandbox under Meta's host names.
//!
//! Reading order: `fixture` (deployment and browser of a test), `requirement`, `wait` (how every look is made),
//! `widget_dom`, `popup`, `host_events`, `screenshots` and `accessibility` (what tests observe and do), then the
//! tests, the successful signup first.

mod fixture;
mod requirement;
mod wait;

mod host_events;
mod popup;
mod widget_dom;

mod accessibility;
mod screenshots;

mod happy_path;
mod server_rendering;
mod sessions;

mod console;

mod abandonment;
mod blocked;
mod expiry;
mod hosted_page;
mod in_app;
mod invitations;
mod login_options;
mod needs_input;
mod network_failures;
mod popup_outcomes;
mod readiness_report;
mod redirect;
mod references;
mod resume;
mod window_mode;

mod host_page_cost;
mod host_pages;
mod isolation;
mod keyboard;
mod languages;
mod layout;
mod theming;
mod untrusted_pages;

mod backward_compat;
mod examples;
mod multiple_widgets;
mod npm_package;
