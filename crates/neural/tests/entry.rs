//! A tap on the prefill reads one row, the same in any schedule, and a head that does not fit is refused.

mod common;

use std::sync::Arc;

use common::heads::{HIDDEN, LAYER, parts};
use common::{PlainModel, alone, shaped};
use neural::{
    EntryHead, EntryReading, EntryRequest, EntryTap, Injection, PassSite, PlainBackend, Session, Traps, Want,
};
use synthetic::{ODD, Random, bits};

fn tokens() -> Vec<u32> {
    Random::new(5).tokens(140, ODD.vocab)
}

/// Returns what a tap on the prompt's last position reads, and the bits of every logit. The prompt comes in
/// chunks, and ten tokens follow it.
fn tapped(model: &PlainModel, head: &Arc<EntryHead>, chunk: usize) -> (Option<EntryReading>, Vec<u32>) {
    let ids = tokens();
    let prompt = ids.len() - 10;
    let mut tap = EntryTap::new(head, prompt - 1);
    let mut session = Session::open(model);
    let mut logits = Vec::new();
    for ids in ids[..prompt].chunks(chunk).chain(ids[prompt..].chunks(1)) {
        assert_eq!(tap.reading().is_some(), session.position() >= prompt);
        let rows = session.prefill_trapped(ids, Want::All, &mut tap).expect("a model");
        logits.extend(bits(rows.values()));
    }
    (tap.reading(), logits)
}

#[test]
fn a_reading_is_the_same_in_any_schedule_and_changes_nothing() {
    let model = shaped(&ODD);
    let head = Arc::new(EntryHead::new(parts(&model), &model).expect("a head"));
    let plain = alone(&model, &tokens());
    let mut confidences = Vec::new();
    for chunk in [1, 3, 64, 130] {
        let (reading, logits) = tapped(&model, &head, chunk);
        assert!(logits == plain, "a tap changes nothing, chunks of {chunk}");
        confidences.push(reading.expect("the position was passed").confidence.to_bits());
    }
    assert!(confidences.iter().all(|confidence| *confidence == confidences[0]), "{confidences:?}");
}

#[test]
fn a_tap_reads_the_pass_with_what_other_traps_changed_in_it() {
    let model = shaped(&ODD);
    let head = Arc::new(EntryHead::new(parts(&model), &model).expect("a head"));
    let ids = tokens();
    let read = |session: &mut Session<PlainBackend>, ids: &[u32]| {
        let mut tap = EntryTap::new(&head, session.position() + ids.len() - 1);
        session.prefill_trapped(ids, Want::Last, &mut tap).expect("a model");
        (tap.reading().expect("a reading"), tap.residual().expect("a row").to_vec())
    };
    let whole = read(&mut Session::open(&model), &ids);
    let mut session = Session::open(&model);
    let row = vec![0.5; model.config().hidden_size];
    let mut injection = Injection { layer: 0, rows: [(119, row)].into() };
    session.prefill_trapped(&ids[..120], Want::Last, &mut injection).expect("a model");
    assert_ne!(read(&mut session, &ids[120..]), whole);
    session.rewind(0).expect("within the horizon");
    assert_eq!(read(&mut session, &ids), whole, "a rewind leads back to the same reading");
    assert_ne!(read(&mut Session::open(&model), &ids[..ids.len() - 1]), whole);
}

#[test]
fn a_rewind_is_forgotten_and_what_follows_the_prompt_is_ignored() {
    let model = shaped(&ODD);
    let head = Arc::new(EntryHead::new(parts(&model), &model).expect("a head"));
    let mut tap = EntryTap::new(&head, 9);
    let ignored = |tap: &EntryTap| {
        let sites =
            [PassSite::Entry, PassSite::Block(LAYER - 1), PassSite::Block(LAYER), PassSite::Router(LAYER)];
        sites.map(|site| Traps::<PlainBackend>::ignores(tap, site))
    };
    assert_eq!(ignored(&tap), [true, true, false, true]);
    let mut session = Session::open(&model);
    session.prefill_trapped(&tokens()[..10], Want::Last, &mut tap).expect("a model");
    let first = tap.reading();
    assert_eq!((first.is_some(), ignored(&tap)), (true, [true; 4]));
    Traps::<PlainBackend>::rewound(&mut tap, 10);
    assert_eq!(tap.reading(), first, "the prompt itself is kept");
    Traps::<PlainBackend>::rewound(&mut tap, 9);
    assert_eq!((tap.reading(), ignored(&tap)), (None, [true, true, false, true]));
    session.rewind(9).expect("one position back");
    let other = (tokens()[9] + 1) % ODD.vocab as u32;
    session.prefill_trapped(&[other], Want::Last, &mut tap).expect("a model");
    assert!(tap.reading().is_some() && tap.reading() != first);
}

#[test]
fn a_head_computes_what_plain_arithmetic_gives() {
    let model = shaped(&ODD);
    let head = EntryHead::new(parts(&model), &model).expect("a head");
    let parts = head.parts();
    let width = parts.mean.len();
    for seed in 0..50 {
        let mut random = Random::new(100 + seed);
        let row: Vec<f32> = (0..width).map(|_| 3.0 * random.symmetric()).collect();
        let dot = |weights: &[f32], inputs: &[f64]| -> f64 {
            weights.iter().rev().zip(inputs.iter().rev()).map(|(w, x)| f64::from(*w) * x).sum()
        };
        let inputs: Vec<f64> =
            (0..width).map(|i| f64::from(parts.scale[i]) * f64::from(row[i] - parts.mean[i])).collect();
        let hidden: Vec<f64> = (0..HIDDEN)
            .map(|j| dot(&parts.hidden[j * width..][..width], &inputs) + f64::from(parts.hidden_bias[j]))
            .map(|x| x.max(0.0))
            .collect();
        let odds: Vec<f64> = (0..3)
            .map(|k| dot(&parts.output[k * HIDDEN..][..HIDDEN], &hidden) + f64::from(parts.output_bias[k]))
            .map(f64::exp)
            .collect();
        let reading = head.read(&row).expect("a finite row");
        let expected = odds[reading.class] / odds.iter().sum::<f64>();
        assert!((reading.confidence - expected).abs() < 1e-5, "{reading:?}, expected {expected}");
        assert!(odds.iter().all(|odd| *odd <= odds[reading.class]));
    }
    let row = vec![0.0; width];
    assert!(head.read(&row[1..]).is_none() && head.read(&[&row[1..], &[f32::NAN]].concat()).is_none());
}

#[test]
fn a_request_names_one_capability_at_the_threshold_and_above() {
    let model = shaped(&ODD);
    let head = EntryHead::new(parts(&model), &model).expect("a head");
    let request = |class, confidence| head.request(EntryReading { class, confidence });
    for (class, capability, threshold) in [(1, "fact:gcd", 0.1 + 0.2), (2, "fact:is_prime", 0.75)] {
        let capability = capability.to_owned();
        let at = EntryRequest { capability, confidence: threshold, threshold };
        assert_eq!(request(class, threshold), Some(at));
        assert_eq!(request(class, threshold.next_down()), None);
    }
    for (class, confidence) in [(0, 1.0), (1, f64::NAN), (3, 1.0)] {
        assert_eq!(request(class, confidence), None, "class {class} at {confidence}");
    }
}
