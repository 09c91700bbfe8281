use asiaq_ir::{CertificateFact, Kind};

use crate::account::Account;
use crate::replay::{Answer, Replay};

async fn certificates(account: &Account) -> Vec<CertificateFact> {
    account.list(Kind::ClassicLoadBalancer).await.facts.certificates
}

#[tokio::test]
async fn certificates_of_iam_are_facts_by_their_names() {
    let account = Account::new();
    let iam = aws_sdk_iam::Client::new(&account.sdk);
    let request = iam.upload_server_certificate().server_certificate_name("web.sample.net");
    let made = request.certificate_body("body").private_key("key").send().await.unwrap();
    let arn = made.server_certificate_metadata().unwrap().arn().to_owned();
    let facts = certificates(&account).await;
    assert_eq!(facts.len(), 1);
    assert_eq!((&facts[0].arn, facts[0].is_of_iam), (&arn, true));
    assert_eq!(facts[0].names, ["web.sample.net"]);
    assert!(facts[0].issued.ends_with('Z'), "{}", facts[0].issued);
}

#[tokio::test]
async fn certificates_that_are_issued_are_facts_with_all_their_domains() {
    let account = Account::new();
    let acm = aws_sdk_acm::Client::new(&account.sdk);
    let request =
        acm.request_certificate().domain_name("sample.net").subject_alternative_names("*.sample.net");
    let arn = request.send().await.unwrap().certificate_arn.unwrap();
    let facts = certificates(&account).await;
    assert_eq!(facts.len(), 1);
    assert_eq!((&facts[0].arn, facts[0].is_of_iam), (&arn, false));
    assert_eq!(facts[0].names, ["*.sample.net", "sample.net"]);
    assert!(facts[0].issued.ends_with('Z'), "{}", facts[0].issued);
}

/// What the emulator lacks: pages, and the domains in the listing.
#[tokio::test]
async fn certificates_come_from_every_page_and_only_one_with_many_domains_is_looked_at() {
    let replay = Replay::start(&[
        ("DescribeLoadBalancers", Answer::Ok("<DescribeLoadBalancersResult/>")),
        (
            "ListCertificates",
            Answer::Json(
                r#"{"NextToken": "more", "CertificateSummaryList": [{"CertificateArn": "arn:1",
                "DomainName": "a.sample.net", "SubjectAlternativeNameSummaries": ["a.sample.net", "b.sample.net"],
                "HasAdditionalSubjectAlternativeNames": false, "Status": "ISSUED", "IssuedAt": 1700000000}]}"#,
            ),
        ),
        (
            "ListCertificates",
            Answer::Json(
                r#"{"CertificateSummaryList": [{"CertificateArn": "arn:2", "DomainName": "c.sample.net",
                "SubjectAlternativeNameSummaries": ["c.sample.net"], "HasAdditionalSubjectAlternativeNames": true,
                "Status": "ISSUED", "ImportedAt": 1700000001}]}"#,
            ),
        ),
        (
            "DescribeCertificate",
            Answer::Json(
                r#"{"Certificate": {"CertificateArn": "arn:2", "DomainName": "c.sample.net",
                "SubjectAlternativeNames": ["c.sample.net", "z.sample.net"]}}"#,
            ),
        ),
        (
            "ListServerCertificates",
            Answer::Ok(
                "<ListServerCertificatesResult><IsTruncated>true</IsTruncated><Marker>more</Marker>\
                 <ServerCertificateMetadataList><member><Path>/</Path><Arn>arn:3</Arn>\
                 <ServerCertificateName>three</ServerCertificateName><ServerCertificateId>x</ServerCertificateId>\
                 </member></ServerCertificateMetadataList></ListServerCertificatesResult>",
            ),
        ),
        (
            "ListServerCertificates",
            Answer::Ok(
                "<ListServerCertificatesResult><IsTruncated>false</IsTruncated>\
                 <ServerCertificateMetadataList><member><Path>/</Path><Arn>arn:4</Arn>\
                 <ServerCertificateName>four</ServerCertificateName><ServerCertificateId>x</ServerCertificateId>\
                 </member></ServerCertificateMetadataList></ListServerCertificatesResult>",
            ),
        ),
    ]);
    let facts = certificates(&Account::replayed(&replay.endpoint)).await;
    let fact = |arn: &str, names: &[&str], is_of_iam: bool, issued: &str| CertificateFact {
        arn: arn.to_owned(),
        names: names.iter().copied().map(ToOwned::to_owned).collect(),
        is_of_iam,
        issued: issued.to_owned(),
    };
    assert_eq!(
        facts,
        [
            fact("arn:1", &["a.sample.net", "b.sample.net"], false, "2023-11-14T22:13:20Z"),
            fact("arn:2", &["c.sample.net", "z.sample.net"], false, "2023-11-14T22:13:21Z"),
            fact("arn:3", &["three"], true, ""),
            fact("arn:4", &["four"], true, ""),
        ]
    );
    assert_eq!(replay.calls("DescribeCertificate").len(), 1);
    let asked = &replay.calls("ListCertificates")[0]["Body"];
    for part in [r#""CertificateStatuses":["ISSUED"]"#, "EC_prime256v1", "RSA_4096"] {
        assert!(asked.contains(part), "{asked}");
    }
}
