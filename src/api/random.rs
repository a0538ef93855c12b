//! Where random numbers come from: one place, so that a test that knows the seed knows the run.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// A source of random numbers; clones share it. Nothing that has to be secret is made from it.
#[derive(Clone)]
pub struct Random(Arc<Mutex<StdRng>>);

impl Random {
    /// Numbers that nobody can foresee.
    pub fn system() -> Random {
        Random(Arc::new(Mutex::new(StdRng::from_seed(rand::random()))))
    }

    /// The same numbers each time.
    pub fn seeded(seed: u64) -> Random {
        Random(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// A number from 0 to 1, without 1.
    pub(super) fn part(&self) -> f64 {
        self.source().random()
    }

    /// 128 bits.
    pub(super) fn bits(&self) -> u128 {
        self.source().random()
    }

    fn source(&self) -> MutexGuard<'_, StdRng> {
        // A generator has no state that could be half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Random {
    fn default() -> Random {
        Random::system()
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_says_everything() {
        let numbers = |random: &Random| (random.bits(), random.part(), random.bits());
        assert_eq!(numbers(&Random::seeded(7)), numbers(&Random::seeded(7)));
        assert_ne!(numbers(&Random::seeded(7)), numbers(&Random::seeded(8)));
        assert_ne!(numbers(&Random::system()), numbers(&Random::system()));
        let (one, other) = (Random::seeded(7), Random::seeded(7));
        let shared = one.clone();
        assert_eq!((one.bits(), shared.bits()), (other.bits(), other.bits()), "clones share it");
    }
}
