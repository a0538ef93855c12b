//! Exit codes: part of the contract with scripts (DESIGN 8), the same in every format.

use std::process::ExitCode;

/// How a command ended, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExitStatus {
    /// 0: done, or nothing to do.
    Done,
    /// 1: something that mxkeep did not expect, most likely its own fault.
    Unexpected,
    /// 2: something to do or to wait for (`plan --exit-code`), or drift (`drift`).
    SomethingToDo,
    /// 4: an apply ended with failures.
    Failed,
    /// 5: refused: stale, or not approved.
    Refused,
    /// 6: blocked.
    Blocked,
    /// 7: the token is missing, rejected, or not allowed to.
    NotAuthorised,
    /// 8: waiting for a person.
    Waiting,
    /// 9: invalid input.
    InvalidInput,
    /// 10: the API cannot be reached or speaks nonsense.
    Unreachable,
    /// 64: the command line is wrong.
    Usage,
    /// 130: interrupted by a signal.
    Interrupted,
}

/// Every exit status with what it means, in the order of their codes. The reference page is made from this list.
pub const ALL: [(ExitStatus, &str); 12] = [
    (ExitStatus::Done, "Done, or nothing to do."),
    (ExitStatus::Unexpected, "Something unexpected; most likely a fault of mxkeep."),
    (ExitStatus::SomethingToDo, "Something to do or to wait for (`plan --exit-code`), or drift (`drift`)."),
    (ExitStatus::Failed, "An apply ended with failures."),
    (ExitStatus::Refused, "Refused: what was found is not what was planned, or nobody approved."),
    (ExitStatus::Blocked, "At least one action is blocked (`plan` and `apply`)."),
    (ExitStatus::NotAuthorised, "The token is missing, rejected, or not allowed to do this."),
    (
        ExitStatus::Waiting,
        "Something waits for a person, who has to run the command that is shown (`apply`).",
    ),
    (ExitStatus::InvalidInput, "Invalid input (`validate --strict`: warnings, too)."),
    (ExitStatus::Unreachable, "The API cannot be reached, or what answers is not the API."),
    (ExitStatus::Usage, "The command line is wrong."),
    (ExitStatus::Interrupted, "Interrupted by a signal."),
];

/// A run that meets several exits ends with the first of these.
const PRECEDENCE: [ExitStatus; 12] = [
    ExitStatus::Interrupted,
    ExitStatus::Unexpected,
    ExitStatus::Usage,
    ExitStatus::InvalidInput,
    ExitStatus::NotAuthorised,
    ExitStatus::Unreachable,
    ExitStatus::Failed,
    ExitStatus::Refused,
    ExitStatus::Blocked,
    ExitStatus::Waiting,
    ExitStatus::SomethingToDo,
    ExitStatus::Done,
];

impl ExitStatus {
    /// The number that the process ends with.
    pub const fn code(self) -> u8 {
        match self {
            ExitStatus::Done => 0,
            ExitStatus::Unexpected => 1,
            ExitStatus::SomethingToDo => 2,
            ExitStatus::Failed => 4,
            ExitStatus::Refused => 5,
            ExitStatus::Blocked => 6,
            ExitStatus::NotAuthorised => 7,
            ExitStatus::Waiting => 8,
            ExitStatus::InvalidInput => 9,
            ExitStatus::Unreachable => 10,
            ExitStatus::Usage => 64,
            ExitStatus::Interrupted => 130,
        }
    }

    /// The one of several that wins; done when there is none.
    pub fn first_of(met: &[ExitStatus]) -> ExitStatus {
        PRECEDENCE.into_iter().find(|status| met.contains(status)).unwrap_or(ExitStatus::Done)
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> ExitCode {
        ExitCode::from(status.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_exit_in_the_order_of_the_contract_wins() {
        use ExitStatus::*;
        assert_eq!(ExitStatus::first_of(&[]), Done);
        assert_eq!(ExitStatus::first_of(&[Done, SomethingToDo]), SomethingToDo);
        assert_eq!(ExitStatus::first_of(&[Blocked, Refused, Failed]), Failed);
        assert_eq!(ExitStatus::first_of(&[SomethingToDo, Waiting, Blocked]), Blocked);
        assert_eq!(ExitStatus::first_of(&[SomethingToDo, Waiting]), Waiting);
        assert_eq!(ExitStatus::first_of(&[Failed, Unreachable, NotAuthorised]), NotAuthorised);
        assert_eq!(ExitStatus::first_of(&[InvalidInput, Interrupted]), Interrupted);
    }

    #[test]
    fn every_status_is_listed_and_has_a_place_in_the_order() {
        for (status, _) in ALL {
            assert!(PRECEDENCE.contains(&status), "{status:?}");
        }
        assert!(ALL.windows(2).all(|pair| pair[0].0.code() < pair[1].0.code()));
    }
}
