//! The two kinds of Worker, and where the results of a build are.

use crate::repo;
use std::path::PathBuf;

/// A kind of Worker.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The one that is deployed.
    Release,
    /// With the cargo feature `local`. Never deployed.
    Local,
}

impl Kind {
    /// `release` or `local`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Release => "release",
            Kind::Local => "local",
        }
    }

    /// The folder of the built Worker.
    pub fn folder(self) -> PathBuf {
        repo::path("build").join(self.name())
    }
}

/// The folder of the static files.
pub fn assets_folder() -> PathBuf {
    repo::path("dist/assets")
}
