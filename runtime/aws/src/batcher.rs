//! Requests that are made at the same time go out as one call.

use std::sync::{Mutex, PoisonError};

use asiaq_runtime::Result;
use tokio::sync::oneshot;

/// Batches requests of one sort.
///
/// Only one call is in flight. Requests that arrive meanwhile are sent together in the next one. A response is never
/// older than its request, no request waits to fill a batch, and slower calls mean larger batches.
#[derive(Debug)]
pub(crate) struct Batcher<K, V> {
    waiting: Mutex<Vec<Place<K, V>>>,
    turn: tokio::sync::Mutex<()>,
}

type Place<K, V> = (K, oneshot::Sender<Result<V>>);

impl<K, V> Default for Batcher<K, V> {
    fn default() -> Self {
        Self { waiting: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }
}

impl<K: Clone + Send, V: Send> Batcher<K, V> {
    /// What `call` answers to `wanted`. It is called with at most `most` of those that wait, `wanted` among them or
    /// not, and has an answer for each, in their order.
    pub(crate) async fn ask<F, Fut>(&self, wanted: K, most: usize, call: F) -> Result<V>
    where
        F: Fn(Vec<K>) -> Fut + Send + Sync,
        Fut: Future<Output = Vec<Result<V>>> + Send,
    {
        loop {
            let mut answer = self.queue(wanted.clone());
            // Requests that are about to be made join this call.
            tokio::task::yield_now().await;
            let answered = loop {
                tokio::select! {
                    biased;
                    answered = &mut answer => break answered,
                    turn = self.turn.lock() => {
                        let (all, places): (Vec<K>, Vec<_>) = self.next(most).into_iter().unzip();
                        if all.is_empty() {
                            continue;
                        }
                        for (place, answer) in places.into_iter().zip(call(all).await) {
                            // The receiver may have been dropped.
                            let _ = place.send(answer);
                        }
                        drop(turn);
                    }
                }
            };
            // The task that made the call may have been cancelled.
            if let Ok(answer) = answered {
                return answer;
            }
        }
    }

    fn queue(&self, wanted: K) -> oneshot::Receiver<Result<V>> {
        let (place, answer) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((wanted, place));
        answer
    }

    fn next(&self, most: usize) -> Vec<Place<K, V>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(most.max(1));
        waiting.drain(..count).collect()
    }
}

/// The answers of one call: what `own` finds for each request, or the one error for all.
pub(crate) fn each<K, A, V>(asked: &[K], answer: Result<A>, own: impl Fn(&A, &K) -> V) -> Vec<Result<V>> {
    match answer {
        Ok(answer) => asked.iter().map(|one| Ok(own(&answer, one))).collect(),
        Err(error) => asked.iter().map(|_| Err(error.clone())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::future;

    use super::*;

    #[tokio::test]
    async fn what_is_asked_at_the_same_time_is_one_call() {
        let calls = Mutex::new(Vec::new());
        let batcher = Batcher::<u32, u32>::default();
        let call = async |all: Vec<u32>| {
            calls.lock().unwrap().push(all.clone());
            tokio::task::yield_now().await;
            all.iter().map(|one| Ok(one * 2)).collect()
        };
        let asked = future::join_all((0..5).map(|one| batcher.ask(one, 3, &call))).await;
        assert_eq!(asked, [Ok(0), Ok(2), Ok(4), Ok(6), Ok(8)]);
        assert_eq!(*calls.lock().unwrap(), [vec![0, 1, 2], vec![3, 4]]);
    }

    #[tokio::test]
    async fn nobody_waits_for_one_who_was_stopped() {
        let batcher = Batcher::<u32, u32>::default();
        let never = async |_: Vec<u32>| future::pending().await;
        let answers = async |all: Vec<u32>| all.into_iter().map(Ok).collect();
        let mut stopped = Box::pin(batcher.ask(1, 9, never));
        let mut waits = Box::pin(batcher.ask(2, 9, answers));
        // The first takes both along, and is stopped before there is an answer.
        assert!(futures::poll!(&mut stopped).is_pending());
        assert!(futures::poll!(&mut waits).is_pending());
        assert!(futures::poll!(&mut stopped).is_pending());
        drop(stopped);
        assert_eq!(waits.await, Ok(2));
    }
}
