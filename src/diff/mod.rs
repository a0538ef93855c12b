//! Compares desired with live, field by field, driven by the field tables. Pure.
