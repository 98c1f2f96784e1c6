//! What may happen to a call.

/// A kind of fault. Those that last do so until the command has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The connection is reset before anything was done.
    ResetBefore,
    /// It is done, and the connection is reset before the answer.
    ResetAfter,
    /// 503, so many times for the same request; nothing is done.
    ErrorBefore(u32),
    /// 500, so many times for the same request, although it is done each time.
    ErrorAfter(u32),
    /// Every call is throttled for some seconds.
    ThrottledForAWhile,
    /// Every call is throttled from there on.
    Throttled,
    /// The permission is refused for this request.
    DeniedOnce,
    /// The permission for this action is refused from there on.
    Denied,
    /// It is done, and the answer ends early, with a length that is right for what is left.
    Cut,
    /// As that, for the same request again and again.
    CutAlways,
    /// It is done, and the answer is not well-formed.
    Malformed,
    /// It is done, and the answer is empty.
    Empty,
    /// As that, for the same request again and again.
    EmptyAlways,
    /// Nothing is done, and nothing is answered.
    StalledBefore,
    /// It is done, and nothing is answered.
    StalledAfter,
    /// The user presses Ctrl-C while the call is under way.
    Stopped,
    /// The process ends before the call is done. What was complete is in the state.
    KilledBefore,
    /// The process ends after the call is done. What was complete is in the state.
    KilledAfter,
    /// Terraform ends after the call is done, with a backend that has stored nothing since the command began.
    KilledUnstored,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 21] = [
        Kind::ResetBefore,
        Kind::ResetAfter,
        Kind::ErrorBefore(1),
        Kind::ErrorBefore(3),
        Kind::ErrorAfter(1),
        Kind::ErrorAfter(3),
        Kind::ThrottledForAWhile,
        Kind::Throttled,
        Kind::DeniedOnce,
        Kind::Denied,
        Kind::Cut,
        Kind::CutAlways,
        Kind::Malformed,
        Kind::Empty,
        Kind::EmptyAlways,
        Kind::StalledBefore,
        Kind::StalledAfter,
        Kind::Stopped,
        Kind::KilledBefore,
        Kind::KilledAfter,
        Kind::KilledUnstored,
    ];

    /// Its heading in the table.
    pub fn name(self) -> &'static str {
        match self {
            Kind::ResetBefore => "reset before",
            Kind::ResetAfter => "reset after",
            Kind::ErrorBefore(1) => "503 before",
            Kind::ErrorBefore(_) => "503 before, thrice",
            Kind::ErrorAfter(1) => "500 after",
            Kind::ErrorAfter(_) => "500 after, thrice",
            Kind::ThrottledForAWhile => "throttled a while",
            Kind::Throttled => "throttled always",
            Kind::DeniedOnce => "denied once",
            Kind::Denied => "denied always",
            Kind::Cut => "cut",
            Kind::CutAlways => "cut always",
            Kind::Malformed => "malformed",
            Kind::Empty => "empty",
            Kind::EmptyAlways => "empty always",
            Kind::StalledBefore => "stalled before",
            Kind::StalledAfter => "stalled after",
            Kind::Stopped => "stopped",
            Kind::KilledBefore => "killed before",
            Kind::KilledAfter => "killed after",
            Kind::KilledUnstored => "killed, unstored",
        }
    }

    /// True for what a repeat of the call gets over: the command must succeed.
    pub fn passes(self) -> bool {
        matches!(
            self,
            Kind::ResetBefore
                | Kind::ResetAfter
                | Kind::ErrorBefore(_)
                | Kind::ErrorAfter(_)
                | Kind::ThrottledForAWhile
                | Kind::Cut
                | Kind::Malformed
                | Kind::Empty
                | Kind::StalledBefore
                | Kind::StalledAfter
        )
    }

    /// True for what no repeat gets over.
    pub fn lasts(self) -> bool {
        matches!(self, Kind::Throttled | Kind::Denied | Kind::CutAlways | Kind::EmptyAlways)
    }

    /// True for an answer that is none.
    pub fn is_broken_answer(self) -> bool {
        matches!(self, Kind::Cut | Kind::CutAlways | Kind::Malformed | Kind::Empty | Kind::EmptyAlways)
    }

    /// True for the end of a process.
    pub fn is_kill(self) -> bool {
        matches!(self, Kind::KilledBefore | Kind::KilledAfter | Kind::KilledUnstored)
    }
}
