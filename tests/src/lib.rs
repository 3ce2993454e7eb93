//! Shared by the end-to-end suites: a deployment (the built Worker in workerd, and the sandbox in place of
//! Meta), the widget's HTTP requests without a browser, and a browser that resolves the deployment's host names.

pub mod assets;
pub mod backend;
pub mod browser;
pub mod certificate;
mod chromium;
mod chromium_process;
pub mod deployment;
pub mod environment;
mod firefox;
mod firefox_profile;
mod harness;
pub mod http_client;
mod lists;
mod pool;
mod process_end;
mod proxy;
mod runtime;
mod sandbox;
mod start_browser;
mod webdriver;
pub mod website;
pub mod widget_client;
pub mod workerd;

pub use deployment::Deployment;
pub use start_browser::start_browser;
pub use widget_client::WidgetClient;
