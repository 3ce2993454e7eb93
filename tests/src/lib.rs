//! What the whole-flow tests share: the built Worker in workerd, the sandbox, a page's own requests, and a
//! browser under the real host names.

pub mod assets;
pub mod browser;
pub mod certificate;
mod chrome;
mod driver;
mod firefox;
pub mod page;
mod proxy;
pub mod secure;
pub mod stage;
pub mod tools;
pub mod website;
pub mod workerd;

pub use page::Page;
pub use stage::Stage;
