//! How long is waited, and when Meta is given up.

use crate::fake::{World, ids};
use crate::{end_code, status};
use embark_edge::graph::Unheard;
use embark_protocol::{Code, Status};

#[test]
fn register_waits_as_long_as_meta_says() {
    let body = serde_json::json!({"error": {"code": 133009, "fbtrace_id": "A9",
        "error_data": {"details": "Please try again in 40 seconds"}}});
    let heard = Ok(embark_edge::graph::Reply {
        status: 400,
        retry_after: None,
        body: body.to_string().into_bytes(),
    });
    let world = World::new();
    world.meta.borrow_mut().script = vec![("register", heard)];
    let before = world.now.get();
    let run = world.started("code-1", Some(ids()));
    let run = world.run_to_rest_from(run);
    assert_eq!(status(&world, &run), Status::Connected);
    assert!(world.now.get() - before >= 40_000);
}

#[test]
fn meta_that_never_answers_is_given_up_in_the_end() {
    let world = World::new();
    let unheard = || ("subscribe", Err(Unheard::Timeout));
    world.meta.borrow_mut().script = (0..5).map(|_| unheard()).collect();
    let run = world.started("code-1", Some(ids()));
    let run = world.run_to_rest_from(run);
    assert_eq!(
        status(&world, &run),
        Status::Connected,
        "five losses are nothing"
    );

    let world = World::new();
    let down = || ("waba", Err(Unheard::Broken));
    world.meta.borrow_mut().script = (0..5_000).map(|_| down()).collect();
    let run = world.started("code-1", Some(ids()));
    let run = world.run_to_rest_from(run);
    assert_eq!(end_code(&run), Some(Code::MetaUnavailable));
}
