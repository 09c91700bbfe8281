//! How long it takes to read and check policies.

// What is measured is time, and what is measured is printed.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

#[path = "../../../tests/bench/table.rs"]
#[allow(dead_code, reason = "its sizes are of projects")]
mod table;

use asiaq_iam::check::{Use, check, escalations};
use asiaq_iam::document::read::read;
use table::{Table, fastest};

/// Actions, each with a resource that it takes.
const ACTIONS: &[(&str, &str)] = &[
    ("s3:GetObject", "arn:aws:s3:::bucket/*"),
    ("s3:ListBucket", "arn:aws:s3:::bucket"),
    ("ec2:Describe*", "*"),
    ("dynamodb:Query", "arn:aws:dynamodb:*:*:table/t"),
    ("sqs:SendMessage", "arn:aws:sqs:*:*:queue"),
    ("sns:Publish", "arn:aws:sns:*:*:topic"),
    ("kms:Decrypt", "arn:aws:kms:*:*:key/*"),
    ("ssm:GetParameter", "arn:aws:ssm:*:*:parameter/app/*"),
    ("iam:PassRole", "arn:aws:iam::*:role/app"),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:app-*"),
    ("cloudwatch:PutMetricData", "*"),
    ("logs:PutLogEvents", "arn:aws:logs:*:*:log-group:app:*"),
];

/// The policies of roles, a statement a line.
fn policies(roles: usize, statements: usize) -> Vec<String> {
    let statement = |number: usize| {
        let (action, resource) = ACTIONS.get(number % ACTIONS.len()).unwrap_or(&("s3:*", "*"));
        let condition = match number % 4 {
            0 => {
                r#","Condition":{"StringEquals":{"aws:PrincipalTag/team":"a"},"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#
            }
            _ => "",
        };
        let effect = if number % 9 == 8 { "Deny" } else { "Allow" };
        format!(r#"{{"Effect":"{effect}","Action":["{action}"],"Resource":["{resource}"]{condition}}}"#)
    };
    let role = |role: usize| {
        let list: Vec<String> = (0..statements).map(|number| statement(role + number)).collect();
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, list.join(",\n"))
    };
    (0..roles).map(role).collect()
}

fn main() {
    let mut table = Table::new("read and check policies of 50 roles, a statement a line");
    for statements in [10, 20, 40, 80] {
        let texts = policies(50, statements);
        let work = || {
            let check_one = |text: &String| {
                let document = read(text).document;
                document.map_or(0, |document| {
                    check(&document, Use::Identity).len() + escalations(&[&document]).len()
                })
            };
            texts.iter().map(check_one).sum::<usize>()
        };
        table.row(&texts.join("\n"), fastest(work));
    }
}
