//! The ports of a classic load balancer.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{ClassicListener, Ref, TlsPolicy};
use aws_sdk_elasticloadbalancing::types as sdk;

use crate::kinds::prelude::*;

ops! { elasticloadbalancing:
    CREATE_LOAD_BALANCER_LISTENERS = "CreateLoadBalancerListeners", Write;
    DELETE_LOAD_BALANCER_LISTENERS = "DeleteLoadBalancerListeners", Write;
    SET_LOAD_BALANCER_LISTENER_SSL_CERTIFICATE = "SetLoadBalancerListenerSSLCertificate", Write;
}

/// Whether a protocol is one that knows cookies.
pub(super) fn is_http(protocol: &str) -> bool {
    matches!(protocol, "HTTP" | "HTTPS")
}

/// Listeners as AWS takes them.
pub(super) fn write<'a>(
    operation: Operation,
    listeners: impl IntoIterator<Item = &'a ClassicListener>,
) -> Result<Vec<sdk::Listener>> {
    let one = |listener: &ClassicListener| {
        let certificate = listener.certificate.as_ref().and_then(Ref::id).map(ToOwned::to_owned);
        let listener = sdk::Listener::builder()
            .protocol(&listener.protocol)
            .load_balancer_port(listener.port.into())
            .instance_protocol(&listener.to_protocol)
            .instance_port(listener.to_port.into())
            .set_ssl_certificate_id(certificate);
        operation.built(listener.build())
    };
    listeners.into_iter().map(one).collect()
}

/// A listener with its security policy in the IR's form.
pub(super) fn read(listener: &sdk::Listener, tls_policy: Option<TlsPolicy>) -> Option<ClassicListener> {
    let protocol = listener.protocol.to_ascii_uppercase();
    let certificate = listener.ssl_certificate_id.as_deref().filter(|id| !id.is_empty());
    Some(ClassicListener {
        port: listener.load_balancer_port.try_into().ok()?,
        to_port: listener.instance_port.try_into().ok()?,
        to_protocol: listener.instance_protocol().map_or(protocol.clone(), str::to_ascii_uppercase),
        protocol,
        certificate: certificate.map(|id| Ref::Id(id.to_owned())),
        tls_policy: tls_policy.filter(|_| certificate.is_some()),
    })
}

/// Opens, changes and closes ports; returns the ports that were opened or reopened.
///
/// AWS can change only the certificate and the policies of a listener. A port with any other change is closed and
/// reopened at once. New ports are opened first, and old ones are closed last.
pub(super) async fn update(
    region: &Region<'_>,
    name: &str,
    live: &BTreeSet<ClassicListener>,
    wanted: &BTreeSet<ClassicListener>,
) -> Result<BTreeSet<u16>> {
    let by_port = |listeners: &BTreeSet<ClassicListener>| -> BTreeMap<u16, ClassicListener> {
        listeners.iter().map(|listener| (listener.port, listener.clone())).collect()
    };
    let (live, wanted) = (by_port(live), by_port(wanted));
    let mut added = Vec::new();
    let mut changed = Vec::new();
    let mut certified = Vec::new();
    for (port, listener) in &wanted {
        match live.get(port) {
            None => added.push(listener.clone()),
            Some(there) if needs_reopening(there, listener) => changed.push(listener.clone()),
            Some(there) => {
                let certificate = listener.certificate.iter();
                certified.extend(
                    certificate
                        .filter(|_| there.certificate != listener.certificate)
                        .map(|certificate| (*port, certificate.clone())),
                );
            }
        }
    }
    let removed: Vec<u16> = live.keys().filter(|port| !wanted.contains_key(port)).copied().collect();
    open(region, name, &added).await?;
    for (port, certificate) in &certified {
        certify(region, name, *port, certificate).await?;
    }
    let reopened: Vec<u16> = changed.iter().map(|listener| listener.port).collect();
    close(region, name, &reopened).await?;
    if let Err(refused) = open(region, name, &changed).await {
        return Err(reopened_as_before(region, name, &live, &reopened, refused).await);
    }
    close(region, name, &removed).await?;
    Ok(added.into_iter().chain(changed).map(|listener| listener.port).collect())
}

/// Opens ports again as they were when AWS refuses to open them as they should be. Returns the error with what came of it.
async fn reopened_as_before(
    region: &Region<'_>,
    name: &str,
    live: &BTreeMap<u16, ClassicListener>,
    ports: &[u16],
    refused: CloudError,
) -> CloudError {
    let before: Vec<ClassicListener> = ports.iter().filter_map(|port| live.get(port).cloned()).collect();
    let ports = ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let came_of_it = match open(region, name, &before).await {
        Ok(()) => format!("port {ports} is open as before"),
        Err(error) => {
            format!("port {ports} is closed, and opening it as before fails too: {}", error.message)
        }
    };
    CloudError { message: format!("{}; {came_of_it}", refused.message), ..refused }
}

/// Whether a listener changes in more than its certificate and its security policy.
fn needs_reopening(there: &ClassicListener, wanted: &ClassicListener) -> bool {
    let begins_or_ends = there.certificate.is_some() != wanted.certificate.is_some();
    let alike = ClassicListener {
        certificate: wanted.certificate.clone(),
        tls_policy: wanted.tls_policy.clone(),
        ..there.clone()
    };
    begins_or_ends || alike != *wanted
}

async fn open(region: &Region<'_>, name: &str, listeners: &[ClassicListener]) -> Result<()> {
    if listeners.is_empty() {
        return Ok(());
    }
    let listeners = write(CREATE_LOAD_BALANCER_LISTENERS, listeners)?;
    let request =
        region.elb().create_load_balancer_listeners().load_balancer_name(name).set_listeners(Some(listeners));
    region.retry_until_consistent(CREATE_LOAD_BALANCER_LISTENERS, || request.clone().send()).await.map(drop)
}

async fn close(region: &Region<'_>, name: &str, ports: &[u16]) -> Result<()> {
    if ports.is_empty() {
        return Ok(());
    }
    let ports = ports.iter().copied().map(i32::from).collect();
    let request = region
        .elb()
        .delete_load_balancer_listeners()
        .load_balancer_name(name)
        .set_load_balancer_ports(Some(ports));
    DELETE_LOAD_BALANCER_LISTENERS.call(request.send()).await.map(drop)
}

async fn certify(region: &Region<'_>, name: &str, port: u16, certificate: &Ref) -> Result<()> {
    let request = region
        .elb()
        .set_load_balancer_listener_ssl_certificate()
        .load_balancer_name(name)
        .load_balancer_port(port.into())
        .set_ssl_certificate_id(certificate.id().map(ToOwned::to_owned));
    region
        .retry_until_consistent(SET_LOAD_BALANCER_LISTENER_SSL_CERTIFICATE, || request.clone().send())
        .await
        .map(drop)
}
