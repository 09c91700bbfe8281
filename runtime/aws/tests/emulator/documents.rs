use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Document, Kind, document_content};
use aws_sdk_ssm::types::{DocumentFormat, DocumentType};

use crate::account::{Account, tags};
use crate::moto;
use crate::proxy::Proxy;

/// What a document runs, laid out as people do.
fn text(command: &str) -> String {
    format!(
        r#"{{
  "schemaVersion": "2.2",
  "description": "a document",
  "mainSteps": [{{"action": "aws:runShellScript", "name": "run", "inputs": {{"runCommand": ["{command}"]}}}}]
}}"#
    )
}

fn document(command: &str) -> Document {
    Document {
        name: "shop-restart".to_owned(),
        of: "Command".to_owned(),
        format: "JSON".to_owned(),
        content: document_content("JSON", &text(command)),
        target: None,
    }
}

fn by_hand(account: &Account) -> aws_sdk_ssm::Client {
    aws_sdk_ssm::Client::new(&account.sdk)
}

/// The numbers of the versions, with that of the default one.
async fn versions(account: &Account) -> (BTreeSet<String>, String) {
    let listed = by_hand(account).list_document_versions().name("shop-restart").send().await.unwrap();
    let number =
        |version: &aws_sdk_ssm::types::DocumentVersionInfo| version.document_version.clone().unwrap();
    let default = listed.document_versions().iter().find(|version| version.is_default_version).unwrap();
    (listed.document_versions().iter().map(number).collect(), number(default))
}

#[tokio::test]
async fn a_document_lives_and_every_field_changes() {
    let account = Account::new();
    let first = document("one");
    let yaml = Document {
        format: "YAML".to_owned(),
        content: "schemaVersion: \"2.2\"\ndescription: in YAML\nmainSteps: []".to_owned(),
        ..first.clone()
    };
    let targeted = Document { target: Some("/AWS::EC2::Instance".to_owned()), ..document("two") };
    let changes = [document("two").into(), targeted.into(), yaml.into(), first.clone().into()];
    account.lives("document/restart", first, &changes).await;
}

#[tokio::test]
async fn another_content_is_a_new_version_that_becomes_the_default() {
    let account = Account::new();
    account.create("document/restart", document("one")).await;
    let live = account.found(Kind::Document, "document/restart").await.unwrap();
    account.update(&live, &document("two").into()).await.unwrap();
    assert_eq!(versions(&account).await, (["1", "2"].map(str::to_owned).into(), "2".to_owned()));
    // An older version with the content is switched to, and none is added.
    let live = account.found(Kind::Document, "document/restart").await.unwrap();
    account.update(&live, &document("one").into()).await.unwrap();
    assert_eq!(versions(&account).await, (["1", "2"].map(str::to_owned).into(), "1".to_owned()));
}

#[tokio::test]
async fn a_version_that_is_not_the_default_does_not_count() {
    let account = Account::new();
    account.create("document/restart", document("one")).await;
    // A run that was stopped before it switched, and wrote the text in another layout.
    let update = by_hand(&account).update_document().name("shop-restart").document_version("$LATEST");
    update.document_format(DocumentFormat::Json).content(text("two")).send().await.unwrap();
    let live = account.found(Kind::Document, "document/restart").await.unwrap();
    assert_eq!(live.resource, document("one").into());
    account.update(&live, &document("two").into()).await.unwrap();
    assert_eq!(versions(&account).await, (["1", "2"].map(str::to_owned).into(), "2".to_owned()));
    let live = account.found(Kind::Document, "document/restart").await.unwrap();
    assert_eq!(live.resource, document("two").into(), "layout means nothing");
}

#[tokio::test]
async fn old_versions_go_but_for_those_with_a_name() {
    let account = Account::new();
    account.create("document/restart", document("0")).await;
    let update = by_hand(&account).update_document().name("shop-restart").document_version("$LATEST");
    let update = update.document_format(DocumentFormat::Json).version_name("kept");
    update.content(text("by hand")).send().await.unwrap();
    for command in 1..10 {
        let live = account.found(Kind::Document, "document/restart").await.unwrap();
        account.update(&live, &document(&command.to_string()).into()).await.unwrap();
    }
    let (left, default) = versions(&account).await;
    assert_eq!(default, "11");
    assert_eq!(left, ["2", "7", "8", "9", "10", "11"].map(str::to_owned).into());
}

#[tokio::test]
async fn the_documents_of_others_are_theirs() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    // More than a page.
    for number in 0..60 {
        let make = by_hand(&account).create_document().name(format!("theirs-{number}"));
        let make = make.document_type(DocumentType::Command).document_format(DocumentFormat::Json);
        make.content(text(&number.to_string())).send().await.unwrap();
    }
    account.create("document/restart", document("one")).await;
    proxy.clear();
    assert_eq!(account.list(Kind::Document).await.found.len(), 1);
    let read = proxy.calls().iter().filter(|call| call.operation == "GetDocument").count();
    assert_eq!(read, 1, "only one's own is read");
    let taken = Document { name: "theirs-1".to_owned(), ..document("one") };
    let refused = account.try_create("document/taken", taken).await.unwrap_err();
    assert_eq!(refused.code, "DocumentAlreadyExists");
    assert!(refused.message.contains("no tags say whose it is"), "{refused}");
}

#[tokio::test]
async fn the_tags_of_a_document_change() {
    let account = Account::new();
    account.create("document/restart", document("one")).await;
    let live = account.found(Kind::Document, "document/restart").await.unwrap();
    let set = BTreeMap::from([("owner".to_owned(), "ops".to_owned())]);
    account.retag(&live, &live.resource, &set, &BTreeSet::from(["Name".to_owned()])).await.unwrap();
    let mut expected = tags(&document("one").into(), "document/restart");
    expected.remove("Name");
    expected.extend(set);
    assert_eq!(account.found(Kind::Document, "document/restart").await.unwrap().tags, expected);
}

#[tokio::test]
async fn a_document_whose_answer_is_lost_is_taken_for_the_own_one() {
    for operation in ["CreateDocument", "UpdateDocument", "UpdateDocumentDefaultVersion"] {
        let (account, _proxy) = Account::losing(operation);
        let changes = [document("two").into()];
        account.lives("document/restart", document("one"), &changes).await;
    }
}
