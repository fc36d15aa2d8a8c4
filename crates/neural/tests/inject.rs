//! A row that is injected gives the bits of the token whose embedding it is.

mod common;

use common::{PlainModel, fixture, shaped};
use neural::{Session, SessionError, Step, Want};
use synthetic::{ODD, Random, bits, parity};

fn embeddings(model: &PlainModel, ids: &[u32]) -> Vec<f32> {
    model.embeddings(ids).expect("ids of the vocabulary")
}

/// Returns the bits of all logits, where the parts of the numbers for which `injects` is true are injected.
fn run(model: &PlainModel, ids: &[u32], chunk: usize, injects: fn(usize) -> bool) -> Vec<u32> {
    let mut session = Session::open(model);
    let parts = ids.chunks(chunk).enumerate().map(|(number, part)| match injects(number) {
        true => session.inject(&embeddings(model, part), Want::All).expect("rows of the model's width"),
        false => session.prefill(part, Want::All).expect("ids of the vocabulary"),
    });
    parts.flat_map(|logits| bits(logits.values())).collect()
}

fn check(model: &PlainModel, ids: &[u32]) {
    let tokens = run(model, ids, ids.len(), |_| false);
    for (chunk, injects) in [
        (1, (|_| true) as fn(usize) -> bool),
        (ids.len(), |_| true),
        (7, |_| true),
        (1, |number| number.is_multiple_of(3)),
        (5, |number| !number.is_multiple_of(2)),
    ] {
        let found = run(model, ids, chunk, injects);
        assert!(found == tokens, "{:?} in parts of {chunk}", model.config().family);
    }
}

#[test]
fn an_injected_embedding_is_its_token_in_every_family() {
    for family in parity::FAMILIES {
        check(&fixture(family), &parity::expected(family)[3].ids);
    }
}

#[test]
fn an_injected_embedding_is_its_token_past_dropped_pages() {
    check(&shaped(&ODD), &Random::new(11).tokens(400, ODD.vocab));
}

#[test]
fn another_row_gives_other_bits() {
    let model = shaped(&ODD);
    let ids = Random::new(5).tokens(20, ODD.vocab);
    let mut rows = embeddings(&model, &ids);
    rows[3 * ODD.hidden] = f32::from_bits(rows[3 * ODD.hidden].to_bits() ^ (1 << 22));
    let found = Session::open(&model).inject(&rows, Want::All).expect("rows of the model's width");
    let tokens = Session::open(&model).prefill(&ids, Want::All).expect("ids of the vocabulary");
    assert_eq!(bits(found.row(2)), bits(tokens.row(2)));
    assert_ne!(bits(found.row(3)), bits(tokens.row(3)));
    assert_ne!(bits(found.row(19)), bits(tokens.row(19)));
}

#[test]
fn the_history_says_what_was_injected_and_follows_rewinds_and_forks() {
    let model = shaped(&ODD);
    let ids = Random::new(6).tokens(130, ODD.vocab);
    let mut session = Session::open(&model);
    session.prefill(&ids[..127], Want::Last).expect("ids of the vocabulary");
    let row = embeddings(&model, &[9]);
    session.inject(&row, Want::Last).expect("a row of the model's width");
    let bytes: Vec<u8> = row.iter().flat_map(|value| value.to_le_bytes()).collect();
    let injected = Step::Row(neural::abi::Digest::hash("nmk.row.v1", &bytes));
    let mut steps: Vec<Step> = ids[..127].iter().map(|id| Step::Token(*id)).collect();
    steps.push(injected);
    assert_eq!(session.history().collect::<Vec<_>>(), steps);

    let mut fork = session.fork();
    fork.decode(3).expect("a token");
    for to in [128, 127, 64, 63, 1, 0] {
        session.rewind(to).expect("within the horizon");
        assert_eq!(session.position(), to);
        assert_eq!(session.history().collect::<Vec<_>>(), steps[..to]);
    }
    assert_eq!(fork.position(), 129);
    assert_eq!(fork.history().last(), Some(Step::Token(3)));
}

#[test]
fn rows_that_cannot_be_injected_are_refused_and_leave_the_session_as_it_was() {
    let model = shaped(&ODD);
    let (width, capacity) = (ODD.hidden, 512);
    let mut session = Session::open(&model);
    session.decode(1).expect("a token");
    let mut bad = vec![0.5; 2 * width];
    bad[width + 3] = f32::NAN;
    let refusals = [
        (vec![], SessionError::Empty),
        (vec![0.5; width + 1], SessionError::InjectedWidth { values: width + 1, width }),
        (bad, SessionError::InjectedNonFinite { row: 1, index: 3 }),
        (vec![0.5; 512 * width], SessionError::ContextOverflow { position: 1, added: 512, capacity }),
    ];
    for (rows, refusal) in refusals {
        assert_eq!(session.inject(&rows, Want::Last), Err(refusal));
        assert_eq!(session.position(), 1);
    }
    assert_eq!(model.embeddings(&[0, 61]), None);
    assert_eq!(session.history().collect::<Vec<_>>(), [Step::Token(1)]);
    let tokens = Session::open(&model).prefill(&[1, 2], Want::Last).expect("tokens");
    assert_eq!(bits(session.decode(2).expect("a token").values()), bits(tokens.values()));
}
