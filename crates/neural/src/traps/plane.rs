//! A trap plane: the traps of one sequence, each in a field of its own.

use abi::Digest;

use crate::backend::{Backend, ExpertShare};
use crate::entry::EntryTap;
use crate::traps::{
    Commit, EntropyTap, ExpertMask, Gateway, Injection, Isolation, NoTraps, PassSite, TokenMask, Traps,
};

/// Domain of the digest of several edits at one position.
const EDIT_DOMAIN: &str = "nmk.edit.plane.v1";

/// A function that decides about each chosen token, from the token's position and its id.
pub type CommitTrap = Box<dyn FnMut(usize, u32) -> Commit + Send>;

/// The traps of one sequence, each in a field of its own, which together are one [`Traps`]. A new plane has
/// no traps and is not armed. A plane that is not armed does nothing, even if traps are installed.
///
/// `I` is the type of a trap from outside this crate, for example an interrupt that forbids words. The plane
/// calls every hook of that trap. With the default, [`NoTraps`], those calls compile to nothing.
pub struct TrapPlane<B: Backend, I = NoTraps> {
    /// True if the installed traps are called; if false, the decoder runs as without traps.
    pub armed: bool,
    /// Learned additions to the residual. Gateways at the same block are applied in this order.
    pub gateways: Vec<Gateway<B>>,
    /// Rows to add to the residual after a block, applied after the gateways of that block; `None` to add
    /// none.
    pub injection: Option<Injection>,
    /// The restriction of routers to some experts; `None` to leave all of them.
    pub isolation: Option<Isolation>,
    /// The tap that records how undecided the routers are; `None` to record nothing.
    pub entropy: Option<EntropyTap>,
    /// The tap that reads which capability the prompt asks for; `None` to read nothing.
    pub entry: Option<EntryTap>,
    /// The trap from outside this crate, if any. Its mask of experts counts only at positions where
    /// `isolation` sets none.
    pub interrupt: Option<I>,
    /// A function that decides about each token beside the interrupt; the stricter of the two decisions
    /// counts.
    pub commit: Option<CommitTrap>,
}

impl<B: Backend, I> Default for TrapPlane<B, I> {
    fn default() -> Self {
        Self {
            armed: false,
            gateways: Vec::new(),
            injection: None,
            isolation: None,
            entropy: None,
            entry: None,
            interrupt: None,
            commit: None,
        }
    }
}

impl<B: Backend, I> TrapPlane<B, I> {
    /// Returns this plane with `armed` set to true, so that its traps are called.
    #[must_use]
    pub fn armed(self) -> Self {
        Self { armed: true, ..self }
    }

    /// Returns the interrupt, if there is one and the plane is armed.
    fn interrupt(&mut self) -> Option<&mut I> {
        self.interrupt.as_mut().filter(|_| self.armed)
    }

    /// Returns the entropy tap, if there is one and the plane is armed.
    fn entropy(&mut self) -> Option<&mut EntropyTap> {
        self.entropy.as_mut().filter(|_| self.armed)
    }
}

impl<B: Backend, I: Traps<B>> Traps<B> for TrapPlane<B, I> {
    fn ignores(&self, site: PassSite) -> bool {
        !self.armed
            || self.gateways.iter().all(|gateway| gateway.ignores(site))
                && self.injection.as_ref().is_none_or(|trap| Traps::<B>::ignores(trap, site))
                && self.isolation.as_ref().is_none_or(|trap| Traps::<B>::ignores(trap, site))
                && self.entropy.as_ref().is_none_or(|trap| Traps::<B>::ignores(trap, site))
                && self.entry.as_ref().is_none_or(|trap| Traps::<B>::ignores(trap, site))
                && self.interrupt.as_ref().is_none_or(|trap| trap.ignores(site))
    }

    fn entry(&mut self, backend: &B, first: usize, rows: &mut B::Rows) {
        if let Some(interrupt) = self.interrupt() {
            interrupt.entry(backend, first, rows);
        }
    }

