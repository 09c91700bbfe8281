use std::sync::Arc;

use tokio::sync::watch;

/// A way to end an [`apply`](crate::apply) early; clones are the same handle.
///
/// Asked once, what is in flight is finished and nothing new starts; asked twice, the apply returns at once
/// and calls in flight are abandoned.
#[derive(Clone, Debug)]
pub struct CancellationToken(Arc<watch::Sender<u8>>);

impl Default for CancellationToken {
    fn default() -> Self {
        Self::new()
    }
}

impl CancellationToken {
    /// A handle that nobody has used yet.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    /// Asks to stop; the second time, to stop now.
    pub fn request(&self) {
        self.0.send_modify(|times| *times = times.saturating_add(1));
    }

    /// Whether somebody asked to stop.
    pub fn requested(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Waits until somebody asks to stop.
    pub(crate) async fn asked(&self) {
        let _ = self.0.subscribe().wait_for(|times| *times > 0).await;
    }

    /// Waits until somebody asks to stop now.
    pub(crate) async fn now(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|times| *times > 1).await;
    }
}
