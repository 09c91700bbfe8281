//! Tells of every attempt at every call of the SDK.

pub(crate) mod refusal;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use asiaq_runtime::{Answer, CallEventKind, Observer, Request, Verdict};
use aws_sdk_ec2::operation::RequestId as _;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextMut, BeforeSerializationInterceptorContextRef,
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

/// An interceptor for the clients of one region.
#[derive(Clone, Debug)]
pub(crate) struct Attempts {
    observer: Observer,
    region: String,
}

impl Attempts {
    pub(crate) fn new(observer: Observer, region: &str) -> Self {
        Self { observer, region: region.to_owned() }
    }

    /// The request that a hook belongs to, and the attempt at it.
    fn attempt(&self, config: &ConfigBag) -> (Request, u32) {
        let metadata = config.load::<Metadata>();
        let request = Request {
            number: config.load::<Number>().map(|number| number.0).unwrap_or_default(),
            service: metadata.map(|metadata| metadata.service().to_owned()).unwrap_or_default(),
            operation: metadata.map(|metadata| metadata.name().to_owned()).unwrap_or_default(),
            region: self.region.clone(),
        };
        (request, config.load::<RequestAttempts>().map_or(1, RequestAttempts::attempts))
    }
}

#[dyn_dispatch_hint]
impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "attempts"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        config.interceptor_state().store_put(Number(NEXT.fetch_add(1, Ordering::Relaxed)));
        Ok(())
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        config.interceptor_state().store_put(Sent(Instant::now()));
        self.observer.emit(|| {
            let (request, attempt) = self.attempt(config);
            CallEventKind::Sent { request, attempt }
        });
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (_, number) = self.attempt(config);
        context.response_mut().add_extension(Attempt(number));
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.observer.emit(|| {
            let (request, attempt) = self.attempt(config);
            let took = config.load::<Sent>().map(|sent| sent.0.elapsed()).unwrap_or_default();
            let worked = context.output_or_error().is_some_and(|answer| answer.is_ok());
            CallEventKind::Answered { request, attempt, took, answer: answer(context.response(), worked) }
        });
        Ok(())
    }
}

/// The attempt that a response answers, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attempt(pub(crate) u32);

/// The number of a request.
#[derive(Debug)]
struct Number(u64);

impl Storable for Number {
    type Storer = StoreReplace<Self>;
}

/// When an attempt was sent.
#[derive(Debug)]
struct Sent(Instant);

impl Storable for Sent {
    type Storer = StoreReplace<Self>;
}

fn answer(response: Option<&HttpResponse>, worked: bool) -> Answer {
    let status = response.map(|response| response.status().as_u16());
    let code = response.filter(|_| !worked).and_then(refusal::code);
    Answer {
        verdict: match status {
            _ if worked => Verdict::Ok,
            _ if response.is_some_and(refusal::is_throttled) => Verdict::Throttled,
            Some(400..500) => Verdict::Refused,
            Some(_) | None => Verdict::Failed,
        },
        status,
        code,
        id: response.and_then(|response| response.request_id()).map(ToOwned::to_owned),
    }
}
