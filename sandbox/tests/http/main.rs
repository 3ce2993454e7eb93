//! Tests of the sandbox over HTTP, as any client uses it.

mod dialog_session;
mod test_sandbox;

mod access;
mod coexistence;
mod control;
mod credit_lines;
mod dialog;
mod dialog_admission;
mod faults;
mod infobip;
mod infobip_messages;
mod meta_webhooks;
mod openapi;
mod phone_numbers;
mod program;
mod providers;
mod readiness;
mod sdk;
mod start_page;
mod system_users;
mod tls;
mod tokens;
mod webhook_overrides;
mod webhooks;
mod website;
