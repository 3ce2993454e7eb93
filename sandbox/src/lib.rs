//! A local stand-in for Meta and for the messaging providers: the JavaScript SDK, the Embedded Signup dialog, a
//! Graph API with state, a control API for tests, and a log of every request. It shares no code with what it tests.
//!
//! Imports go from the top of this list down; no two modules import each other.
//!
//! | module | what it is |
//! |---|---|
//! | `server` | listeners, and the path of one request through the sandbox |
//! | `jobs` | what happens after a response, in the background |
//! | `control` | the control API under `/_sandbox/` |
//! | `providers` | Infobip, Twilio, Sinch, Gupshup, and one that a test scripts |
//! | `webhooks` | Meta's webhooks, signed and repeated |
//! | `dialog`, `sdk` | what a browser sees of Meta |
//! | `state` | everything a running sandbox holds, behind one lock |
//! | `log` | the request log |
//! | `faults` | which requests go wrong, and how |
//! | `meta` | the Graph API |
//! | `rules` | the switches of `PATCH /_sandbox/rules` |
//! | `world` | stored data: what Meta and the providers would remember |
//! | `http`, `glob`, `timestamp` | requests and replies as values, path patterns, date formats |

mod control;
mod dialog;
mod faults;
mod glob;
mod http;
mod jobs;
mod log;
mod meta;
mod page;
mod providers;
mod receiver;
mod rules;
mod scenarios;
mod sdk;
mod server;
mod state;
mod timestamp;
mod webhooks;
mod world;

pub use meta::appsecret_proof;
pub use server::{Options, Running, Sandbox, Tls};
