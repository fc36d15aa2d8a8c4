//! The speed of a GPU backend on a random model in the shape of OLMoE-1B-7B, in bf16.
//!
//! Every figure is the median of some runs, with the smallest and the largest beside it. Rates of memory are
//! told beside that of a plain copy on the same device in the same run.

use std::sync::Arc;
use std::time::Instant;

use gpu::{DeviceError, GpuBackend};
use neural::{
    Backend, Model, ModelError, Session, SessionError, StoredMatrix, StoredValues, Turn, Want,
    prefill_together,
};
use serde_json::{Map, Value, json};
use thiserror::Error;

const LAYERS: usize = 16;
const HIDDEN: usize = 2048;
const WIDTH: usize = 1024;
const EXPERTS: usize = 64;
const CHOSEN: usize = 8;
const VOCAB: usize = 50_304;
/// Number of bytes of a buffer that is copied.
const COPIED: usize = 1 << 31;
/// Number of tokens of the prompt before tokens are decoded.
const PROMPT: usize = 128;
/// Number of tokens that are decoded one by one.
const DECODED: usize = 64;
/// Number of sequences that are decoded side by side.
const TOGETHER: usize = 16;
/// Number of copies that the device has to make before a pass whose kernels are measured.
const LEAD: usize = 6;
/// Number of tokens of a long prompt.
const LONG: usize = 2048;

/// The reason why nothing was measured.
#[derive(Debug, Error)]
pub(crate) enum SpeedError {
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// Prints the table of figures.
pub(crate) fn measure(backend: &GpuBackend) -> Result<(), SpeedError> {
    println!("device: {}", backend.describe());
    let copy = copies(backend)?;
    let rate = |seconds: f64| 2.0 * COPIED as f64 / seconds / 1e9;
    copy.line("copy on the device", "GB/s read and written", rate);
    let copied = rate(copy.median());
    products(backend, copied)?;
    let begun = Instant::now();
    let model = model(backend)?;
    backend.device().finish()?;
    println!("the model of {LAYERS} layers was made in {:.1} s", begun.elapsed().as_secs_f64());
    let bytes = decode_bytes() as f64;
    let mut session = Session::open(&model);
    session.prefill(&tokens(0, PROMPT), Want::Last)?;
    let one = repeated(DECODED, |at| {
        session.prefill(&tokens(PROMPT + at, 1), Want::Last)?;
        Ok(())
    })?;
    one.line("decode, 1 sequence", "tokens/s", |seconds| 1.0 / seconds);
    let share = 100.0 * bytes / one.median() / 1e9 / copied;
    println!("  {:.2} GB read for a token, {share:.1} % of the copy's rate", bytes / 1e9);
    profile(backend, "decode, 1 sequence", || {
        session.prefill(&tokens(0, 1), Want::Last)?;
        Ok(())
    })?;
    let many = together(&model)?;
    many.line(&format!("decode, {TOGETHER} sequences"), "tokens/s", |seconds| TOGETHER as f64 / seconds);
    println!("  {:.2} times one sequence", TOGETHER as f64 * one.median() / many.median());
    let long = repeated(3, |_| {
        Session::open(&model).prefill(&tokens(0, LONG), Want::Last)?;
        Ok(())
    })?;
    long.line(&format!("prefill, {LONG} tokens"), "tokens/s", |seconds| LONG as f64 / seconds);
    profile(backend, &format!("prefill, {LONG} tokens"), || {
        Session::open(&model).prefill(&tokens(0, LONG), Want::Last)?;
        Ok(())
    })
}

/// Prints the time of each kernel in one pass, if the device can measure it. The device is kept busy with copies
/// before the pass, so that it does not wait for the launches.
fn profile(
    backend: &GpuBackend,
    what: &str,
    pass: impl FnOnce() -> Result<(), SpeedError>,
) -> Result<(), SpeedError> {
    let device = backend.device();
    let from = device.zeroed(COPIED)?;
    device.finish()?;
    (0..LEAD).try_for_each(|_| device.copy(&from).map(drop))?;
    device.begin_profile()?;
    pass()?;
    let times = device.end_profile()?;
    let all: f64 = times.iter().map(|time| time.seconds).sum();
    if all > 0.0 {
        let launches: usize = times.iter().map(|time| time.launches).sum();
        println!("{what}: {launches} launches take {:.0} us of the device", all * 1e6);
    }
    for time in &times {
        let (whole, share) = (time.seconds * 1e6, 100.0 * time.seconds / all);
        let each = whole / time.launches as f64;
        println!(
            "  {:<16} {:>5} x {each:>8.1} us = {whole:>9.0} us  {share:>5.1} %",
            time.name, time.launches
        );
    }
    Ok(())
}

/// Durations of runs, in seconds, in ascending order.
struct Durations(Vec<f64>);

impl Durations {
    fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }

