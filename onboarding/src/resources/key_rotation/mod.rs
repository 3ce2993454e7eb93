//! Rotation of the sealing keys: everything that is stored sealed is sealed again with the newest key, so that older keys
//! can be removed.
//!
//! A rotation is a run of the Partner object, in passes. A pass visits the Partner object's own record, each account
//! that nobody owns, each site, each signup, account and number that a site's signups have come to, and each sealed entry of KV.
//! Each object seals again what it has; each entry of KV is a copy that its object writes anew. A rotation is done once a whole
//! pass has found nothing that an older key sealed, and everything that it visited has replied.

mod objects;
mod reseal;
mod rotation;

pub use objects::{ObjectId, ObjectPage};
pub use reseal::{ResealCount, RunResealed, SealedContents, reseal};
pub use rotation::{
    BATCH, KeyRotation, KeysReply, KeysRequest, KvPage, PASS_AGAIN_AFTER, PassFindings, Position,
    SEALED_PREFIXES, Visited, is_outdated,
};
