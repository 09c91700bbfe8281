//! Certificates that a load balancer can use: the certificate manager's, and the server certificates of IAM.

use std::collections::BTreeSet;

use asiaq_ir::CertificateFact;
use aws_sdk_acm::types::{CertificateStatus, CertificateSummary, Filters, KeyAlgorithm};
use aws_sdk_iam::types::ServerCertificateMetadata;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use futures::future;
use futures::stream::{self, StreamExt, TryStreamExt};

use super::prelude::*;

ops! {
    acm {
        LIST_CERTIFICATES = "ListCertificates", Fact(Certificates);
        DESCRIBE_CERTIFICATE = "DescribeCertificate", Fact(Certificates);
    }
    iam {
        LIST_SERVER_CERTIFICATES = "ListServerCertificates", Fact(Certificates);
    }
}

/// Certificates whose names are asked for at the same time.
const AT_ONCE: usize = 4;

/// The certificates that are issued in the region, and those that IAM keeps for every region.
pub(super) async fn usable(region: &Region<'_>) -> Result<Vec<CertificateFact>> {
    let (managed, kept) = future::try_join(managed(region), kept(region)).await?;
    Ok(managed.into_iter().chain(kept).collect())
}

/// A listing has the first hundred names of a certificate; only one with more is looked at by itself.
async fn managed(region: &Region<'_>) -> Result<Vec<CertificateFact>> {
    // Where nothing is said, AWS leaves out all but small RSA keys.
    let keys = [
        KeyAlgorithm::EcPrime256v1,
        KeyAlgorithm::EcSecp384r1,
        KeyAlgorithm::EcSecp521r1,
        KeyAlgorithm::Rsa1024,
        KeyAlgorithm::Rsa2048,
        KeyAlgorithm::Rsa3072,
        KeyAlgorithm::Rsa4096,
    ];
    let includes = Filters::builder().set_key_types(Some(keys.into())).build();
    let request =
        region.acm().list_certificates().certificate_statuses(CertificateStatus::Issued).includes(includes);
    let pages = request.into_paginator().items().send();
    let summaries: Vec<CertificateSummary> = LIST_CERTIFICATES.all(pages).await?;
    let facts: Vec<_> = summaries.into_iter().map(|summary| fact(region, summary)).collect();
    let facts: Vec<Option<CertificateFact>> = stream::iter(facts).buffered(AT_ONCE).try_collect().await?;
    Ok(facts.into_iter().flatten().collect())
}

async fn fact(region: &Region<'_>, summary: CertificateSummary) -> Result<Option<CertificateFact>> {
    let Some(arn) = summary.certificate_arn.clone() else { return Ok(None) };
    let mut names: BTreeSet<String> = summary.subject_alternative_name_summaries().iter().cloned().collect();
    if names.is_empty() || summary.has_additional_subject_alternative_names == Some(true) {
        let request = region.acm().describe_certificate().certificate_arn(&arn);
        let described = match DESCRIBE_CERTIFICATE.call(request.send()).await {
            Err(gone) if gone.code == "ResourceNotFoundException" => return Ok(None),
            answer => answer?.certificate,
        };
        names.extend(described.and_then(|described| described.subject_alternative_names).unwrap_or_default());
    }
    names.extend(summary.domain_name.clone());
    let issued = said(summary.issued_at.or(summary.imported_at).as_ref());
    Ok(Some(CertificateFact { arn, names: names.into_iter().collect(), is_of_iam: false, issued }))
}

async fn kept(region: &Region<'_>) -> Result<Vec<CertificateFact>> {
    let kept = cached(region.cache().map(|cache| &cache.everywhere.server_certificates), || async {
        let pages = region.iam().list_server_certificates().into_paginator().items().send();
        LIST_SERVER_CERTIFICATES.all(pages).await
    });
    let fact = |one: &ServerCertificateMetadata| CertificateFact {
        arn: one.arn.clone(),
        names: vec![one.server_certificate_name.clone()],
        is_of_iam: true,
        issued: said(one.upload_date.as_ref()),
    };
    Ok(kept.await?.iter().map(fact).collect())
}

/// A time as ISO 8601.
fn said(time: Option<&DateTime>) -> String {
    time.and_then(|time| time.fmt(Format::DateTime).ok()).unwrap_or_default()
}
