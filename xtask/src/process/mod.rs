//! Child processes: started in process groups of their own, and ended with everything they started.

mod command;
mod group;
mod logged;
mod run;

pub use command::cargo;
pub use group::{Group, end_children, end_children_on_signals};
pub use logged::run_logged;
pub use run::{output, run};