    /// Prints a figure that is computed from a duration: of the median, the slowest and the fastest run.
    fn line(&self, what: &str, unit: &str, figure: impl Fn(f64) -> f64) {
        let (fast, slow) = (figure(self.0[0]), figure(self.0[self.0.len() - 1]));
        let middle = figure(self.median());
        println!("{what}: {middle:.1} {unit} ({slow:.1} to {fast:.1}, {} runs)", self.0.len());
    }
}

/// Times runs of a function, after one that is not counted.
fn repeated(
    count: usize,
    mut run: impl FnMut(usize) -> Result<(), SpeedError>,
) -> Result<Durations, SpeedError> {
    let mut durations = Vec::new();
    for number in 0..=count {
        let begun = Instant::now();
        run(number)?;
        if number > 0 {
            durations.push(begun.elapsed().as_secs_f64());
        }
    }
    durations.sort_by(f64::total_cmp);
    Ok(Durations(durations))
}

fn copies(backend: &GpuBackend) -> Result<Durations, SpeedError> {
    let device = backend.device();
    let from = device.zeroed(COPIED)?;
    repeated(7, |_| {
        drop(device.copy(&from)?);
        device.finish()?;
        Ok(())
    })
}

/// Measures the product of one row in the contract's order, and in free order.
fn products(backend: &GpuBackend, copied: f64) -> Result<(), SpeedError> {
    let random = backend.clone().with_random_weights();
    for (name, outputs, inputs) in
        [("head", VOCAB, HIDDEN), ("expert", WIDTH, HIDDEN), ("square", 8192, 8192)]
    {
        let zeros = vec![0; outputs * inputs * 2];
        let stored = StoredMatrix::new(outputs, inputs, StoredValues::Bf16(&zeros));
        let Some(stored) = stored else { continue };
        let (matrix, x) = (random.pack(stored), backend.rows(inputs, vec![0.5; inputs]));
        let calls = 50;
        let rate = |seconds: f64| zeros.len() as f64 * f64::from(calls) / seconds / 1e9;
        let fixed = repeated(5, |_| {
            (0..calls).for_each(|_| drop(backend.matmul(&matrix, &x)));
            Ok(backend.device().finish()?)
        })?;
        let free = repeated(5, |_| {
            (0..calls).for_each(|_| drop(backend.free_product(&matrix, &x)));
            Ok(backend.device().finish()?)
        })?;
        fixed.line(&format!("product {name} {outputs}x{inputs}, contract"), "GB/s", rate);
        free.line(&format!("product {name} {outputs}x{inputs}, free order"), "GB/s", rate);
        println!(
            "  {:.1} % of the copy's rate in the contract's order",
            100.0 * rate(fixed.median()) / copied
        );
    }
    Ok(())
}

fn together(model: &Arc<Model<GpuBackend>>) -> Result<Durations, SpeedError> {
    let mut sessions: Vec<Session<GpuBackend>> = Vec::new();
    for number in 0..TOGETHER {
        let mut session = Session::open(model);
        session.prefill(&tokens(1000 * number, PROMPT), Want::Last)?;
        sessions.push(session);
    }
    let mut step = |at: usize| {
        let next: Vec<Vec<u32>> =
            (0..TOGETHER).map(|number| tokens(1000 * number + PROMPT + at, 1)).collect();
        let turn = |(session, tokens)| Turn { session, tokens, want: Want::Last };
        let turns = sessions.iter_mut().zip(next.iter().map(Vec::as_slice)).map(turn);
        for logits in prefill_together(&mut turns.collect::<Vec<_>>()) {
            logits?;
        }
        Ok(())
    };
    let measured = repeated(DECODED / 2, &mut step)?;
    profile(model.backend(), &format!("decode, {TOGETHER} sequences"), || step(DECODED))?;
    Ok(measured)
}

