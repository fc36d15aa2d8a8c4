//! A session takes the memory that its model states before, whatever its history.

mod common;

use common::shaped;
use neural::{REWIND_HORIZON, Session, Want};
use synthetic::{ODD, Random};

#[test]
fn no_session_takes_more_than_was_stated() {
    let model = shaped(&ODD);
    let ids = Random::new(1).tokens(512, ODD.vocab);
    for chunk in [1, 7, 64, 65, 300, 512] {
        let (mut session, mut most) = (Session::open(&model), 0);
        for part in ids.chunks(chunk) {
            session.prefill(part, Want::Last).expect("ids");
            let memory = session.memory();
            assert_eq!(memory.shared, 0);
            most = most.max(memory.pages + memory.history);
            assert!(most <= model.session_bytes(session.position(), chunk), "{chunk}");
            session.rewind(session.position() - 1).expect("within the horizon");
            session.decode(3).expect("a token");
        }
        assert!(most <= model.session_bytes(512, chunk));
    }
    assert_eq!(model.session_bytes(0, 1), 0);
    assert_eq!(model.session_bytes(usize::MAX, usize::MAX), model.session_bytes(512, 512));
}

#[test]
fn pages_behind_windows_are_given_back() {
    let model = shaped(&ODD);
    let mut session = Session::open(&model);
    session.prefill(&Random::new(1).tokens(512, ODD.vocab), Want::Last).expect("ids");
    // One full layer, and two that hold the window and the horizon: all but 236 positions, three whole pages.
    let page = 2 * neural::PAGE * 10 * 4;
    assert_eq!(ODD.window + REWIND_HORIZON, 277);
    assert_eq!(session.memory().pages, (8 + 2 * 5) * page);
}

#[test]
fn a_fork_shares_its_pages_until_one_of_the_two_writes() {
    let model = shaped(&ODD);
    let mut session = Session::open(&model);
    session.prefill(&Random::new(1).tokens(130, ODD.vocab), Want::Last).expect("ids");
    let whole = session.memory();
    let mut fork = session.fork();
    assert_eq!(session.memory().shared, whole.pages);
    fork.decode(1).expect("a token");
    let page = 2 * neural::PAGE * 10 * 4;
    assert_eq!(session.memory().shared, whole.pages - 3 * page, "the last page of each layer is its own");
    drop(fork);
    assert_eq!(session.memory(), whole);
}
