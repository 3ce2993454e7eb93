//! One phone number's Durable Object, as stored and in memory.

use super::storage::{Incarnations, Memory, ObjectStorage, Record};
use crate::drive_lock::DriveLock;
use crate::executor::Incarnation;
use embark_onboarding::resources::phone_number::PhoneRecord;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::workflow::SharedRecord;
use embark_protocol::PhoneNumberId;
use std::cell::RefCell;
use std::rc::Rc;

/// The object.
pub struct PhoneObject {
    pub id: PhoneNumberId,
    pub storage: ObjectStorage<PhoneRecord>,
    pub incarnations: Incarnations<PhoneMemory>,
    /// The owning site, as last committed. `None`: nobody.
    pub owner: RefCell<Option<String>>,
    /// When register calls were sent within the last 72 h: by the objects' clock, and in true time. A call counts while
    /// it is in the window by both, because an object cannot know that its clock jumped.
    pub register_calls: RefCell<Vec<(UnixMillis, UnixMillis)>>,
    /// When the attempts to register were committed, by true time, oldest first.
    pub attempts_committed_at: RefCell<Vec<UnixMillis>>,
}

/// Who commits a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum CommittedBy {
    /// A claim or a transfer.
    Claim,
    /// A registration.
    Registration,
}

/// The memory of one incarnation.
pub struct PhoneMemory {
    pub incarnation: Rc<Incarnation>,
    pub record: SharedRecord<PhoneRecord>,
    /// Held while a registration is served.
    pub lock: DriveLock,
}

impl Memory for PhoneMemory {
    fn new(incarnation: Rc<Incarnation>) -> Self {
        Self {
            incarnation,
            record: SharedRecord::default(),
            lock: DriveLock::default(),
        }
    }

    fn incarnation(&self) -> &Rc<Incarnation> {
        &self.incarnation
    }
}

impl Record for PhoneRecord {}

impl PhoneObject {
    /// The object of the number at this position of Meta's numbers.
    pub fn new(number: usize) -> Rc<Self> {
        Rc::new(Self {
            id: PhoneNumberId::parse(&number_id(number)).unwrap(),
            storage: ObjectStorage::new(),
            incarnations: Incarnations::new(),
            owner: RefCell::new(None),
            register_calls: RefCell::default(),
            attempts_committed_at: RefCell::default(),
        })
    }
}

/// The id of the number at this position.
pub fn number_id(number: usize) -> String {
    (6_000_000_000_000_001 + number as u64).to_string()
}
