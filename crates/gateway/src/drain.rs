//! After a client has left: the upstream's answer is read on for a bounded time and size, since it is
//! billed all the same and its usage comes last. When Weir ends, what is known until then is what counts.

use std::pin::Pin;

use futures_util::future::BoxFuture;
use http::Response;
use http_body_util::BodyExt;
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use wire::strip::UsageChunkFilter;

use crate::{
    call::{End, OpenCall},
    limits::Limits,
    metering::Metering,
    upstream::UpstreamBody,
};

/// Reads on what clients have left behind. Clones share the tracker of its tasks.
#[derive(Debug, Clone)]
pub(crate) struct Drainer {
    tasks: TaskTracker,
    give_up: CancellationToken,
    limits: std::sync::Arc<Limits>,
}

/// What reads an answer, and what is taken out of it.
type Means = (Option<Metering>, Option<UsageChunkFilter>);

/// An answer that has not begun. `None`: it never will.
pub(crate) type PendingAnswer =
    Pin<Box<dyn Future<Output = Option<Response<UpstreamBody>>> + Send>>;

impl Drainer {
    pub(crate) fn new(
        tasks: TaskTracker,
        give_up: CancellationToken,
        limits: std::sync::Arc<Limits>,
    ) -> Self {
        Self {
            tasks,
            give_up,
            limits,
        }
    }

    /// Reads the rest of an answer that has begun.
    pub(crate) fn drain(
        &self,
        upstream: UpstreamBody,
        metering: Option<Metering>,
        filter: Option<UsageChunkFilter>,
        call: OpenCall,
    ) {
        let bounds = self.bounds();
        self.spawn(Self::read_on(upstream, metering, filter, call, bounds));
    }

    /// Waits for an answer that has not begun, and reads it.
    pub(crate) fn drain_pending(
        &self,
        pending: PendingAnswer,
        begin: impl FnOnce(&Response<UpstreamBody>, &mut OpenCall) -> Means + Send + 'static,
        mut call: OpenCall,
    ) {
        let bounds = self.bounds();
        self.spawn(async move {
            match bounds.wait_for(pending).await {
                Some(Some(response)) => {
                    let (metering, filter) = begin(&response, &mut call);
                    let body = response.into_body();
                    Self::read_on(body, metering, filter, call, bounds).await;
                }
                // The upstream could not be asked.
                Some(None) => written(call.settle(End::ClientLeft, None)).await,
                None => written(call.settle(End::GivenUp, None)).await,
            }
        });
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            deadline: Instant::now() + self.limits.drain_timeout,
            most_bytes: self.limits.drain_max_bytes,
            give_up: self.give_up.clone(),
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    fn read_on(
        mut upstream: UpstreamBody,
        mut metering: Option<Metering>,
        filter: Option<UsageChunkFilter>,
        mut call: OpenCall,
        bounds: Bounds,
    ) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let mut read: u64 = 0;
            // Nobody gets what it lets through; only the recording has it as a client would.
            let mut filter = filter.filter(|_| call.is_heard());
            while let Some(Some(Ok(frame))) = bounds.wait_for(upstream.frame()).await {
                let Ok(piece) = frame.into_data() else {
                    continue;
                };
                read = read.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
                let complete = metering
                    .as_mut()
                    .is_some_and(|metering| metering.push(&piece));
                match &mut filter {
                    Some(filter) => call.hear(&filter.push(&piece)),
                    None => call.hear(&piece),
                }
                if complete || read >= bounds.most_bytes {
                    break;
                }
            }
            if let Some(filter) = filter {
                call.hear(&filter.finish());
            }
            written(call.settle(End::ClientLeft, metering.map(Metering::finish))).await;
        })
    }
}

/// How long and how much is read.
struct Bounds {
    deadline: Instant,
    most_bytes: u64,
    give_up: CancellationToken,
}

impl Bounds {
    /// `None`: the time is over, or Weir ends.
    async fn wait_for<T>(&self, next: impl Future<Output = T>) -> Option<T> {
        let next = timeout_at(self.deadline, next);
        self.give_up.run_until_cancelled(next).await?.ok()
    }
}

/// Waits for a row.
async fn written(row: Option<JoinHandle<()>>) {
    if let Some(row) = row
        && let Err(error) = row.await
    {
        tracing::error!(%error, "The row of an abandoned call was not written");
    }
}
