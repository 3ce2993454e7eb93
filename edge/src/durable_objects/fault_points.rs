//! The operations of an object at which tests inject faults: outgoing requests and commits. In builds without the
//! feature `local` nothing here does anything.

use super::storage::ObjectStorage;

/// An operation that was begun.
pub struct Operation<'a> {
    #[cfg(feature = "local")]
    storage: &'a ObjectStorage,
    #[cfg(feature = "local")]
    name: &'static str,
    /// `None`: the object's operations are not counted.
    #[cfg(feature = "local")]
    number: Option<usize>,
    #[cfg(not(feature = "local"))]
    storage: core::marker::PhantomData<&'a ObjectStorage>,
}

#[cfg(not(feature = "local"))]
impl<'a> Operation<'a> {
    /// Begins a commit.
    pub fn begin(_: &'a ObjectStorage, _: &'static str) -> Self {
        let storage = core::marker::PhantomData;
        Self { storage }
    }

    /// Begins an outgoing request.
    pub async fn begin_request(storage: &'a ObjectStorage, name: &'static str) -> Self {
        Self::begin(storage, name)
    }

    /// Awaits the response.
    pub async fn response<T>(&self, response: impl Future<Output = T>) -> T {
        response.await
    }

    /// Ends the operation.
    pub fn end(self) {
        let Self { storage: _ } = self;
    }
}

#[cfg(feature = "local")]
mod injecting {
    use super::{ObjectStorage, Operation};
    use crate::clock;
    use crate::fault_injection::{FaultPoint, count_operation, is_armed, maybe_fire};
    use core::time::Duration;
    use futures_util::future::{Either, select};
    use wasm_bindgen_futures::JsFuture;

    impl<'a> Operation<'a> {
        /// Begins a commit.
        pub fn begin(storage: &'a ObjectStorage, name: &'static str) -> Self {
            let operation = Self {
                storage,
                name,
                number: count_operation(name, storage.state()),
            };
            operation.fire(FaultPoint::Before);
            operation
        }

        /// Begins an outgoing request, once everything written is on disk. The runtime holds the request back
        /// until then anyway; without this, a fault before it would come at a moment that no request can see.
        pub async fn begin_request(storage: &'a ObjectStorage, name: &'static str) -> Self {
            if let Ok(promise) = storage.state().storage().as_raw().sync() {
                let _ = JsFuture::from(promise).await;
            }
            Self::begin(storage, name)
        }

        /// Awaits the response; a fault may come while it is awaited.
        pub async fn response<T>(&self, response: impl Future<Output = T>) -> T {
            if !is_armed(self.number, FaultPoint::During) {
                return response.await;
            }
            let pause = clock::sleep(Duration::from_millis(150));
            match select(Box::pin(response), Box::pin(pause)).await {
                Either::Left((response, _)) => response,
                Either::Right(((), response)) => {
                    self.fire(FaultPoint::During);
                    response.await
                }
            }
        }

        /// Ends the operation.
        pub fn end(self) {
            self.fire(FaultPoint::After);
        }

        fn fire(&self, point: FaultPoint) {
            maybe_fire(self.number, point, self.name, self.storage.state());
        }
    }
}
