//! The operator's command line, as a library: the program `embark` has its commands, and so has `cargo xtask`, which
//! sends them to the running `cargo xtask dev` where no other Worker is named. It needs nothing but a Worker's operator
//! API.

mod admin_path;
mod answer;
mod command;
mod commands;
mod operator_url;
mod options;
mod output_file;
mod pages;
mod program;
mod progress;
mod table;
mod visible;
mod worker;
pub mod worker_api;

pub use answer::report_error;
pub use command::{Command, execute};
pub use options::Options;
pub use program::{Program, Target};
