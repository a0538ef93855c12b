//! The codes that only the command line emits: everything else comes from `source`, `plan` or `apply`.

/// Every code with what it means. The reference page is made from this list.
pub const CODES: &[(&str, &str)] = &[(
    FOREIGN_HOST,
    "The estate names an API on a host that the token is not sent to (`MXKEEP_ALLOW_HOSTS`).",
)];

/// See [`CODES`].
pub const FOREIGN_HOST: &str = "EST-101";
