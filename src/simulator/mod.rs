//! A small server that behaves like the API. An island: imports nothing from the crate.
