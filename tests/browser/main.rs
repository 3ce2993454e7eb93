//! The whole flow in Chromium on the release build, everything under its real name: the shop, the Worker,
//! and Meta's hosts, which are the sandbox.
//!
//! Reading order: `scene` (what a test stands on), `seen`, `popup`, `events`, `pictures` and `axe` (what it
//! asks of it), then the tests, from the happy end on.

mod scene;
mod seen;

mod axe;
mod events;
mod pictures;
mod popup;

mod finish;

mod asked;
mod blocked;
mod hosted;
mod invited;
mod late;
mod left;
mod options;
mod outcomes;
mod redirect;
mod reloaded;
mod report;
mod troubled;
mod window;

mod hostile;
mod keys;
mod languages;
mod light;
mod looks;

mod examples;
mod older;
mod several;
