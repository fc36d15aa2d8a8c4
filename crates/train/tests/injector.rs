//! The injectors: the sides of the split share nothing, the recipe repeats, and the shipped ones fit the shipped model and
//! have the same bits however the work is split.

use std::num::NonZeroUsize;

use backend_cpu::CpuBackend;
use neural::{
    Backend, Decoding, Gateway, GatewayWeights, GenerateSpec, Injector, InjectorError, PassSite, Sampler,
    Session, TrapPlane, Traps, Want, generate_in,
};
use proposer::LocalModel;
use train::entry::Side;
use train::injector::{Operation, Plan, Values, draw, is_untaught, make, text};
use train::shipped::Shipped;

#[test]
fn words_and_wordings_are_on_one_side_and_no_step_injects_an_untaught_value() {
    for side in [Side::Fit, Side::Calibrate, Side::Test] {
        let (mut untaught, mut true_counts) = (0, 0);
        for index in 0..300 {
            for operation in [Operation::Count, Operation::Add, Operation::Subtract] {
                let item = draw(side, operation, Values::Mixed, 5, index);
                assert!(item.words.iter().all(|word| Side::from_word(word) == side), "{}", item.prompt);
                assert!(
                    item.phrasings.iter().all(|place| Side::from_place(*place) == side),
                    "{}",
                    item.prompt
                );
                untaught += usize::from(is_untaught(item.value));
                let counted = factloop::route(&item.prompt).and_then(|routed| routed.fact.evaluate().ok());
                let is_true =
                    counted.is_some_and(|value| det::equal(&value, &abi::Value::Int(item.value as i64)));
                true_counts += usize::from(is_true && operation == Operation::Count);
            }
        }
        assert_eq!(untaught == 0, side == Side::Fit, "{side:?}: {untaught}");
        assert!((120..240).contains(&true_counts), "{side:?}: {true_counts} of 300 true counts");
    }
}

#[test]
fn the_recipe_repeats_bit_for_bit_on_any_number_of_threads() {
    let model = Shipped::embedded().expect("model");
    let plan = Plan { steps: 2, items: 1, seed: 3 };
    let parts = (embedded::CONFIG.as_bytes(), embedded::WEIGHTS);
    let [one, two, other] = [(plan, 1), (plan, 2), (Plan { seed: 4, ..plan }, 2)].map(|(plan, threads)| {
        let made = make(&model, parts, &plan, threads, &|_| {}).expect("injectors");
        let files =
            [&made.bare, &made.sums, &made.placebo].map(|made| made.candidate.injector.to_safetensors());
        (files, text(&made))
    });
    assert!(one == two, "the number of threads is seen in a file or in the report");
    assert!(one.0[0] != one.0[2], "the placebo is the injector");
    assert!(one.0[0] != other.0[0], "the seed is not used");
}

fn local(threads: usize) -> LocalModel<CpuBackend> {
    let backend =
        CpuBackend::best().and_then(|backend| backend.on_threads(threads)).expect("IEEE arithmetic");
    LocalModel::from_parts(embedded::CONFIG.as_bytes(), embedded::TOKENIZER, embedded::WEIGHTS, backend)
        .expect("model")
}

const FILES: [&[u8]; 3] = [embedded::INJECTOR, embedded::INJECTOR_SUMS, embedded::INJECTOR_PLACEBO];
const PROMPT: &str = "How many times does the letter r appear in strawberry?";

/// The tokens of an answer with the digests of the logits behind each, with a trap, in chunks of the prompt.
fn answer<T: Traps<CpuBackend>>(
    local: &LocalModel<CpuBackend>,
    trap: &mut T,
    chunk: Option<usize>,
) -> Vec<neural::GeneratedToken> {
    let ids = local.prompt_ids("", PROMPT).expect("ids");
    let spec = GenerateSpec { prompt: &ids, max_new: 8, end_tokens: &[] };
    let mut decoding =
        Decoding { chunk: chunk.and_then(NonZeroUsize::new), ..Decoding::with(Sampler::GREEDY) };
    let mut session = Session::open(local.model());
    let generated = generate_in(&mut session, &spec, &mut decoding, trap, &mut |_| {});
    generated.expect("an answer").0.tokens
}

/// A trap that adds only to the first row of each pass, so that its bits depend on the chunks: what the test must notice.
struct OnlyFirst(TrapPlane<CpuBackend>);

impl Traps<CpuBackend> for OnlyFirst {
    fn ignores(&self, site: PassSite) -> bool {
        self.0.ignores(site)
    }

