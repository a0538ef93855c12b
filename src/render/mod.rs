//! Plan, drift and outcome as text or data. Pure.
