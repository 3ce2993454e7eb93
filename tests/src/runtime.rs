//! The runtime of what outlives a test: its own runtime ends with it.

use anyhow::{Context, Result, anyhow};
use std::sync::{LazyLock, mpsc};
use tokio::runtime::{Builder, Runtime};

/// Runs a future on a runtime that ends with this process.
///
/// # Errors
/// That of the future, or the runtime cannot be started.
pub async fn run<T: Send + 'static>(
    future: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    runtime()?
        .spawn(future)
        .await
        .context("the task panicked")?
}

/// The same for a function that is not asynchronous, as that of `Drop`: blocks this thread.
///
/// # Errors
/// As of [`run`].
pub fn block_on<T: Send + 'static>(
    future: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let (sender, receiver) = mpsc::channel();
    runtime()?.spawn(async move { sender.send(future.await) });
    receiver.recv().context("the task panicked")?
}

fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: LazyLock<std::io::Result<Runtime>> = LazyLock::new(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
    });
    RUNTIME
        .as_ref()
        .map_err(|error| anyhow!("no runtime: {error}"))
}
