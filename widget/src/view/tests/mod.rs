//! Tests of the views, without a browser, and of the locale files.

mod dom;
mod locales;
mod report;
mod states;
mod waiting;
