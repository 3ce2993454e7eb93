//! The whole flow in Chromium on the release build, everything under its real name: the shop, the Worker,
//! and Meta's hosts, which are the sandbox.

mod events;
mod finish;
mod pictures;
mod popup;
mod scene;
mod seen;
