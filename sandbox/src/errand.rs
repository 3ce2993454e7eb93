//! What happens after an answer and in its own time: a provider registers a number and says so. A reset
//! ends every errand of the world before it.

use crate::infobip;
use crate::provider;
use crate::state::{Shared, State};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::sleep;

#[derive(Debug)]
pub enum Errand {
    /// Infobip registers the numbers of this WABA.
    Registration(String),
    /// Another provider makes this sender ready.
    Sender(String),
}

/// The world an errand belongs to.
pub struct Course {
    pub shared: Arc<Shared>,
    began: Instant,
}

/// Sends out what the last request left to do.
pub fn set_out(shared: &Arc<Shared>) {
    let mut state = shared.lock();
    let began = state.started;
    for errand in std::mem::take(&mut state.errands) {
        let course = Course {
            shared: shared.clone(),
            began,
        };
        match errand {
            Errand::Registration(waba) => tokio::spawn(infobip::register(course, waba)),
            Errand::Sender(id) => tokio::spawn(provider::become_ready(course, id)),
        };
    }
}

impl Course {
    /// After `ms`, in the same world; `None` where that is gone.
    pub async fn later<T>(&self, ms: u64, act: impl FnOnce(&mut State) -> T) -> Option<T> {
        sleep(Duration::from_millis(ms)).await;
        let mut state = self.shared.lock();
        (state.started == self.began).then(|| act(&mut state))
    }
}
