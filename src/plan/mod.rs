//! Turns differences into ordered actions and says why anything is blocked. Pure.
