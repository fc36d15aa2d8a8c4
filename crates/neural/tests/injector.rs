//! An injector tells a value: its file is read to the same numbers, the bits belong to the value and to nothing else, and
//! one that does not fit is refused.

mod common;

use common::{PlainModel, run_trapped as run, shaped};
use neural::{
    Backend, Injector, InjectorError, InjectorParts, Model, NoTraps, PassSite, PlainBackend, Reach, Session,
    Traps, Want, abi,
};
use synthetic::{ODD, Random, bits};

/// Width of the bottleneck.
const BOTTLENECK: usize = 5;

fn parts(model: &Model<PlainBackend>, reach: Reach) -> InjectorParts {
    let mut random = Random::new(3);
    let mut draw = |count: usize| (0..count).map(|_| random.symmetric()).collect::<Vec<f32>>();
    let width = model.config().hidden_size;
    InjectorParts {
        model: model.digest(),
        layer: 1,
        reach,
        places: 2,
        untaught: vec![10, 17],
        down: draw(BOTTLENECK * width),
        up: draw(width * BOTTLENECK),
        projection: draw(width * 20),
    }
}

fn injector(model: &PlainModel, reach: Reach) -> Injector {
    Injector::new(parts(model, reach), model).expect("parts that fit")
}

#[test]
fn an_injector_is_written_and_read_to_the_same_bytes() {
    let model = shaped(&ODD);
    for reach in [Reach::Prompt, Reach::Everywhere] {
        let written = injector(&model, reach);
        let bytes = written.to_safetensors();
        let read = Injector::from_safetensors(&bytes, &model).expect("what was written");
        assert_eq!((&read, read.to_safetensors()), (&written, bytes));
    }
}

/// A gateway that adds at the first position of each chunk alone, so that its bits depend on the chunks: what the test of
/// chunks must notice.
struct OnlyFirst<T>(T);

impl<B: Backend, T: Traps<B>> Traps<B> for OnlyFirst<T> {
    fn ignores(&self, site: PassSite) -> bool {
        self.0.ignores(site)
    }

    fn block(&mut self, backend: &B, layer: usize, first: usize, rows: &mut B::Rows) {
        let before = backend.read(rows);
        self.0.block(backend, layer, first, rows);
        let (after, width) = (backend.read(rows), ODD.hidden);
        *rows = backend.rows(width, [&after[..width], &before[width..]].concat());
    }
}

#[test]
fn bits_do_not_depend_on_chunks_or_on_a_rewind() {
    let model = shaped(&ODD);
    let ids = Random::new(5).tokens(24, ODD.vocab);
    for reach in [Reach::Prompt, Reach::Everywhere] {
        let injector = injector(&model, reach);
        let gateway = || injector.gateway(model.backend(), 42, 15).expect("two digits");
        let whole = run(&model, &ids, ids.len(), &mut gateway());
        for chunk in [1, 7, ids.len()] {
            assert!(run(&model, &ids, chunk, &mut gateway()) == whole, "{reach:?} in chunks of {chunk}");
        }
        assert!(
            run(&model, &ids, 7, &mut OnlyFirst(gateway())) != whole,
            "a trap that sees chunks is noticed"
        );
        let (mut session, mut traps) = (Session::open(&model), gateway());
        session.prefill_trapped(&ids, Want::Last, &mut traps).expect("tokens of the vocabulary");
        session.rewind(9).expect("within the horizon");
        let again = session.prefill_trapped(&ids[9..], Want::All, &mut traps).expect("tokens");
        let vocab = whole.len() / ids.len();
        assert!(bits(again.values()) == whole[9 * vocab..], "{reach:?} after a rewind");
        assert_eq!(session.edits().count(), if reach == Reach::Prompt { 15 } else { ids.len() });
    }
}

#[test]
fn another_value_is_another_addition_and_zero_up_is_none() {
    let model = shaped(&ODD);
    let ids = Random::new(5).tokens(12, ODD.vocab);
    let plain = run(&model, &ids, 12, &mut NoTraps);
    let injector = injector(&model, Reach::Everywhere);
    let told = |injector: &Injector, value| {
        let mut gateway = injector.gateway(model.backend(), value, 6).expect("two digits");
        run(&model, &ids, 12, &mut gateway)
    };
    let all: Vec<Vec<u32>> = [0, 4, 7, 40, 70, 47, 74].map(|value| told(&injector, value)).into();
    for (place, one) in all.iter().enumerate() {
        assert!(*one != plain && !all[..place].contains(one), "value {place}");
    }
    assert!(told(&injector.with_zero_up(), 47) == plain);
    let error = injector.gateway(model.backend(), 100, 6).err().expect("three digits");
    assert!(matches!(error, InjectorError::Value { value: 100, places: 2 }), "{error}");
}

type Edit = (&'static str, fn(&mut InjectorParts), &'static str);

const EDITS: [Edit; 7] = [
    ("layer", |parts| parts.layer = 3, "after block 3, and the model has 3"),
    ("no places", |parts| parts.places = 0, "must have 1 to 9"),
    ("many places", |parts| parts.places = 10, "must have 1 to 9"),
    ("down", |parts| parts.down.truncate(7), "down are not"),
    ("up", |parts| parts.up.push(0.0), "up are not"),
    ("projection", |parts| parts.projection[3] = f32::NAN, "projection are not"),
    (
        "other model",
        |parts| parts.model = abi::Digest::hash("nmk.model.v1", b"other"),
        "cargo xtask train injector",
    ),
];

#[test]
fn parts_that_do_not_fit_are_refused() {
    let model = shaped(&ODD);
    for (name, edit, says) in EDITS {
        let mut parts = parts(&model, Reach::Prompt);
        edit(&mut parts);
        let error = Injector::new(parts, &model).expect_err(name).to_string();
        assert!(error.contains(says) && !error.contains('\n'), "{name}: {error}");
    }
}

#[test]
fn files_that_are_not_whole_are_refused() {
    let model = shaped(&ODD);
    let bytes = injector(&model, Reach::Prompt).to_safetensors();
    let swapped = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len(), "{from}");
        let at = bytes.windows(from.len()).position(|found| found == from.as_bytes()).expect("it is there");
        [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
    };
    for (bytes, says) in [
        (bytes[..bytes.len() - 1].to_vec(), "refused"),
        (swapped("nmk.injector.v1", "nmk.injector.v2"), "no description"),
        (swapped("untaught", "untaugth"), "not a JSON object"),
        (swapped("\\\"reach\\\":\\\"prompt\\\"", "\\\"reach\\\":\\\"pr0mpt\\\""), "`reach` is \"pr0mpt\""),
        (swapped("\\\"places\\\":2", "\\\"places\\\":0"), "must have 1 to 9"),
        (swapped("\\\"bottleneck\\\":5", "\\\"bottleneck\\\":6"), "`down` has shape"),
    ] {
        let error = Injector::from_safetensors(&bytes, &model).expect_err(says).to_string();
        assert!(error.contains(says), "{says}: {error}");
    }
}
