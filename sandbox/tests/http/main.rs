//! The sandbox over HTTP, as any client meets it.

mod client;
mod visit;

mod admission;
mod binary;
mod coexistence;
mod control;
mod credit;
mod dialog;
mod exchange;
mod faults;
mod infobip;
mod infobip_messages;
mod numbers;
mod openapi;
mod provider;
mod readiness;
mod refusals;
mod sdk;
mod tls;
mod webhooks;
mod website;
