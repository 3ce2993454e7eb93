//! What pages post to a run.

use embark_protocol::post::{Assets, Ended, Input, Outcome};

#[derive(Debug, Clone)]
pub enum Posted {
    /// With the number of the click it belongs to.
    Launched(u8),
    Outcome(u8, Outcome),
    Assets(Assets),
    Ended(Ended),
    Input(Input),
}

/// What is posted, in a line.
pub fn named(post: &Posted) -> String {
    match post {
        Posted::Outcome(click, post) => format!("outcome {click} {} ids {:?}", post.code, post.ids),
        Posted::Assets(post) => format!("assets {:?}", post.ids),
        Posted::Input(post) => format!("input {post:?}"),
        Posted::Ended(_) => "ended".into(),
        Posted::Launched(click) => format!("launched {click}"),
    }
}
