//! Reads the Rust source of the workspace: packages, module trees, imports between files.
//!
//! Used by `cargo xtask check imports` and `cargo xtask check --figures`.

pub mod attributes;
pub mod graph;
pub mod imports;
pub mod mentions;
pub mod module_tree;
pub mod names;
pub mod workspace;
