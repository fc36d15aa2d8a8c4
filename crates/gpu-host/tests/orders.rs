//! The kernels on the host: every order of the threads gives the same results, and each fault shows.

use std::sync::Arc;

use gpu::check::{CheckError, arithmetic, phases, race};
use gpu::{DeviceError, GpuBackend, KernelFault};
use gpu_host::{HostDevice, HostKernels, ThreadOrder};
use neural::{
    Backend, Model, NoTraps, PlainBackend, Session, StoredMatrix, StoredValues, Turn, Want, prefill_together,
};
use synthetic::{ODD, Random, Scratch, WIDE, bits};

const ORDERS: [ThreadOrder; 4] =
    [ThreadOrder::Ascending, ThreadOrder::Descending, ThreadOrder::Random(1), ThreadOrder::Random(2)];

fn kernels(fault: Option<KernelFault>) -> Arc<HostKernels> {
    let folder = Scratch::new(std::env::temp_dir(), "nmk-gpu-host").expect("a temporary folder");
    Arc::new(HostKernels::compile(folder.path(), fault).expect("a C compiler"))
}

fn backend(kernels: &Arc<HostKernels>, order: ThreadOrder) -> GpuBackend {
    GpuBackend::new(Arc::new(HostDevice::new(Arc::clone(kernels), order).expect("IEEE arithmetic")))
}

/// Returns the bits of the logits of a model of some shape, and those of its session.
fn computed<B: Backend>(shape: &synthetic::Shape, backend: B) -> (Vec<u32>, Vec<u8>) {
    let checkpoint = shape.checkpoint(5);
    let model = Arc::new(Model::load(&checkpoint.config, &checkpoint.shards[0], backend).expect("a model"));
    let mut session = Session::open(&model);
    let tokens = Random::new(3).tokens(70, model.config().vocab_size);
    let mut logits = Vec::new();
    for chunk in [&tokens[..9], &tokens[9..10], &tokens[10..]] {
        let row = session.prefill_trapped(chunk, Want::All, &mut NoTraps).expect("finite logits");
        logits.extend(bits(row.values()));
    }
    (logits, session.snapshot().as_bytes().to_vec())
}

#[test]
fn every_order_has_the_bits_of_the_contract() {
    let kernels = kernels(None);
    for shape in [&WIDE, &ODD] {
        let expected = computed(shape, PlainBackend);
        assert!(expected.0.len() > 1000 && expected.0.iter().any(|bits| *bits != expected.0[0]));
        for order in ORDERS {
            assert!(computed(shape, backend(&kernels, order)) == expected, "{order}");
        }
    }
}

/// Returns the bits of the last logits of sequences of several lengths, which take each pass together.
fn computed_together<B: Backend>(shape: &synthetic::Shape, backend: B, passes: &[[usize; 3]]) -> Vec<u32> {
    let checkpoint = shape.checkpoint(5);
    let model = Arc::new(Model::load(&checkpoint.config, &checkpoint.shards[0], backend).expect("a model"));
    let mut sessions: Vec<Session<B>> = (0..3).map(|_| Session::open(&model)).collect();
    let (mut random, mut logits) = (Random::new(4), Vec::new());
    for pass in passes {
        let tokens = pass.map(|count| random.tokens(count, model.config().vocab_size));
        let turns = sessions.iter_mut().zip(tokens.iter().map(Vec::as_slice));
        let turn = |(session, tokens)| Turn { session, tokens, want: Want::Last };
        for row in prefill_together(&mut turns.map(turn).collect::<Vec<_>>()) {
            logits.extend(bits(row.expect("finite logits").values()));
        }
    }
    logits
}

#[test]
fn sequences_in_one_pass_have_the_bits_of_the_contract() {
    let (kernels, passes) = (kernels(None), [[70, 3, 18], [1, 1, 1], [2, 65, 1]]);
    for shape in [&WIDE, &ODD] {
        let expected = computed_together(shape, PlainBackend, &passes);
        assert!(expected.len() > 9 && expected.iter().any(|bits| *bits != expected[0]));
        for order in ORDERS {
            let backend = backend(&kernels, order);
            assert!(computed_together(shape, backend, &passes) == expected, "{order}");
        }
        // The control: the sequences change places.
        let exchanged = passes.map(|[one, two, three]| [two, one, three]);
        let other = computed_together(shape, backend(&kernels, ThreadOrder::Ascending), &exchanged);
        assert!(other != expected);
    }
}

#[test]
fn a_missing_barrier_shows_in_the_order_of_threads() {
    let kernels = kernels(None);
    let device = |order| HostDevice::unchecked(Arc::clone(&kernels), order);
    let ascending = race(&device(ThreadOrder::Ascending)).expect("a device");
    for order in &ORDERS[1..] {
        assert_eq!(phases(&device(*order)), Ok(5 * 256));
        assert_ne!(race(&device(*order)).expect("a device"), ascending, "{order}");
    }
}

#[test]
fn a_split_multiply_add_is_refused() {
    let split = kernels(Some(KernelFault::SplitFma));
    let device = HostDevice::unchecked(split, ThreadOrder::Ascending);
    let error = arithmetic(&device, 4096, 1).expect_err("a product that is rounded");
    assert!(matches!(error, CheckError::Arithmetic { operation: "fma", .. }), "{error}");
}

#[test]
fn segments_that_are_joined_in_another_order_show() {
    let expected = computed(&WIDE, PlainBackend);
    let reordered = kernels(Some(KernelFault::ReorderedJoin));
    assert!(computed(&WIDE, backend(&reordered, ThreadOrder::Ascending)) != expected);
}

#[test]
fn a_model_without_room_is_refused() {
    let device = HostDevice::unchecked(kernels(None), ThreadOrder::Ascending).with_room(1000);
    let small = GpuBackend::new(Arc::new(device));
    assert_eq!(small.check_room(1000), Ok(()));
    assert_eq!(small.check_room(1001), Err(DeviceError::Model { needed: 1001, free: 1000 }));
    assert!(matches!(small.device().fresh(1001), Err(DeviceError::Memory { bytes: 1001 })));
}

#[test]
fn products_of_many_segments_have_the_bits_of_the_contract() {
    let (kernels, mut random) = (kernels(None), Random::new(8));
    let backend = backend(&kernels, ThreadOrder::Random(3));
    for (outputs, inputs, rows) in
        [(5, 4_099, 1), (33, 2_050, 3), (17, 1_100, 9), (40, 2_176, 16), (150, 1_160, 70)]
    {
        for halves in [false, true] {
            let size = if halves { 2 } else { 4 };
            let weights = (0..outputs * inputs).map(|_| random.symmetric().to_le_bytes());
            let weights: Vec<u8> = weights.flat_map(|bytes| bytes[4 - size..].to_vec()).collect();
            let x: Vec<f32> = (0..rows * inputs).map(|_| random.symmetric()).collect();
            let values = if halves { StoredValues::Bf16(&weights) } else { StoredValues::F32(&weights) };
            let stored = StoredMatrix::new(outputs, inputs, values).expect("finite weights");
            let expected =
                PlainBackend.matmul(&PlainBackend.pack(stored), &PlainBackend.rows(inputs, x.clone()));
            let found = backend.matmul(&backend.pack(stored), &backend.rows(inputs, x));
            let (found, expected) = (backend.read(&found), PlainBackend.read(&expected));
            assert!(bits(&found) == bits(&expected), "{rows} rows of {inputs} to {outputs}, {halves}");
        }
    }
}
