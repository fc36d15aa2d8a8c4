//! The faults that a backend can be given.

/// One mistake that a [`Faulty`](super::Faulty) backend makes. With it a check that compares bits is shown to
/// notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The lowest bit of one key element is flipped when it is stored.
    FlippedKeyBit,
    /// The lowest bit of one value element is flipped when it is stored.
    FlippedValueBit,
    /// Products of a matrix and a vector are summed in descending order of the inputs.
    ReorderedSum,
    /// A query in a layer with a sliding window sees one key less.
    ShorterWindow,
    /// Of the experts that a row chose, the one with the highest index adds nothing.
    SkippedExpert,
    /// Keys and values are written one slot too far within a page that is not written whole.
    WrongRingIndex,
    /// The embedding of the token [`Fault::POISON`] is infinite, which makes a pass fail instead of changing
    /// bits.
    InfiniteEmbedding,
    /// The residual is not rounded after a block if the state is bf16. With a state in f32 nothing is wrong.
    UpcastResidual,
    /// The earliest page that a layer with a window holds is read as empty; it is held so that the session
    /// can be rewound.
    DroppedJournalPage,
    /// Each token is embedded as its neighbour, of ids 0 and 1, 2 and 3 and so on. The vocabulary must have
    /// an even number of tokens.
    SwappedEmbedding,
}

impl Fault {
    /// The id of the token whose embedding [`Fault::InfiniteEmbedding`] makes infinite.
    pub const POISON: u32 = 60;

    /// The faults that change bits of a model whose state is f32.
    pub const ALL: [Self; 6] = [
        Self::FlippedKeyBit,
        Self::FlippedValueBit,
        Self::ReorderedSum,
        Self::ShorterWindow,
        Self::SkippedExpert,
        Self::WrongRingIndex,
    ];

    /// The faults that change bits of a model whose state is bf16.
    pub const ALL_BF16: [Self; 7] = [
        Self::FlippedKeyBit,
        Self::FlippedValueBit,
        Self::ReorderedSum,
        Self::ShorterWindow,
        Self::SkippedExpert,
        Self::WrongRingIndex,
        Self::UpcastResidual,
    ];

    /// The faults that a command line may ask for by [`name`](Self::name).
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

    /// Returns the name that stands for this fault on the command line and in reports, for example
    /// `flipped_key_bit`.
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
