//! Programs that run, and that no test uses now. A test takes one, or starts one if there is none, and puts it back: there
//! are as many as tests that run at once.

use std::sync::{Mutex, PoisonError};

pub struct Pool<P>(Mutex<Vec<P>>);

impl<P> Pool<P> {
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// One that an earlier test has put back. Nobody else has it.
    pub fn take(&self) -> Option<P> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// For the next test. After a test that panicked it is ended instead.
    pub fn put(&self, program: P) {
        if !std::thread::panicking() {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(program);
        }
    }
}
