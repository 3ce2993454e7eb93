//! One signup's Durable Object, as stored and in memory.

use super::observations::Observations;
use super::storage::{Incarnations, Memory, ObjectStorage, Record};
use crate::drive_lock::DriveLock;
use crate::executor::Incarnation;
use embark_onboarding::signup::Signup;
use embark_onboarding::time::UnixMillis;
use embark_protocol::SignupId;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

/// The object.
pub struct RunObject {
    /// Its position in the world's signups.
    pub index: usize,
    pub id: SignupId,
    /// The position of its site in [`SITES`].
    pub site: usize,
    pub storage: ObjectStorage<Signup>,
    pub incarnations: Incarnations<RunMemory>,
    pub observations: Observations,
    /// Until when posts are accepted, by the objects' clock. `None`: nothing was posted yet.
    pub grant_expires_at: Cell<Option<UnixMillis>>,
}

/// A record in memory, shared by requests and the drive.
pub type SharedSignup = Rc<RefCell<Signup>>;

/// The memory of one incarnation.
pub struct RunMemory {
    pub incarnation: Rc<Incarnation>,
    /// `None`: to be loaded, or nothing is stored.
    pub signup: RefCell<Option<SharedSignup>>,
    /// Before this time the workflow has nothing to do, unless a post changes the record.
    pub idle_until: Cell<Option<UnixMillis>>,
    /// Held by the drive that runs.
    pub lock: DriveLock,
    /// How often in succession the app's credentials could not be read.
    pub credential_failures: Cell<u32>,
    /// Counts the changes of the record outside the workflow.
    pub changes: Cell<u32>,
    /// The tasks that wait for the next of these changes.
    pub change_wakers: RefCell<Vec<Waker>>,
}

impl Memory for RunMemory {
    fn new(incarnation: Rc<Incarnation>) -> Self {
        Self {
            incarnation,
            signup: RefCell::new(None),
            idle_until: Cell::new(None),
            lock: DriveLock::default(),
            credential_failures: Cell::new(0),
            changes: Cell::new(0),
            change_wakers: RefCell::default(),
        }
    }

    fn incarnation(&self) -> &Rc<Incarnation> {
        &self.incarnation
    }
}

impl RunObject {
    pub fn new(index: usize, site: usize) -> Rc<Self> {
        Rc::new(Self {
            index,
            id: SignupId::parse(&format!("{:032x}", index + 1)).unwrap(),
            site,
            storage: ObjectStorage::new(),
            incarnations: Incarnations::new(),
            observations: Observations::default(),
            grant_expires_at: Cell::new(None),
        })
    }

    pub fn is_stored(&self) -> bool {
        self.storage.record.borrow().is_some()
    }

    /// Deletes everything that the object stores.
    pub fn erase(&self) {
        self.storage.erase();
        self.observations.forget_commits();
        self.incarnations.clear();
    }
}

impl Record for Signup {
    /// Without the time when the workflow wants to run next.
    fn stored_part(mut self) -> Self {
        self.next_wake_at = None;
        self
    }
}
