//! What a history is at one moment: plain data, and the world that holds it. What happens to it is in the files beside
//! this folder.

pub mod copies;
pub mod event;
pub mod in_flight;
pub mod observations;
pub mod operation;
pub mod peers;
pub mod phone;
pub mod run;
pub mod storage;
pub mod tab;
pub mod world;
