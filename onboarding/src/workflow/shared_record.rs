//! The record of an object in memory: one per incarnation, shared by everything that runs in it.

use core::cell::{Cell, RefCell};
use std::rc::Rc;

/// One record for all requests and workflows of an incarnation. Code that holds it across an await sees what others
/// changed meanwhile, and so does not overwrite their changes when it stores the record.
#[derive(Debug)]
pub struct SharedRecord<R> {
    /// `None`: not read yet.
    record: RefCell<Option<Rc<RefCell<R>>>>,
    /// What is in memory may not be what is stored.
    stale: Cell<bool>,
}

impl<R> Default for SharedRecord<R> {
    fn default() -> Self {
        Self {
            record: RefCell::default(),
            stale: Cell::default(),
        }
    }
}

impl<R: Clone> SharedRecord<R> {
    /// The record: always the same one. `load` reads what is stored, if that is not known.
    ///
    /// # Errors
    /// That of `load`.
    pub fn get<E>(&self, load: impl FnOnce() -> Result<R, E>) -> Result<Rc<RefCell<R>>, E> {
        let known = self.record.borrow().clone();
        let record = match known {
            Some(record) => {
                if self.stale.get() {
                    let stored = load()?;
                    *record.borrow_mut() = stored;
                }
                record
            }
            None => {
                let record = Rc::new(RefCell::new(load()?));
                *self.record.borrow_mut() = Some(record.clone());
                record
            }
        };
        self.stale.set(false);
        Ok(record)
    }

    /// Changes a copy of the record and stores it; the record changes once that has succeeded. Synchronous.
    ///
    /// # Errors
    /// That of `load` or `store`; the record is unchanged, and is read again at the next access.
    pub fn change<T, E>(
        &self,
        load: impl FnOnce() -> Result<R, E>,
        store: impl FnOnce(&R) -> Result<(), E>,
        change: impl FnOnce(&mut R) -> T,
    ) -> Result<T, E> {
        let record = self.get(load)?;
        let mut changed = record.borrow().clone();
        let result = change(&mut changed);
        store(&changed).inspect_err(|_| self.invalidate())?;
        *record.borrow_mut() = changed;
        Ok(result)
    }

    /// The next access reads what is stored.
    pub fn invalidate(&self) {
        self.stale.set(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_held_across_a_change_has_the_change() {
        let shared = SharedRecord::default();
        let held = shared.get(|| Ok::<_, ()>(1)).unwrap();
        let changed = shared.change(|| Err(()), |_| Ok(()), |record| *record += 1);
        assert_eq!(changed, Ok(()));
        assert_eq!(*held.borrow(), 2);
    }

    #[test]
    fn change_that_was_not_stored_is_not_seen() {
        let shared = SharedRecord::default();
        let held = shared.get(|| Ok::<_, ()>(1)).unwrap();
        let changed = shared.change(|| Err(()), |_| Err(()), |record| *record += 1);
        assert_eq!((changed, *held.borrow()), (Err(()), 1));
    }

    #[test]
    fn invalidated_record_is_read_again_by_holders() {
        let shared = SharedRecord::default();
        let held = shared.get(|| Ok::<_, ()>(1)).unwrap();
        shared.invalidate();
        assert!(shared.get(|| Err(())).is_err(), "still not known");
        shared.get(|| Ok::<_, ()>(5)).unwrap();
        assert_eq!(*held.borrow(), 5);
    }
}
