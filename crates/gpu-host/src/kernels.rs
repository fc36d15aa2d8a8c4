//! The compiled kernels: a shared object that is made by the system's C compiler and loaded.

// This file loads compiled code and calls it; nothing else of the crate is unsafe.
#![allow(unsafe_code)]

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use gpu::{Argument, Buffer, KernelFault, Launch, Role, kernels};
use libloading::Library;

use crate::error::HostError;
use crate::order::ThreadOrder;
use crate::wrappers::source;

/// The flags that keep every operation as it is written. The rounding of a product must not be left out, so
/// contraction is off.
const FLAGS: [&str; 8] =
    ["-std=gnu11", "-O2", "-ffp-contract=off", "-fno-fast-math", "-fno-math-errno", "-fPIC", "-shared", "-w"];

/// The flags for the processor of this machine, of which a compiler knows one. Without them a fused
/// multiply-add is a call of a library.
const PROCESSOR: [&[&str]; 3] = [&["-march=native"], &["-mcpu=native"], &[]];

/// A wrapper of a kernel, as `wrappers.rs` writes it.
// SAFETY: A type calls nothing. The calls of its functions are argued for in `run`.
type Entry = unsafe extern "C" fn(*const CLaunch, *const u64);

/// The launch as the C text declares it in `dialect.h`.
#[repr(C)]
struct CLaunch {
    blocks: u32,
    threads: u32,
    block_order: *const u32,
    thread_order: *const u32,
}

/// The kernels as code of this machine. Devices with different orders share it.
pub struct HostKernels {
    entries: HashMap<&'static str, Entry>,
    /// The words of the compiler and its flags, for reports.
    compiler: String,
    /// The shared object, which must stay loaded as long as its functions can be called.
    _library: Library,
}

impl HostKernels {
    /// Compiles the kernels in the folder `folder`, which must exist, and loads them. The files of the
    /// compiler stay there.
    ///
    /// # Errors
    /// [`HostError`] if there is no compiler, if it refuses the text, or if the result cannot be loaded.
    pub fn compile(folder: &Path, fault: Option<KernelFault>) -> Result<Self, HostError> {
        let (text, object) = (folder.join("kernels.c"), folder.join("kernels.so"));
        let write = |path: &Path, contents: &str| {
            fs::write(path, contents).map_err(|source| HostError::File { path: path.to_path_buf(), source })
        };
        write(&text, &source())?;
        let mut messages = String::new();
        for processor in PROCESSOR {
            let mut compiler = Command::new("cc");
            compiler.args(FLAGS).args(processor);
            compiler.args(fault.map(|fault| format!("-D{}", fault.macro_name())));
            compiler.arg("-o").arg(&object).arg(&text).arg("-lm");
            let output = compiler.output().map_err(HostError::NoCompiler)?;
            if output.status.success() {
                return Self::load(&object, format!("cc {} {}", FLAGS.join(" "), processor.join(" ")));
            }
            messages.push_str(&String::from_utf8_lossy(&output.stderr));
        }
        let log = folder.join("kernels.log");
        write(&log, &messages)?;
        Err(HostError::Compile { log })
    }

    fn load(object: &Path, compiler: String) -> Result<Self, HostError> {
        // SAFETY: The object was made from our own text, which has no code that runs when it is loaded or
        // unloaded.
        let library = unsafe { Library::new(object) }?;
        let mut entries = HashMap::new();
        for kernel in kernels() {
            // SAFETY: `wrappers.rs` writes a function of this type for each kernel. The library is kept beside
            // the entries, which are not handed out.
            let entry: Entry = *unsafe { library.get::<Entry>(kernel.name.as_bytes()) }?;
            entries.insert(kernel.name, entry);
        }
        Ok(Self { entries, compiler, _library: library })
    }

    /// Returns the compiler with its flags.
    pub(crate) fn compiler(&self) -> &str {
        &self.compiler
    }

    /// Runs a launch block by block in the given order.
    pub(crate) fn run(&self, launch: &Launch<'_>, order: ThreadOrder, written: &mut [&mut Buffer]) {
        let kernel = launch.kernel();
        let blocks = order.numbers(launch.blocks());
        let threads = order.numbers(kernel.threads as u32);
        let start = |numbers: &Option<Vec<u32>>| numbers.as_ref().map_or(std::ptr::null(), Vec::as_ptr);
        let native = CLaunch {
            blocks: launch.blocks(),
            threads: kernel.threads as u32,
            block_order: start(&blocks),
            thread_order: start(&threads),
        };
        let address = |buffer: &Buffer| buffer.held::<Vec<u128>>().as_ptr() as u64;
        // The lists live until the call is over.
        let tables: Vec<Vec<u64>> =
            launch.arguments().iter().map(|argument| table(argument, address)).collect();
        let written: Vec<u64> =
            written.iter_mut().map(|buffer| buffer.held_mut::<Vec<u128>>().as_mut_ptr() as u64).collect();
        let mut words = match kernel.parameters[0].role {
            Role::ChangedTable => vec![written.as_ptr() as u64],
            _ => written.clone(),
        };
        words.extend(launch.arguments().iter().zip(&tables).map(|(argument, table)| match argument {
            Argument::Buffer(buffer) => address(buffer),
            Argument::Part(buffer, first) => address(buffer) + *first as u64,
            Argument::Table(_) => table.as_ptr() as u64,
            Argument::Uint(value) => u64::from(*value),
            Argument::Float(value) => u64::from(value.to_bits()),
        }));
        let entry = self.entries[kernel.name];
        // SAFETY: The entry is the wrapper of this kernel. A `Launch` proves that the arguments are of the
        // kinds that the kernel declares, in that order, and that crate `gpu` gave the buffers the sizes that
        // the kernel's text uses. The buffers in `written` are borrowed mutably, so none of them is read.
        // All pointers are valid until the call returns, and the kernel keeps none of them.
        unsafe { entry(&native, words.as_ptr()) };
    }
}

fn table(argument: &Argument<'_>, address: impl Fn(&Buffer) -> u64) -> Vec<u64> {
    match argument {
        Argument::Table(buffers) => buffers.iter().map(|buffer| address(buffer)).collect(),
        _ => Vec::new(),
    }
}
