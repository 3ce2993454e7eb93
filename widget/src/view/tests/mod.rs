//! Tests of the views, without a browser, of incremental DOM and of the locale files.

mod dom;
mod incremental_dom;
mod locales;
mod report;
mod states;
mod waiting;
