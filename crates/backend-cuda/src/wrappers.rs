//! The CUDA text that the compiler gets: the dialect, the kernels, and the functions that the device runs.
//!
//! On devices that can, a kernel is started before the one before it has ended, so that its start takes no time
//! of its own. It then waits until that one has ended and all that it wrote can be seen. Every kernel waits, so
//! no kernel sees the work of a later or an unfinished one.

use std::fmt::Write;

use gpu::{Kernel, Parameter, Role, kernels, text};

/// The definitions of the dialect's macros for CUDA.
const DIALECT: &str = include_str!("dialect.h");

/// Returns the number of blocks of a kernel for which one multiprocessor must have registers. With fewer it is idle
/// while they wait for memory; with more a thread has too few registers to ask for much memory at once. Kernels that
/// share weights among rows keep a sum for each row.
fn resident_blocks(kernel: &Kernel) -> usize {
    let shares =
        kernel.name.ends_with("_tile") || kernel.name.ends_with("_tiles") || kernel.name.ends_with("_wide");
    let threads = if shares { 512 } else { 1024 };
    (threads / kernel.threads).max(1)
}

/// Returns the whole text.
pub(crate) fn source() -> String {
    let mut source = format!("{DIALECT}\n{}\n", text());
    for kernel in kernels() {
        // Writing to a string cannot fail.
        let _ = write!(source, "{}", wrapper(kernel));
    }
    source
}

fn wrapper(kernel: &Kernel) -> String {
    let parameter = |(number, parameter): (usize, &Parameter)| {
        let element = parameter.element;
        let kind = match parameter.role {
            Role::Out | Role::Changed => format!("{element} *"),
            Role::ChangedTable => format!("{element} *const *"),
            Role::In => format!("const {element} *"),
            Role::Table => format!("const {element} *const *"),
            Role::Value => format!("const {element} "),
        };
        format!("{kind}a{number}")
    };
    let parameters: Vec<String> = kernel.parameters.iter().enumerate().map(parameter).collect();
    let names: Vec<String> = (0..parameters.len()).map(|number| format!("a{number}")).collect();
    // A compiler may read constant memory early, but not through a pointer that is made after the wait.
    let pointers: String = (kernel.parameters.iter().zip(&names))
        .filter(|(parameter, _)| parameter.role != Role::Value)
        .map(|(_, name)| format!("    READ_FROM_HERE({name});\n"))
        .collect();
    format!(
        "extern \"C\" __global__ void __launch_bounds__({threads}, {blocks}) {name}({parameters}) {{\n    \
         AFTER_THE_KERNEL_BEFORE();\n{pointers}    body_{name}({arguments});\n}}\n",
        threads = kernel.threads,
        blocks = resident_blocks(kernel),
        name = kernel.name,
        parameters = parameters.join(", "),
        arguments = names.join(", "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kernel_waits_before_its_body() {
        let source = source();
        for kernel in kernels() {
            let (_, wrapper) = source.split_once(&format!(" {}(", kernel.name)).expect("a wrapper");
            let (wait, body) = (wrapper.find("AFTER_THE_KERNEL_BEFORE()"), wrapper.find("body_"));
            assert!(wait.is_some() && wait < body, "{}", kernel.name);
        }
    }
}
