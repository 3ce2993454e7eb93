//! Meta, as far as signups see it: authorization codes, tokens, WhatsApp Business Accounts and phone numbers. It
//! keeps what it did, which the invariants compare with what signups believe.

mod assets;
mod credit;
mod graph;
mod limits;
mod oauth;
pub mod response;
pub mod state;
