//! Compiles the kernels into a folder, for devices without a compiler: `compile_kernels DIR`. No device is needed.

use std::path::Path;
use std::process::ExitCode;

use backend_cuda::{CudaError, compile};

/// The architectures for which there is machine code. The PTX of the first one serves all others.
const ARCHITECTURES: [&str; 2] = ["sm_80", "sm_90"];

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: compile_kernels DIR");
        return ExitCode::from(2);
    };
    match write(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_absence() => {
            println!("UNPROVEN: {error}");
            ExitCode::from(3)
        }
        Err(error) => {
            eprintln!("compile_kernels: {error}");
            ExitCode::from(1)
        }
    }
}

fn write(folder: &Path) -> Result<(), CudaError> {
    let file = |name: String, contents: &[u8]| {
        let path = folder.join(name);
        let written = std::fs::write(&path, contents);
        written.map_err(|source| CudaError::File { path: path.clone(), source })
    };
    for architecture in ARCHITECTURES {
        let compiled = compile(architecture, None, folder)?;
        file(format!("{architecture}.cubin"), &compiled.cubin)?;
        file(format!("{}.ptx", architecture.replace("sm", "compute")), compiled.ptx.as_bytes())?;
        let (bytes, version) = (compiled.cubin.len(), compiled.version);
        println!("{architecture}: {bytes} bytes of machine code by NVRTC {version}");
    }
    println!("checks: {} passed; 0 failed", ARCHITECTURES.len());
    Ok(())
}
