//! Instruction sets, and the choice between them at run time.
//!
//! A kernel is written once, and [`kernel!`] compiles its body for each instruction set. A [`SupportedIsa`],
//! which proves that the machine has the instructions, decides which one runs. All give the same bits.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The name of an instruction set, which this machine may or may not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Isa {
    /// The instructions that every machine of the compilation target has.
    Portable,
    /// x86-64 with the extensions AVX2 and FMA.
    Avx2,
    /// x86-64 with the extensions AVX-512 F, BW, DQ and VL, and AVX2 and FMA.
    Avx512,
    /// AArch64, whose baseline has NEON and the fused multiply-add.
    Neon,
    /// WebAssembly, where the fused multiply-add is a library call.
    Wasm,
}

/// The reason why an instruction set cannot be used on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IsaError {
    /// The name is not that of an instruction set.
    #[error("unknown instruction set \"{name}\"; use portable, avx2, avx512, neon or wasm")]
    Unknown {
        /// The name that was given.
        name: String,
    },
    /// The machine does not have the instruction set.
    #[error("this machine has no {isa}; the best that it has is {best}, which gives the same bits")]
    Absent {
        /// The instruction set that was asked for.
        isa: Isa,
        /// The widest instruction set that the machine has.
        best: Isa,
    },
}

/// An instruction set that this machine has. Holding one proves that it was detected, so that its kernels may
/// be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupportedIsa(Isa);

impl Isa {
    /// Every instruction set that has kernels, in ascending order of the width of its registers.
    pub const ALL: [Self; 5] = [Self::Portable, Self::Avx2, Self::Avx512, Self::Neon, Self::Wasm];

    /// Returns proof that this machine has the instruction set.
    ///
    /// # Errors
    /// [`IsaError::Absent`] if the machine does not have it.
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
    /// Returns the widest instruction set that this machine has; [`Isa::Portable`] if it has no other.
    #[must_use]
    pub fn best() -> Self {
        Self(best())
    }

    /// Returns every instruction set that this machine has, in ascending order of the width of its registers.
    #[must_use]
    pub fn all() -> Vec<Self> {
        Isa::ALL.into_iter().filter(|isa| isa.detected()).map(Self).collect()
    }

    /// Returns the name of this instruction set, as reports and the command line write it.
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

/// Defines a function over the instruction sets. Its first argument is a [`SupportedIsa`], and the body that
/// is named for a set is compiled with that set enabled. Bodies are `#[inline(always)]` safe code.
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
