use std::sync::Arc;

use tokio::sync::watch;

/// A handle to end an [`apply`](crate::apply()) early; clones share their state.
///
/// After the first request, operations in flight finish and no new ones start. After the second request, the apply
/// returns at once and abandons the operations in flight.
#[derive(Clone, Debug)]
pub struct CancellationToken(Arc<watch::Sender<u8>>);

impl Default for CancellationToken {
    fn default() -> Self {
        Self::new()
    }
}

impl CancellationToken {
    /// A token without requests.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    /// Requests cancellation. The second call abandons operations in flight.
    pub fn request(&self) {
        self.0.send_modify(|times| *times = times.saturating_add(1));
    }

    /// Whether cancellation was requested.
    pub fn requested(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Waits for the first request.
    pub(crate) async fn first_request(&self) {
        let _ = self.0.subscribe().wait_for(|times| *times > 0).await;
    }

    /// Waits for the second request.
    pub(crate) async fn second_request(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|times| *times > 1).await;
    }
}
