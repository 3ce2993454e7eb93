//! Open and closed enumerations, in the sense of Protocol Buffers (<https://protobuf.dev/programming-guides/enum/>).
//!
//! What a page reads is generic over the kind: the Worker writes [`Closed`] enumerations, so that it can only send
//! values it knows; a widget reads them [`Open`], because a newer Worker may send values that this build does not
//! know, and passes them on as they are.

use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// How the enumerations of a message are represented.
pub trait Enums: Debug + Clone + Copy + PartialEq + Eq {
    /// A field whose values are those of the enumeration `T`.
    type Value<T: Enumeration>: Enumeration;
}

/// What is required of the value of an enumeration.
pub trait Enumeration: Debug + Clone + PartialEq + Eq + Serialize + DeserializeOwned {}

impl<T: Debug + Clone + PartialEq + Eq + Serialize + DeserializeOwned> Enumeration for T {}

/// Only the values that this build knows; any other makes the message unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {}

impl Enums for Closed {
    type Value<T: Enumeration> = T;
}

/// The value on the wire, known to this build or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {}

impl Enums for Open {
    type Value<T: Enumeration> = String;
}
