//! The C text that the compiler gets: the dialect, the kernels, and a wrapper for each kernel.

use std::fmt::Write;

use gpu::{Kernel, Role, kernels, text};

/// The definitions of the dialect's macros for the host.
const DIALECT: &str = include_str!("dialect.h");

/// Returns the whole C text. A wrapper has the name of its kernel, takes all arguments as words of 64 bits, and
/// calls the kernel for each block.
pub(crate) fn source() -> String {
    let mut source = format!("{DIALECT}\n{}\n", text());
    for kernel in kernels() {
        // Writing to a string cannot fail.
        let _ = write!(source, "{}", wrapper(kernel));
    }
    source
}

fn wrapper(kernel: &Kernel) -> String {
    let argument = |(number, parameter): (usize, &gpu::Parameter)| {
        let (word, element) = (format!("words[{number}]"), parameter.element);
        match parameter.role {
            Role::Out | Role::Changed => format!("({element} *){word}"),
            Role::ChangedTable => format!("({element} *const *){word}"),
            Role::In => format!("(const {element} *){word}"),
            Role::Table => format!("(const {element} *const *){word}"),
            Role::Value if element == "float" => format!("AS_FLOAT((uint){word})"),
            Role::Value => format!("({element}){word}"),
        }
    };
    let arguments: Vec<String> = kernel.parameters.iter().enumerate().map(argument).collect();
    format!(
        "void {name}(const struct launch *launch, const uint64_t *words) {{\n    \
         for (uint i = 0; i < launch->blocks; i++)\n        \
         body_{name}(launch, launch->block_order ? launch->block_order[i] : i, {arguments});\n}}\n",
        name = kernel.name,
        arguments = arguments.join(", "),
    )
}
