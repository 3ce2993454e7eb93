//! What the whole-flow tests share: the built Worker in workerd, the sandbox, a page's own requests, and a
//! browser under the real host names.

pub mod certificate;
pub mod chrome;
pub mod page;
pub mod secure;
pub mod stage;
pub mod tools;
pub mod website;
pub mod workerd;

pub use page::Page;
pub use stage::Stage;
