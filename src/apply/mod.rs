//! Runs a plan: ready-queue, dispatcher, steps, outcome.
