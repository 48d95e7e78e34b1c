use std::time::Duration;

use crate::schema::ParseNameError;
use crate::value::named;
use crate::violation::Known;

named! {
    /// What happens to a later end of a service that has ended (chosen). Each policy has a name, for options and settings.
    ///
    /// ```
    /// use service_end::EndPolicy;
    /// assert_eq!("replace-earlier".parse(), Ok(EndPolicy::ReplaceEarlier));
    /// assert_eq!(EndPolicy::default().to_string(), "keep-first");
    /// ```
    #[derive(Default)]
    #[non_exhaustive]
    pub enum EndPolicy {
        /// `keep-first`: it is refused, unless it would change nothing.
        #[default]
        KeepFirst = "keep-first",
        /// `replace-earlier`: it replaces the earlier end, all fixed fields and the extensions that it names. Other
        /// extensions stay.
        ///
        /// A retry that arrives after somebody else's end replaces that one too. A caller who can't have this says at which
        /// version the service must be ([`Target`](super::Target)).
        ReplaceEarlier = "replace-earlier",
    }

    /// Both policies.
    ALL;

    /// Its name.
    fn as_str;

    "the name of an end policy" compared with eq,
    or else ParseNameError = ParseNameError(Known::fixed(Self::NAMES));
}

/// How a host wants ends to be decided.
///
/// ```
/// use std::time::Duration;
/// use service_end::{EndPolicy, EndRules};
/// let rules = EndRules::new().with_policy(EndPolicy::ReplaceEarlier).with_clock_tolerance(Duration::from_secs(5));
/// assert_eq!(rules.policy, EndPolicy::ReplaceEarlier);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndRules {
    /// What happens to a later end. By default the first end is kept.
    pub policy: EndPolicy,
    /// How much earlier than the recorded start an end may be, for clocks that differ. One minute by default (chosen).
    pub clock_tolerance: Duration,
}

impl EndRules {
    /// The default rules.
    pub const fn new() -> Self {
        EndRules { policy: EndPolicy::KeepFirst, clock_tolerance: Duration::from_secs(60) }
    }

    /// Sets what happens to a later end.
    #[must_use]
    pub const fn with_policy(mut self, policy: EndPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets how much earlier than the recorded start an end may be.
    #[must_use]
    pub const fn with_clock_tolerance(mut self, tolerance: Duration) -> Self {
        self.clock_tolerance = tolerance;
        self
    }
}

impl Default for EndRules {
    fn default() -> Self {
        EndRules::new()
    }
}
