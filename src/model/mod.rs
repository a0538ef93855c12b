//! What exists: kinds and their field tables, addresses, values, secrets, desired and live state. Pure; imports nothing from the crate.
