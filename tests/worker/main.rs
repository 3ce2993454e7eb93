//! The built Worker in workerd, against the sandbox: real wasm, real objects, real KV, real kills.

mod again;
mod bad_input;
mod crash;
mod flow;
mod handover;
mod invited;
mod pages;
mod secrets;
