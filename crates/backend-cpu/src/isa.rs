//! Instruction sets and the choice between them at run time.
//!
//! A kernel is written once. [`kernel!`] compiles its body for each instruction set; which one runs is
//! decided by a [`SupportedIsa`], whose existence proves that the machine has the instructions. All give
//! the same bits.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An instruction set by name, which this machine may or may not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Isa {
    /// The instructions that every machine of the target has.
    Portable,
    /// x86-64 with AVX2 and FMA.
    Avx2,
    /// x86-64 with AVX-512 F, BW, DQ and VL.
    Avx512,
    /// AArch64, which has NEON and fused multiply-add in its baseline.
    Neon,
    /// WebAssembly, where the fused step is a library call.
    Wasm,
}

/// The reason why an instruction set cannot be used on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IsaError {
    /// No instruction set has this name.
    #[error("unknown instruction set \"{name}\"; use portable, avx2, avx512, neon or wasm")]
    Unknown {
        /// The name given.
        name: String,
    },
    /// The machine lacks it.
    #[error("this machine has no {isa}; the best that it has is {best}, which gives the same bits")]
    Absent {
        /// The one asked for.
        isa: Isa,
        /// The widest that is there.
        best: Isa,
    },
}

/// An instruction set that this machine was seen to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupportedIsa(Isa);

impl Isa {
    /// Every instruction set that has kernels, ascending by the width of its registers.
    pub const ALL: [Self; 5] = [Self::Portable, Self::Avx2, Self::Avx512, Self::Neon, Self::Wasm];

    /// Proof that the machine has this instruction set.
    ///
    /// # Errors
    /// [`IsaError::Absent`] if it has not.
    pub fn supported(self) -> Result<SupportedIsa, IsaError> {
        if self.detected() {
            Ok(SupportedIsa(self))
        } else {
            Err(IsaError::Absent { isa: self, best: best() })
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn detected(self) -> bool {
        use std::arch::is_x86_feature_detected as has;
        let avx2 = has!("avx2") && has!("fma");
        match self {
            Self::Portable => true,
            Self::Avx2 => avx2,
            Self::Avx512 => {
                avx2 && has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl")
            }
            Self::Neon | Self::Wasm => false,
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn detected(self) -> bool {
        match self {
            Self::Portable => true,
            Self::Neon => cfg!(all(target_arch = "aarch64", target_feature = "neon")),
            Self::Wasm => cfg!(target_arch = "wasm32"),
            Self::Avx2 | Self::Avx512 => false,
        }
    }
}

impl SupportedIsa {
    /// Returns the widest instruction set that this machine has kernels for.
    #[must_use]
    pub fn best() -> Self {
        Self(best())
    }

    /// Returns every instruction set of this machine, ascending by the width of its registers.
    #[must_use]
    pub fn all() -> Vec<Self> {
        Isa::ALL.into_iter().filter(|isa| isa.detected()).map(Self).collect()
    }

    /// Returns the name of the instruction set that was found on this machine.
    #[must_use]
    pub fn get(self) -> Isa {
        self.0
    }
}

fn best() -> Isa {
    Isa::ALL.into_iter().rev().find(|isa| isa.detected()).unwrap_or(Isa::Portable)
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Neon => "neon",
            Self::Wasm => "wasm",
        })
    }
}

impl FromStr for Isa {
    type Err = IsaError;

    fn from_str(name: &str) -> Result<Self, IsaError> {
        let named = Self::ALL.into_iter().find(|isa| isa.to_string() == name);
        named.ok_or_else(|| IsaError::Unknown { name: name.to_owned() })
    }
}

/// Defines a function over the instruction sets: its first argument is a [`SupportedIsa`], and the body
/// named for each set is compiled with that set enabled. Bodies are `#[inline(always)]` safe code.
macro_rules! kernel {
    (
        $(#[$doc:meta])*
        $vis:vis fn $name:ident($($arg:ident: $kind:ty),* $(,)?);
        portable: $portable:expr,
        avx2: $avx2:expr,
        avx512: $avx512:expr $(,)?
    ) => {
        $(#[$doc])*
        #[allow(unsafe_code, reason = "a function compiled for more than the baseline is called")]
        $vis fn $name(isa: $crate::isa::SupportedIsa, $($arg: $kind),*) {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2($($arg: $kind),*) {
                $avx2($($arg),*)
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
            fn avx512($($arg: $kind),*) {
                $avx512($($arg),*)
            }
            match isa.get() {
                // SAFETY: the function is safe but for the features it is compiled for, and a
                // `SupportedIsa` of this value is made only after these were detected.
                #[cfg(target_arch = "x86_64")]
                $crate::isa::Isa::Avx2 => unsafe { avx2($($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                $crate::isa::Isa::Avx512 => unsafe { avx512($($arg),*) },
                // The baseline of the other targets is what they have.
                _ => $portable($($arg),*),
            }
        }
    };
}

pub(crate) use kernel;