/// Returns the tokens of a sequence that visits the vocabulary without a pattern.
fn tokens(from: usize, count: usize) -> Vec<u32> {
    (from..from + count).map(|at| ((at * 7919 + 13) % VOCAB) as u32).collect()
}

/// Returns the bytes of weights that one token needs.
fn decode_bytes() -> usize {
    let layer = 4 * HIDDEN * HIDDEN + EXPERTS * HIDDEN + CHOSEN * 3 * HIDDEN * WIDTH;
    2 * (LAYERS * layer + VOCAB * HIDDEN)
}

/// Returns the tensors of the model with their shapes: those of norms first, whose values are 1.
fn tensors() -> Vec<(String, Vec<usize>)> {
    let (mut norms, mut matrices) = (vec![("model.norm.weight".to_owned(), vec![HIDDEN])], Vec::new());
    for name in ["model.embed_tokens.weight", "lm_head.weight"] {
        matrices.push((name.to_owned(), vec![VOCAB, HIDDEN]));
    }
    for layer in 0..LAYERS {
        let prefix = format!("model.layers.{layer}");
        for name in ["input_layernorm", "post_attention_layernorm", "self_attn.q_norm", "self_attn.k_norm"] {
            norms.push((format!("{prefix}.{name}.weight"), vec![HIDDEN]));
        }
        for name in ["q_proj", "k_proj", "v_proj", "o_proj"] {
            matrices.push((format!("{prefix}.self_attn.{name}.weight"), vec![HIDDEN, HIDDEN]));
        }
        matrices.push((format!("{prefix}.mlp.gate.weight"), vec![EXPERTS, HIDDEN]));
        for expert in 0..EXPERTS {
            for (name, shape) in
                [("gate", [WIDTH, HIDDEN]), ("up", [WIDTH, HIDDEN]), ("down", [HIDDEN, WIDTH])]
            {
                matrices.push((format!("{prefix}.mlp.experts.{expert}.{name}_proj.weight"), shape.to_vec()));
            }
        }
    }
    norms.append(&mut matrices);
    norms
}

/// Makes the model. Its file is a header, norms of ones and zeros, of which the device makes random weights.
fn model(backend: &GpuBackend) -> Result<Arc<Model<GpuBackend>>, SpeedError> {
    let config = json!({
        "model_type": "olmoe", "hidden_act": "silu", "attention_bias": false, "clip_qkv": null,
        "hidden_size": HIDDEN, "intermediate_size": WIDTH, "max_position_embeddings": 4096,
        "norm_topk_prob": false, "num_attention_heads": 16, "num_key_value_heads": 16,
        "num_experts": EXPERTS, "num_experts_per_tok": CHOSEN, "num_hidden_layers": LAYERS,
        "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": false, "vocab_size": VOCAB,
        "eos_token_id": 2,
    });
    let (mut header, mut end, mut ones) = (Map::new(), 0, 0);
    for (name, shape) in tensors() {
        let bytes = 2 * shape.iter().product::<usize>();
        if shape.len() == 1 {
            ones += bytes;
        }
        let entry = json!({"dtype": "BF16", "shape": shape, "data_offsets": [end, end + bytes]});
        header.insert(name, entry);
        end += bytes;
    }
    let mut text = Value::Object(header).to_string().into_bytes();
    text.resize(text.len().next_multiple_of(8), b' ');
    // Zeros that nobody wrote take no memory of their own.
    let mut file = vec![0; 8 + text.len() + end];
    file[..8].copy_from_slice(&(text.len() as u64).to_le_bytes());
    file[8..8 + text.len()].copy_from_slice(&text);
    for one in file[8 + text.len()..][..ones].as_chunks_mut().0 {
        *one = 0x3f80_u16.to_le_bytes();
    }
    let backend = backend.clone().with_random_weights();
    backend.check_room(end as u64)?;
    Ok(Arc::new(Model::load(config.to_string().as_bytes(), &file, backend)?))
}
