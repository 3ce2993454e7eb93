//! Faults for tests, in builds with the feature `local` only, which are never deployed: at a numbered operation of
//! an object, at once, or at the next requests to KV or the Partner object. State is kept per wasm instance.
//!
//! | request | effect |
//! |---|---|
//! | `POST /v1/local/fuse {"at":7,"place":"before","how":"panic","of":["<signup>","<phone number id>"]}` | arms one fault at operation 7, counted from 0 from now on; responds with the names of the operations counted since the last such request. `"at":null` arms none. Only operations of the Run and Phone objects in `of` are counted; of all objects, if it is empty |
//! | `POST /v1/local/harm {"how":"panic"}` | injects a fault into the Worker at once |
//! | `POST /v1/local/clock {"ahead_ms":660000}` | sets the clock ahead |
//! | `POST /v1/local/kv {"fail":3,"fail_writes":1}` | fails the next 3 reads of KV, and the next write or deletion |
//! | `POST /v1/local/partner {"fail":3}` | fails the next 3 requests to the Partner object |
//! | `POST /v1/local/waba {"fail":3}` | fails the next 3 requests to Waba objects |
//! | `POST /v1/local/record {"fail":1,"of":["<signup>"]}` | fails the next read of the record of one of these objects |
//! | `POST /v1/local/sites {"unreachable":["acme"]}` | fails every request to these Site objects from now on, and to no others |

use crate::clock;
use crate::config::LOCAL_MARKER;
use crate::liveness::abort_object;
use core::cell::{Cell, RefCell};
use core::time::Duration;
use embark_onboarding::resources::partner::PartnerRequest;
use embark_onboarding::resources::phone_number::PhoneRequest;
use embark_onboarding::resources::rpc::ObjectRequest;
use embark_onboarding::resources::run::RunRequest;
use embark_onboarding::resources::site::SiteRequest;
use embark_onboarding::resources::waba::WabaRequest;
use embark_protocol::{Problem, ProblemCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use worker::{Env, State};

thread_local! {
    /// Names of the operations since a fault was last armed.
    static OPERATIONS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    static ARMED: Cell<Option<ArmedFault>> = const { Cell::new(None) };
    /// Ids of the objects whose operations are counted. Empty: all are.
    static COUNTED_OBJECTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static KV_READ_FAILURES: Cell<u32> = const { Cell::new(0) };
    static KV_WRITE_FAILURES: Cell<u32> = const { Cell::new(0) };
    static PARTNER_FAILURES: Cell<u32> = const { Cell::new(0) };
    static WABA_FAILURES: Cell<u32> = const { Cell::new(0) };
    static CONSUMER_FAILURES: Cell<u32> = const { Cell::new(0) };
    static RECORD_FAILURES: Cell<u32> = const { Cell::new(0) };
    /// Ids of the objects whose record cannot be read while failures are left.
    static UNREADABLE_OBJECTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static UNREACHABLE_SITES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// A fault at a numbered operation.
#[derive(Clone, Copy)]
struct ArmedFault {
    operation: usize,
    point: FaultPoint,
    kind: FaultKind,
}

/// The moment within an operation.
#[derive(Deserialize, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum FaultPoint {
    /// Before the request is sent, or before the record is written.
    #[default]
    Before,
    /// After the request was sent and before its response arrived.
    During,
    /// After the response arrived, or after the record was written.
    After,
}

/// What a fault does.
#[derive(Deserialize, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum FaultKind {
    /// Panics.
    #[default]
    Panic,
    /// Ends the object as a CPU or memory limit does: the running JavaScript is terminated.
    Abort,
    /// Loops for ever, so that the test can kill the process at exactly this point.
    Halt,
    /// Allocates more memory than the instance may have.
    Memory,
}

#[derive(Deserialize)]
struct FuseCommand {
    at: Option<usize>,
    #[serde(default)]
    place: FaultPoint,
    #[serde(default)]
    how: FaultKind,
    #[serde(default)]
    of: Vec<String>,
}

#[derive(Deserialize)]
struct HarmCommand {
    how: FaultKind,
}

#[derive(Deserialize)]
struct ClockCommand {
    ahead_ms: u64,
}

#[derive(Deserialize)]
struct KvCommand {
    #[serde(default)]
    fail: u32,
    #[serde(default)]
    fail_writes: u32,
}

#[derive(Deserialize)]
struct ObjectCommand {
    fail: u32,
}

#[derive(Deserialize)]
struct RecordCommand {
    fail: u32,
    of: Vec<String>,
}

#[derive(Deserialize)]
struct SitesCommand {
    unreachable: Vec<String>,
}

/// Carries out `POST /v1/local/{command}`. Returns the names of the counted operations for `fuse`, else `None`.
///
/// # Errors
/// `not_found` for an unknown command, `bad_json` for a body that is not the command's.
pub fn handle(command: &str, body: &[u8], env: &Env) -> Result<Option<Vec<&'static str>>, Problem> {
    match command {
        "fuse" => {
            let fuse: FuseCommand = parse(body)?;
            COUNTED_OBJECTS.set(object_ids(&fuse.of, env));
            ARMED.set(fuse.at.map(|operation| ArmedFault {
                operation,
                point: fuse.place,
                kind: fuse.how,
            }));
            return Ok(Some(OPERATIONS.take()));
        }
        "clock" => {
            let clock: ClockCommand = parse(body)?;
            clock::set_offset(Duration::from_millis(clock.ahead_ms));
        }
        "kv" => {
            let kv: KvCommand = parse(body)?;
            KV_READ_FAILURES.set(kv.fail);
            KV_WRITE_FAILURES.set(kv.fail_writes);
        }
        "partner" => PARTNER_FAILURES.set(parse::<ObjectCommand>(body)?.fail),
        "waba" => WABA_FAILURES.set(parse::<ObjectCommand>(body)?.fail),
        "consumer" => CONSUMER_FAILURES.set(parse::<ObjectCommand>(body)?.fail),
        "record" => {
            let record: RecordCommand = parse(body)?;
            UNREADABLE_OBJECTS.set(object_ids(&record.of, env));
            RECORD_FAILURES.set(record.fail);
        }
        "sites" => UNREACHABLE_SITES.set(parse::<SitesCommand>(body)?.unreachable),
        "harm" => inject(parse::<HarmCommand>(body)?.how, None),
        _ => return Err(Problem::new(ProblemCode::NotFound)),
    }
    Ok(None)
}

