//! Meta's webhooks in the built Worker: who may send them, that what was answered with 200 is stored once, and that it
//! reaches the owners of the account.

mod backup;
mod backup_faults;
mod bad_input;
mod deliveries;
mod events;
mod hosted;
mod messages;
mod meta;

mod account_updates;
mod key_rotation;
mod received;
mod secrets;
mod setup;
mod throughput;
mod tokens;
mod unclaimed;
mod user_callbacks;
