//! Posts that the Worker has not accepted yet.

use super::post_request::{PostKind, PostRequest};

/// At most one post of each kind, in the order in which they are sent. `PostKind::Report` has no place
/// here: it is never retried.
#[derive(Default)]
pub struct Outbox([Option<PendingPost>; 5]);

pub struct PendingPost {
    pub request: PostRequest,
    /// No attempt is made after this time, Unix milliseconds.
    pub expires_at: u64,
    pub attempts: u8,
    /// In flight, or waiting for its next attempt.
    pub is_busy: bool,
}

impl PendingPost {
    pub fn new(request: PostRequest, expires_at: u64) -> Self {
        Self {
            request,
            expires_at,
            attempts: 0,
            is_busy: false,
        }
    }
}

impl Outbox {
    /// Replaces an older post of this kind.
    pub fn insert(&mut self, post: PendingPost) {
        if let Some(slot) = self.0.get_mut(post.request.kind() as usize) {
            *slot = Some(post);
        }
    }

    pub fn get_mut(&mut self, kind: PostKind) -> Option<&mut PendingPost> {
        self.0.get_mut(kind as usize)?.as_mut()
    }

    pub fn has_pending(&self, kind: PostKind) -> bool {
        self.0.get(kind as usize).is_some_and(Option::is_some)
    }

    pub fn remove(&mut self, kind: PostKind) {
        if let Some(slot) = self.0.get_mut(kind as usize) {
            *slot = None;
        }
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Makes every post ready to be sent again, with a full set of attempts.
    pub fn restart(&mut self) {
        for post in self.0.iter_mut().flatten() {
            post.attempts = 0;
            post.is_busy = false;
        }
    }
}