/// Whether the read of KV that is about to begin must fail.
pub fn take_kv_read_failure() -> bool {
    KV_READ_FAILURES.with(take_failure)
}

/// Whether the write to KV, or the deletion, that is about to begin must fail.
pub fn take_kv_write_failure() -> bool {
    KV_WRITE_FAILURES.with(take_failure)
}

/// Whether the request that is about to be sent to the object of this binding and name must fail.
pub fn take_object_failure(binding: &str, name: &str) -> bool {
    match binding {
        SiteRequest::BINDING => {
            UNREACHABLE_SITES.with_borrow(|sites| sites.iter().any(|site| site == name))
        }
        PartnerRequest::BINDING => PARTNER_FAILURES.with(take_failure),
        WabaRequest::BINDING => WABA_FAILURES.with(take_failure),
        _ => false,
    }
}

/// Whether the request that the consumer of the queue is about to send to a Site object must fail.
pub fn take_consumer_failure() -> bool {
    CONSUMER_FAILURES.with(take_failure)
}

/// Begins a read of the record of this object.
///
/// # Errors
/// A test has it fail.
pub fn fail_record_read(state: &State) -> worker::Result<()> {
    let id = state.id().to_string();
    let is_unreadable = UNREADABLE_OBJECTS.with_borrow(|ids| ids.contains(&id));
    match is_unreadable && RECORD_FAILURES.with(take_failure) {
        true => Err("injected".into()),
        false => Ok(()),
    }
}

fn take_failure(left: &Cell<u32>) -> bool {
    let failures = left.get();
    left.set(failures.saturating_sub(1));
    failures > 0
}

/// Counts an operation and returns its number. `None`: operations of this object are not counted.
pub fn count_operation(name: &'static str, state: &State) -> Option<usize> {
    let id = state.id().to_string();
    let counted = COUNTED_OBJECTS.with_borrow(|ids| ids.is_empty() || ids.contains(&id));
    counted.then(|| {
        OPERATIONS.with_borrow_mut(|operations| {
            operations.push(name);
            operations.len() - 1
        })
    })
}

/// Whether a fault is armed for this operation and point.
pub fn is_armed(operation: Option<usize>, point: FaultPoint) -> bool {
    armed_at(operation, point).is_some()
}

/// Injects the fault that is armed for this operation and point, if there is one.
pub fn maybe_fire(operation: Option<usize>, point: FaultPoint, name: &str, state: &State) {
    let Some(fault) = armed_at(operation, point) else {
        return;
    };
    ARMED.set(None);
    let place = match point {
        FaultPoint::Before => "before",
        FaultPoint::During => "during",
        FaultPoint::After => "after",
    };
    let number = fault.operation;
    worker::console_log!("EMBARK-FUSE {number} {place} {name} ({LOCAL_MARKER})");
    inject(fault.kind, Some(state));
}

fn armed_at(operation: Option<usize>, point: FaultPoint) -> Option<ArmedFault> {
    let armed = ARMED.get()?;
    (Some(armed.operation) == operation && armed.point == point).then_some(armed)
}

/// The ids of the objects with these names.
fn object_ids(names: &[String], env: &Env) -> Vec<String> {
    let bindings = [
        RunRequest::BINDING,
        PhoneRequest::BINDING,
        SiteRequest::BINDING,
        PartnerRequest::BINDING,
        WabaRequest::BINDING,
    ];
    let namespaces: Vec<_> = bindings
        .into_iter()
        .filter_map(|binding| env.durable_object(binding).ok())
        .collect();
    let ids = |name: &String| {
        let ids = namespaces.iter().map(|space| space.id_from_name(name));
        ids.filter_map(|id| Some(id.ok()?.to_string()))
            .collect::<Vec<_>>()
    };
    names.iter().flat_map(ids).collect()
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|_| Problem::new(ProblemCode::BadJson))
}

/// `state`: of the object that the fault is for; `None`: the Worker itself.
#[expect(clippy::panic, clippy::infinite_loop, reason = "these are the faults")]
fn inject(kind: FaultKind, state: Option<&State>) {
    match kind {
        FaultKind::Panic => panic!("injected"),
        FaultKind::Abort => {
            // `ctx.abort()` of a Durable Object; a Worker has none.
            if let Some(state) = state {
                abort_object(state);
            }
        }
        FaultKind::Halt => loop {
            core::hint::spin_loop();
        },
        FaultKind::Memory => {
            // Never written to, so that the machine has nothing to provide: the 4 GiB of the instance run out.
            let mut allocations: Vec<Vec<u8>> = Vec::new();
            for _ in 0..8 {
                allocations.push(Vec::with_capacity(1 << 30));
            }
            worker::console_log!("{}", allocations.len());
        }
    }
}
