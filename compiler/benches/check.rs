//! How long it takes to read and check a project.

// What is measured is time, and what is measured is printed.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

#[path = "../../tests/generator.rs"]
mod generator;
#[path = "support/one_file.rs"]
mod one_file;
#[path = "../../tests/bench/table.rs"]
mod table;

use std::fmt::Write as _;

use asiaq_compiler::{Checked, Workspace, check};
use one_file::OneFile;
use table::{Table, fastest, sizes};

fn checked(text: &str) -> Checked {
    let workspace = Workspace::load(&["infra.asq".to_owned()], &OneFile(text)).unwrap_or_default();
    check(workspace)
}

/// Roles of one account, with so many statements each, a statement a line.
fn roles(count: usize, statements: usize) -> String {
    const STATEMENTS: [&str; 5] = [
        "allow s3:GetObject on \"arn:aws:s3:::shop-config/*\"",
        "allow [sqs:SendMessage, sqs:ReceiveMessage] on \"arn:aws:sqs:*:*:shop-*\" when aws:SourceIp is 10.0.0.0/8",
        "deny  dynamodb:DeleteItem on \"arn:aws:dynamodb:*:*:table/t\" when aws:MultiFactorAuthPresent is false",
        "allow kms:Decrypt on \"arn:aws:kms:*:*:key/*\" when aws:PrincipalTag/team is [\"web\", \"api\"]",
        "allow cloudwatch:PutMetricData on all",
    ];
    let mut text =
        "project shop { region = us-west-2 }\naccount live {\n  id = \"111111111111\"\n".to_owned();
    for role in 0..count {
        let _ = writeln!(text, "  role r{role} {{\n    trust = ec2");
        for number in 0..statements {
            let statement = STATEMENTS.iter().cycle().nth(role + number).unwrap_or(&"");
            let _ = writeln!(text, "    {statement} \"s{number}\"");
        }
        text += "  }\n";
    }
    text + "}\n"
}

fn main() {
    let mut table = Table::new("parse and check 50 roles, a statement a line");
    for statements in [10, 20, 40, 80] {
        let text = roles(50, statements);
        table.row(&text, fastest(|| checked(&text)));
    }
    for environments in [1, 16] {
        let mut table = Table::new(&format!("parse and check, environments: {environments}"));
        for lines in sizes() {
            let text = generator::project(lines, environments);
            table.row(&text, fastest(|| checked(&text)));
        }
    }
}
