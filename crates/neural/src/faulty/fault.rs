//! The faults that a backend can be given.

/// One thing that a [`Faulty`](super::Faulty) backend does wrong, so that a check can be shown to notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The lowest bit of one stored key element is flipped.
    FlippedKeyBit,
    /// The lowest bit of one stored value element is flipped.
    FlippedValueBit,
    /// Products are summed in descending order of inputs.
    ReorderedSum,
    /// Sliding windows see one key less.
    ShorterWindow,
    /// The expert of highest index that a row chose adds nothing.
    SkippedExpert,
    /// Keys and values are written one slot too far in the last page, which is partly filled.
    WrongRingIndex,
    /// The embedding of [`Fault::POISON`] is infinite. It stops a pass instead of changing bits.
    InfiniteEmbedding,
    /// The residual is not rounded where it is kept in bf16. Nothing is wrong in f32.
    UpcastResidual,
    /// The page furthest behind a window, which is there to be rewound to, is empty.
    DroppedJournalPage,
    /// Each token is read as its neighbour; the vocabulary must have an even number of tokens.
    SwappedEmbedding,
}

impl Fault {
    /// The token whose row of the embedding [`Fault::InfiniteEmbedding`] makes infinite.
    pub const POISON: u32 = 60;

    /// The faults that change bits of a model with its state in f32.
    pub const ALL: [Self; 6] = [
        Self::FlippedKeyBit,
        Self::FlippedValueBit,
        Self::ReorderedSum,
        Self::ShorterWindow,
        Self::SkippedExpert,
        Self::WrongRingIndex,
    ];

    /// The faults that change bits where the state is kept in bf16.
    pub const ALL_BF16: [Self; 7] = [
        Self::FlippedKeyBit,
        Self::FlippedValueBit,
        Self::ReorderedSum,
        Self::ShorterWindow,
        Self::SkippedExpert,
        Self::WrongRingIndex,
        Self::UpcastResidual,
    ];

    /// The faults that a command line may ask for, by their names.
    pub const NAMED: [Self; 9] = [
        Self::FlippedKeyBit,
        Self::FlippedValueBit,
        Self::ReorderedSum,
        Self::ShorterWindow,
        Self::SkippedExpert,
        Self::WrongRingIndex,
        Self::UpcastResidual,
        Self::DroppedJournalPage,
        Self::SwappedEmbedding,
    ];

    /// Returns the name of the fault on the command line and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FlippedKeyBit => "flipped_key_bit",
            Self::FlippedValueBit => "flipped_value_bit",
            Self::ReorderedSum => "reordered_sum",
            Self::ShorterWindow => "shorter_window",
            Self::SkippedExpert => "skipped_expert",
            Self::WrongRingIndex => "wrong_ring_index",
            Self::InfiniteEmbedding => "infinite_embedding",
            Self::UpcastResidual => "upcast_residual",
            Self::DroppedJournalPage => "dropped_journal_page",
            Self::SwappedEmbedding => "swapped_embedding",
        }
    }
}
