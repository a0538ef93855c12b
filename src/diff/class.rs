//! Whose difference it is, as Git tells it: that of the files, of the live side, or of both.

/// The class of a change: what the files said before (base), what they say now (head), and what is live. From the
/// weakest to the strongest; an action has the strongest class of its changes (DESIGN 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The files did not change; the live side did.
    Drift,
    /// The files did not name the field before.
    Adopt,
    /// The files changed; the live side is as it was declared before.
    Change,
    /// Both sides changed, to different ends.
    Conflict,
}

impl Class {
    /// The class in JSON and text.
    pub const fn name(self) -> &'static str {
        match self {
            Class::Drift => "drift",
            Class::Adopt => "adopt",
            Class::Change => "change",
            Class::Conflict => "conflict",
        }
    }
}
