//! The options that every command has.

use clap::Args;

/// Options of every command, before or after its name.
#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// The operator origin, e.g. `https://operator.partner.example`, with EMBARK_OPERATOR_TOKEN set (`cargo xtask`: by
    /// default the running dev)
    #[arg(
        long = "edge",
        id = "edge",
        value_name = "URL",
        env = "EMBARK_EDGE",
        global = true
    )]
    pub(crate) url: Option<String>,
    /// Prints the API's JSON, one document, and errors as JSON on standard error
    #[arg(long, global = true)]
    pub(crate) json: bool,
}
