//! Sealing a record's secrets again with the newest key.

use super::objects::ObjectId;
use crate::crypto::Sealed;
use crate::workflow::Context;
use core::ops::AddAssign;
use serde::{Deserialize, Serialize};

/// A record that has sealed secrets.
pub trait SealedContents {
    /// Calls `visit` with each of them and the name that it is sealed under. `object`: the name of the object that has the
    /// record.
    fn visit_sealed(&mut self, object: &str, visit: &mut dyn FnMut(&str, &mut Sealed));
}

/// What came of sealing secrets again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResealCount {
    /// Sealed with the newest key now, and with an older one before.
    pub resealed: u32,
    /// They could not be opened, and are as they were.
    pub unreadable: u32,
}

/// The reply of a signup that has sealed its secrets again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunResealed {
    /// What came of it.
    pub count: ResealCount,
    /// The account and the number that it has come to, whose objects have secrets of it too.
    pub objects: Vec<ObjectId>,
}

impl AddAssign for ResealCount {
    fn add_assign(&mut self, other: Self) {
        self.resealed = self.resealed.saturating_add(other.resealed);
        self.unreadable = self.unreadable.saturating_add(other.unreadable);
    }
}

/// Seals with the newest key what older ones sealed. What cannot be opened stays as it is. Repeated, it changes nothing.
pub fn reseal(record: &mut impl SealedContents, object: &str, cx: &Context<'_>) -> ResealCount {
    let mut count = ResealCount::default();
    record.visit_sealed(object, &mut |name, sealed| {
        // An erased secret: there is nothing to open.
        if sealed.as_str().is_empty() {
            return;
        }
        match cx.keyring.reseal(name, sealed, || cx.nonce()) {
            Ok(None) => {}
            Ok(Some(resealed)) => {
                *sealed = resealed;
                count.resealed += 1;
            }
            Err(_) => count.unreadable += 1,
        }
    });
    count
}
