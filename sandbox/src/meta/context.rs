//! What every Graph API call gets, and what it returns.

use super::error::GraphError;
use super::token::Bearer;
use crate::http::IncomingRequest;
use crate::rules::Rules;
use crate::world::World;
use serde_json::{Value, json};

/// One request and what it works on.
pub struct GraphContext<'a> {
    pub world: &'a mut World,
    pub rules: &'a Rules,
    pub request: &'a IncomingRequest,
    pub bearer: &'a Bearer,
    /// Meta's clock, Unix milliseconds.
    pub now_ms: u64,
}

/// The body of a 200.
#[derive(Debug)]
pub struct GraphReply {
    pub body: Value,
    /// The call changed the world.
    pub effect: bool,
}

/// `Err` is the error that Meta gives for the request; README.md lists them.
pub type GraphResult = Result<GraphReply, GraphError>;

impl GraphReply {
    /// Of a call that changed nothing.
    pub fn unchanged(body: Value) -> GraphResult {
        Ok(Self {
            body,
            effect: false,
        })
    }

    /// Of a call that changed the world.
    pub fn changed(body: Value) -> GraphResult {
        Ok(Self { body, effect: true })
    }

    /// `{"success": true}`
    pub fn success(effect: bool) -> GraphResult {
        Ok(Self {
            body: json!({"success": true}),
            effect,
        })
    }
}
