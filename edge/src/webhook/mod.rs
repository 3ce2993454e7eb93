//! What Meta says by webhook, as values. How it arrives, is proven and put in order is not here yet.

pub mod meta;