    fn block(&mut self, backend: &B, layer: usize, first: usize, rows: &mut B::Rows) {
        if !self.armed {
            return;
        }
        self.gateways.iter_mut().for_each(|gateway| gateway.block(backend, layer, first, rows));
        if let Some(injection) = &mut self.injection {
            injection.block(backend, layer, first, rows);
        }
        if let Some(entry) = &mut self.entry {
            entry.block(backend, layer, first, rows);
        }
        if let Some(interrupt) = &mut self.interrupt {
            interrupt.block(backend, layer, first, rows);
        }
    }

    fn experts(&self, layer: usize, position: usize) -> Option<&ExpertMask> {
        if !self.armed {
            return None;
        }
        let isolated = self.isolation.as_ref().and_then(|trap| Traps::<B>::experts(trap, layer, position));
        isolated.or_else(|| self.interrupt.as_ref()?.experts(layer, position))
    }

    fn routed(
        &mut self,
        backend: &B,
        layer: usize,
        first: usize,
        outputs: &B::Rows,
        chosen: &[Vec<ExpertShare>],
    ) {
        if let Some(entropy) = self.entropy() {
            entropy.routed(backend, layer, first, outputs, chosen);
        }
        if let Some(interrupt) = self.interrupt() {
            interrupt.routed(backend, layer, first, outputs, chosen);
        }
    }

    fn edit(&self, position: usize) -> Option<Digest> {
        if !self.armed {
            return None;
        }
        let mut edits: Vec<Digest> =
            self.gateways.iter().filter_map(|gateway| gateway.edit(position)).collect();
        edits.extend(self.injection.as_ref().and_then(|trap| Traps::<B>::edit(trap, position)));
        edits.extend(self.isolation.as_ref().and_then(|trap| Traps::<B>::edit(trap, position)));
        edits.extend(self.interrupt.as_ref().and_then(|trap| trap.edit(position)));
        match edits.as_slice() {
            [] => None,
            [edit] => Some(*edit),
            edits => Some(Digest::hash_parts(EDIT_DOMAIN, edits.iter().map(|edit| &edit.as_bytes()[..]))),
        }
    }

    fn sequential(&self) -> bool {
        self.armed && self.interrupt.as_ref().is_some_and(Traps::sequential)
    }

    fn weigh(&mut self, position: usize, logits: &[f32]) {
        if let Some(interrupt) = self.interrupt() {
            interrupt.weigh(position, logits);
        }
    }

    fn mask(&mut self, position: usize) -> Option<&TokenMask> {
        self.interrupt()?.mask(position)
    }

    fn reconsider(&mut self, position: usize, wanted: u32) -> Option<usize> {
        self.interrupt()?.reconsider(position, wanted)
    }

    fn commit(&mut self, position: usize, token: u32) -> Commit {
        if !self.armed {
            return Commit::Visible;
        }
        let said = match &mut self.interrupt {
            Some(interrupt) => interrupt.commit(position, token),
            None => Commit::Visible,
        };
        let decided = self.commit.as_mut().map_or(Commit::Visible, |commit| commit(position, token));
        said.stricter(decided)
    }

    fn finish(&mut self, cut: usize) -> bool {
        self.interrupt().is_none_or(|interrupt| interrupt.finish(cut))
    }

    fn rewound(&mut self, to: usize) {
        if let Some(entropy) = self.entropy() {
            Traps::<B>::rewound(entropy, to);
        }
        if let Some(entry) = self.entry.as_mut().filter(|_| self.armed) {
            Traps::<B>::rewound(entry, to);
        }
        if let Some(interrupt) = self.interrupt() {
            interrupt.rewound(to);
        }
    }

    fn retracted(&mut self, to: usize) {
        if let Some(interrupt) = self.interrupt() {
            interrupt.retracted(to);
        }
    }
}
