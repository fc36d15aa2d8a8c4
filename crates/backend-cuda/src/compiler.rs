//! NVRTC: the kernels as code for an architecture. It needs no device.

// This file calls NVIDIA's compiler.
#![allow(unsafe_code)]

use std::ffi::{CString, c_char};
use std::fs;
use std::path::Path;

use cudarc::nvrtc::{result, sys};
use gpu::KernelFault;

use crate::error::CudaError;
use crate::wrappers::source;

/// The options under which each operation is rounded as it is written: no contraction, no flushing of
/// subnormal numbers, and IEEE division and square root.
pub const OPTIONS: [&str; 5] =
    ["--fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true", "--std=c++17"];

/// The kernels as code for one architecture, as the compiler made it.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Machine code for this architecture, in the format of a cubin.
    pub cubin: Vec<u8>,
    /// The same kernels in PTX, which a driver compiles for this architecture and later ones.
    pub ptx: String,
    /// The version of the compiler, for example `13.0`.
    pub version: String,
}

/// Compiles the kernels for an architecture, for example `sm_90`. If the compiler refuses them, its messages
/// are written into the folder `logs`.
///
/// # Errors
/// [`CudaError::NoCompiler`] if NVRTC is not on this machine, and [`CudaError::Compile`] if it refuses the
/// kernels.
pub fn compile(architecture: &str, fault: Option<KernelFault>, logs: &Path) -> Result<Compiled, CudaError> {
    // SAFETY: The call loads the library to see if it is there. NVIDIA's library runs no code of ours.
    if !unsafe { sys::is_culib_present() } {
        return Err(CudaError::NoCompiler);
    }
    let version = version()?;
    let program = Program::new(&source())?;
    let mut options: Vec<String> = OPTIONS.iter().map(|option| (*option).to_owned()).collect();
    options.push(format!("--gpu-architecture={architecture}"));
    options.extend(fault.map(|fault| format!("-D{}", fault.macro_name())));
    if let Some(messages) = program.refusal(&options)? {
        let log = logs.join(format!("nvrtc-{architecture}.log"));
        fs::write(&log, messages).map_err(CudaError::file(&log))?;
        return Err(CudaError::Compile { architecture: architecture.to_owned(), log });
    }
    Ok(Compiled { cubin: program.cubin()?, ptx: program.ptx()?, version })
}

fn version() -> Result<String, CudaError> {
    let (mut major, mut minor) = (0, 0);
    // SAFETY: Both pointers are to numbers that live through the call.
    unsafe { sys::nvrtcVersion(&mut major, &mut minor) }.result().map_err(failed)?;
    Ok(format!("{major}.{minor}"))
}

/// A program of the compiler, which is destroyed at the end.
struct Program(sys::nvrtcProgram);

impl Program {
    fn new(text: &str) -> Result<Self, CudaError> {
        // The text of the kernels has no byte 0.
        let text = CString::new(text).map_err(|error| CudaError::Compiler(error.to_string()))?;
        // The compiler copies the text.
        Ok(Self(result::create_program(&text, Some(c"kernels.cu")).map_err(failed)?))
    }

    /// Compiles the program. Returns the messages of the compiler if it refuses the program; `None` if it does
    /// not.
    fn refusal(&self, options: &[String]) -> Result<Option<String>, CudaError> {
        // SAFETY: The program was created and is destroyed only when `self` is dropped.
        let done = unsafe { result::compile_program(self.0, options) };
        match done {
            Ok(()) => Ok(None),
            Err(result::NvrtcError(sys::nvrtcResult::NVRTC_ERROR_COMPILATION)) => {
                // SAFETY: As above.
                let log = unsafe { result::get_program_log(self.0) }.map_err(failed)?;
                Ok(Some(text(&log)))
            }
            Err(error) => Err(failed(error)),
        }
    }

    fn ptx(&self) -> Result<String, CudaError> {
        // SAFETY: The program was created, compiled, and is destroyed only when `self` is dropped.
        let ptx = unsafe { result::get_ptx(self.0) }.map_err(failed)?;
        Ok(text(&ptx))
    }

    fn cubin(&self) -> Result<Vec<u8>, CudaError> {
        let mut size = 0;
        // SAFETY: As above; the pointer is to a number that lives through the call.
        unsafe { sys::nvrtcGetCUBINSize(self.0, &mut size) }.result().map_err(failed)?;
        let mut cubin = vec![0u8; size];
        // SAFETY: As above; the memory has the size that the compiler asked for.
        unsafe { sys::nvrtcGetCUBIN(self.0, cubin.as_mut_ptr().cast()) }.result().map_err(failed)?;
        Ok(cubin)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SAFETY: The program was created, and nothing uses it after this. A failure leaves only memory behind.
        let _ = unsafe { result::destroy_program(self.0) };
    }
}

/// Returns the text up to the first byte 0.
fn text(characters: &[c_char]) -> String {
    let bytes: Vec<u8> = characters.iter().take_while(|c| **c != 0).map(|c| c.cast_unsigned()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn failed(error: result::NvrtcError) -> CudaError {
    CudaError::Compiler(format!("{error:?}"))
}
