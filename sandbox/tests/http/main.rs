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
mod numbers;
mod openapi;
mod readiness;
mod refusals;
mod sdk;
mod tls;
mod webhooks;
mod website;
