//! Tests of the views in the states of the flow, without a browser.

mod dom;
mod report;
mod states;
mod waiting;
