//! An HTTP client that limits calls: each service gets a few concurrent calls until it has answered some, at the rates
//! of [`RateLimits`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use backon::{Sleeper as _, TokioSleeper};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::attempts::refusal;
use crate::rate_limit::{Outcome, RateLimits};

/// How many calls a service is sent before it has answered any. Each answer makes room for one more at once, so that
/// these double with every round trip (the slow start of TCP).
const WINDOW: usize = 5;

/// A client whose calls keep to the paces of their services.
pub(crate) fn rate_limited_client(inner: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(RateLimited { inner, doors: Arc::default() })
}

#[derive(Debug)]
struct RateLimited {
    inner: SharedHttpClient,
    doors: Arc<Doors>,
}

/// What calls go through on their way to the services of an account.
#[derive(Debug, Default)]
struct Doors {
    paces: RateLimits,
    by_service: Mutex<BTreeMap<String, Arc<Door>>>,
}

/// What calls go through on their way to one service.
#[derive(Debug)]
struct Door {
    /// How many more may be on their way at once.
    room: Semaphore,
    /// Held by the call that goes next, so that the others wait as long as is right when it is their turn.
    turn: tokio::sync::Mutex<()>,
}

impl Doors {
    fn of(&self, service: &str) -> Arc<Door> {
        let mut doors = self.by_service.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(doors.entry(service.to_owned()).or_default())
    }

    /// Waits until a call to `service` may go; until what comes back is dropped, it is on its way.
    async fn pass<'a>(&self, service: &str, door: &'a Door) -> Option<SemaphorePermit<'a>> {
        // The semaphore is never closed.
        let room = door.room.acquire().await.ok();
        let _turn = door.turn.lock().await;
        let wait = self.paces.wait(service, Instant::now());
        if !wait.is_zero() {
            TokioSleeper.sleep(wait).await;
        }
        room
    }
}

impl Default for Door {
    fn default() -> Self {
        Self { room: Semaphore::new(WINDOW), turn: tokio::sync::Mutex::default() }
    }
}

impl HttpClient for RateLimited {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector { inner, doors: Arc::clone(&self.doors) })
    }
}

#[derive(Clone, Debug)]
struct Connector {
    inner: SharedHttpConnector,
    doors: Arc<Doors>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = self.clone();
        HttpConnectorFuture::new(async move {
            let service = service(&request);
            let door = connector.doors.of(&service);
            let on_its_way = connector.doors.pass(&service, &door).await;
            let sent = Instant::now();
            let mut response = connector.inner.call(request).await?;
            let outcome = outcome(&mut response).await?;
            connector.doors.paces.note(&service, sent, Instant::now(), outcome);
            if outcome == Outcome::Taken {
                door.room.add_permits(1);
            }
            drop(on_its_way);
            Ok(response)
        })
    }
}

/// Region and service that a call is signed for.
fn service(request: &HttpRequest) -> String {
    let signed = request.headers().get("authorization").unwrap_or_default();
    let scope = signed.split("Credential=").nth(1).and_then(|rest| rest.split(',').next());
    scope.and_then(|scope| scope.splitn(3, '/').nth(2)).unwrap_or_default().to_owned()
}

/// What an answer says of the rate. One that is a refusal is read, and put back.
async fn outcome(response: &mut HttpResponse) -> Result<Outcome, ConnectorError> {
    if response.status().is_success() {
        return Ok(Outcome::Taken);
    }
    let body = ByteStream::new(response.take_body()).collect().await;
    let body = body.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    *response.body_mut() = SdkBody::from(body);
    Ok(if refusal::is_throttled(response) { Outcome::Throttled } else { Outcome::Taken })
}
