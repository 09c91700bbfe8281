use std::time::Duration;

/// How long to wait for what takes time in AWS, and how often to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Until every part of AWS knows a resource that was just created.
    pub consistency: Duration,
    /// Until every service knows a role or an instance profile that was just created.
    pub identity: Duration,
    /// Until the users of a resource are gone, so that it can be deleted.
    pub in_use: Duration,
    /// Until a resource is ready or gone. Kinds that are fast have a shorter limit of their own.
    pub ready: Duration,
    /// The same of what takes AWS far longer than other things, such as a search domain.
    pub slow: Duration,
    /// Until a name that was just given up is free, or a resource shows up whose creation got no answer.
    pub name_taken: Duration,
    /// Pause after the first look. Each pause is half as long again as the one before.
    pub first_pause: Duration,
    /// The longest pause between two looks.
    pub longest_pause: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            consistency: Duration::from_mins(1),
            identity: Duration::from_mins(3),
            in_use: Duration::from_mins(5),
            ready: Duration::from_mins(15),
            slow: Duration::from_hours(3),
            name_taken: Duration::from_secs(5),
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(5),
        }
    }
}