    fn block(
        &mut self,
        backend: &CpuBackend,
        layer: usize,
        first: usize,
        rows: &mut <CpuBackend as Backend>::Rows,
    ) {
        let (before, width) = (backend.read(rows), 192);
        self.0.block(backend, layer, first, rows);
        let after = backend.read(rows);
        *rows = backend.rows(width, [&after[..width], &before[width..]].concat());
    }
}

#[test]
fn an_answer_has_the_same_bits_for_any_chunks_and_threads_and_after_a_rewind() {
    for file in FILES {
        let one = local(1);
        let injector = Injector::from_safetensors(file, one.model()).expect("the shipped injector");
        let length = one.prompt_ids("", PROMPT).expect("ids").len();
        let plane = |local: &LocalModel<CpuBackend>| {
            let gateway = injector.gateway(local.model().backend(), 42, length).expect("two digits");
            TrapPlane::<CpuBackend> { gateways: vec![gateway], ..TrapPlane::default() }.armed()
        };
        let expected = answer(&one, &mut plane(&one), None);
        for threads in [1, 2] {
            let model = local(threads);
            for chunk in [Some(1), Some(7), None] {
                let found = answer(&model, &mut plane(&model), chunk);
                assert!(found == expected, "{threads} threads, chunks of {chunk:?}");
            }
        }
        assert_ne!(
            answer(&one, &mut OnlyFirst(plane(&one)), Some(7)),
            expected,
            "a trap that sees chunks is noticed"
        );
        let disarmed = TrapPlane { armed: false, ..plane(&one) };
        assert_ne!(answer(&one, &mut { disarmed }, None), expected, "the injector writes");
        rewound(&one, &mut plane(&one));
    }
}

/// Checks that the logits after a rewind into the prompt are those of the pass before it.
fn rewound(local: &LocalModel<CpuBackend>, plane: &mut TrapPlane<CpuBackend>) {
    let ids = local.prompt_ids("", PROMPT).expect("ids");
    let mut session = Session::open(local.model());
    let before = session.prefill_trapped(&ids, Want::Last, plane).expect("logits").digest(0);
    session.rewind(5).expect("within the horizon");
    let after = session.prefill_trapped(&ids[5..], Want::Last, plane).expect("logits").digest(0);
    assert_eq!(before, after);
}

#[test]
fn zero_up_is_the_model_without_an_injector() {
    let local = local(1);
    let plain = answer(&local, &mut TrapPlane::<CpuBackend>::default(), None);
    for file in FILES {
        let injector = Injector::from_safetensors(file, local.model()).expect("the shipped injector");
        let mut silent = injector.with_zero_up().gateway(local.model().backend(), 42, 9).expect("two digits");
        assert_eq!(answer(&local, &mut silent, None), plain);
    }
}

/// An injector of another model is refused, not run.
#[test]
fn the_shipped_injectors_belong_to_the_shipped_model() {
    let config =
        embedded::CONFIG.replace("\"max_position_embeddings\": 512", "\"max_position_embeddings\": 256");
    let backend = CpuBackend::best().expect("IEEE arithmetic");
    let other = LocalModel::from_parts(config.as_bytes(), embedded::TOKENIZER, embedded::WEIGHTS, backend)
        .expect("another model");
    for file in FILES {
        let error = Injector::from_safetensors(file, other.model()).expect_err("another model");
        assert!(matches!(error, InjectorError::OtherModel { .. }), "{error}");
        assert!(file.len() < 200 << 10, "{} bytes", file.len());
    }
}

/// The gateway that is trained is the one that ships: its parts are those of a [`Gateway`] without further ones.
#[test]
fn a_gateway_made_by_hand_from_the_parts_is_the_injector() {
    let local = local(1);
    let injector =
        Injector::from_safetensors(embedded::INJECTOR, local.model()).expect("the shipped injector");
    let (parts, backend) = (injector.parts(), local.model().backend());
    let length = local.prompt_ids("", PROMPT).expect("ids").len();
    let end = if parts.reach == neural::Reach::Prompt { length } else { usize::MAX };
    let weights = GatewayWeights { down: &parts.down, up: &parts.up, scale: 1.0 };
    let gateway = Gateway::new(backend, (parts.layer, 0..end), (192, parts.down.len() / 192), weights);
    let told = neural::value_digits(3, parts.places).expect("a digit");
    let mut gateway =
        gateway.and_then(|made| made.conditioned(backend, &parts.projection, &told)).expect("a gateway");
    let mut made = injector.gateway(backend, 3, length).expect("a gateway");
    assert_eq!(answer(&local, &mut gateway, None), answer(&local, &mut made, None));
}
