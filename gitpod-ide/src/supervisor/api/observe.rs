use std::pin::Pin;

use futures::Stream;
use futures::stream::{once, unfold};
use tokio::sync::watch;
use tonic::Status;

/// A stream of answers.
pub(super) type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// What `receiver` holds now and, if `observe`, each later state; states that follow each other faster than the client reads
/// are left out, but never the last one.
pub(super) fn states<T, W>(
    mut receiver: watch::Receiver<T>,
    observe: bool,
    convert: impl Fn(&T) -> Option<W> + Send + Sync + 'static,
) -> Answers<W>
where
    T: Send + Sync + 'static,
    W: Send + 'static,
{
    if !observe {
        let now = convert(&receiver.borrow());
        return Box::pin(futures::stream::iter(now.map(Ok)));
    }
    receiver.mark_changed();
    Box::pin(unfold(
        (receiver, convert),
        |(mut receiver, convert)| async move {
            loop {
                receiver.changed().await.ok()?;
                let state = convert(&receiver.borrow_and_update());
                if let Some(state) = state {
                    return Some((Ok(state), (receiver, convert)));
                }
            }
        },
    ))
}

/// A stream of one answer.
pub(super) fn single<T: Send + 'static>(answer: Result<T, Status>) -> Answers<T> {
    Box::pin(once(std::future::ready(answer)))
}
