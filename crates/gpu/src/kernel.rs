//! The kernels: their text, and what the text says about the parameters of each.

use std::collections::HashMap;
use std::sync::OnceLock;

/// The files of the kernels. Functions come before the kernels that call them.
const FILES: [&str; 8] = [
    include_str!("../kernels/math.c"),
    include_str!("../kernels/product.c"),
    include_str!("../kernels/norm.c"),
    include_str!("../kernels/elements.c"),
    include_str!("../kernels/router.c"),
    include_str!("../kernels/experts.c"),
    include_str!("../kernels/attention.c"),
    include_str!("../kernels/check.c"),
];

/// The word that begins the heading of a kernel in the text.
const HEADING: &str = "\nKERNEL(";

/// A kernel, as the heading of its text declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// The name of the kernel, for example `norm_rows`.
    pub name: &'static str,
    /// Number of threads in each block.
    pub threads: usize,
    /// The parameters in order. The first one is the buffer that the kernel writes.
    pub parameters: Vec<Parameter>,
}

/// A parameter of a kernel, as the heading of the kernel declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The use that the kernel makes of the parameter.
    pub role: Role,
    /// The type of a value, or of an element of a buffer, in the dialect: for example `float`.
    pub element: &'static str,
}

/// The use that a kernel makes of a parameter: a buffer that is read or written, or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A fresh buffer that the kernel writes.
    Out,
    /// A buffer of which the kernel writes some elements; the others keep their values.
    Changed,
    /// A list of buffers, of each of which the kernel writes some elements.
    ChangedTable,
    /// A buffer that the kernel reads.
    In,
    /// A list of buffers that the kernel reads.
    Table,
    /// A number of 32 bits.
    Value,
}

/// A mistake that is compiled into the kernels on purpose, to show that a comparison of bits notices it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KernelFault {
    /// A fused multiply-add rounds its product.
    SplitFma,
    /// The sums of the segments of a product are joined in descending order.
    ReorderedJoin,
}

impl KernelFault {
    /// All faults, for checks that must notice each one of them.
    pub const ALL: [Self; 2] = [Self::SplitFma, Self::ReorderedJoin];

    /// Returns the macro whose definition compiles the fault into the text.
    #[must_use]
    pub fn macro_name(self) -> &'static str {
        match self {
            Self::SplitFma => "FAULT_SPLIT_FMA",
            Self::ReorderedJoin => "FAULT_REORDERED_JOIN",
        }
    }
}

/// Returns the text of all kernels. A device puts its definitions of the dialect's macros before it.
#[must_use]
pub fn text() -> String {
    FILES.concat()
}

/// Returns every kernel of the text, in the order in which they stand there.
#[must_use]
pub fn kernels() -> &'static [Kernel] {
    static KERNELS: OnceLock<Vec<Kernel>> = OnceLock::new();
    KERNELS.get_or_init(|| FILES.iter().flat_map(|file| headings(file)).map(parse).collect())
}

/// Returns the kernel of this name.
///
/// # Panics
/// If there is none, which is a bug of this crate.
pub(crate) fn kernel(name: &str) -> &'static Kernel {
    static BY_NAME: OnceLock<HashMap<&'static str, &'static Kernel>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| kernels().iter().map(|kernel| (kernel.name, kernel)).collect());
    by_name.get(name).unwrap_or_else(|| panic!("no kernel is named {name}"))
}

/// Returns the text between the parentheses of each heading.
fn headings(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.split(HEADING).skip(1).map(|rest| rest.split_once(") {").map_or(rest, |(heading, _)| heading))
}

/// Reads a heading, for example `scale, 256, OUT(float, y), IN(float, x), VALUE(float, factor)`.
///
/// # Panics
/// If the heading has another form. The text is part of this crate, so that is a bug.
fn parse(heading: &'static str) -> Kernel {
    let mut parts = heading.splitn(3, ',').map(str::trim);
    let mut next = || parts.next().unwrap_or_else(|| panic!("a heading has three parts: {heading}"));
    let (name, threads, parameters) = (next(), next(), next());
    let threads = threads.parse().unwrap_or_else(|_| panic!("{name} has no number of threads"));
    let parameters: Vec<Parameter> = parameters.split_inclusive(')').map(parameter).collect();
    let writes =
        |parameter: &Parameter| matches!(parameter.role, Role::Out | Role::Changed | Role::ChangedTable);
    assert!(
        writes(&parameters[0]) && parameters.iter().filter(|parameter| writes(parameter)).count() == 1,
        "{name} writes its first parameter and no other"
    );
    Kernel { name, threads, parameters }
}

fn parameter(text: &'static str) -> Parameter {
    let text = text.trim_start_matches([',', ' ', '\n']);
    let declared = text.strip_suffix(')').and_then(|text| text.split_once('('));
    let (role, rest) = declared.unwrap_or_else(|| panic!("no parameter: {text}"));
    let (element, _) = rest.split_once(',').unwrap_or_else(|| panic!("no type and name: {text}"));
    let role = match role {
        "OUT" => Role::Out,
        "CHANGED" => Role::Changed,
        "CHANGED_TABLE" => Role::ChangedTable,
        "IN" => Role::In,
        "TABLE" => Role::Table,
        "VALUE" => Role::Value,
        other => panic!("no role of a parameter: {other}"),
    };
    Parameter { role, element: element.trim() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_read_over_several_lines() {
        let found = kernel("attend_blocks");
        let roles: Vec<Role> = found.parameters.iter().map(|parameter| parameter.role).collect();
        assert_eq!(found.threads, 128);
        assert_eq!(roles[..4], [Role::Out, Role::In, Role::Table, Role::In]);
        assert_eq!((roles.len(), found.parameters[11].element), (12, "float"));
    }

    #[test]
    fn every_kernel_is_named_once() {
        let mut names: Vec<&str> = kernels().iter().map(|kernel| kernel.name).collect();
        assert_eq!(names.len(), text().matches(HEADING).count());
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), kernels().len());
    }
}
