//! The command line as people and programs see it: transcripts of the real binary, without AWS.

mod commands;
mod diagnostics;
mod drawing;
mod fixes;
mod fmt;
mod import;
mod pages;
mod reach;
mod reports;
#[cfg(feature = "aws")]
mod surroundings;
mod warnings;
mod widths;

use std::fmt::Write as _;
use std::process::Command;

/// A project that uses most of what can be shown without an account.
const SAMPLE: &str = r#"/// The sample company.
project sample { region = us-west-2 }
account main { id = "123456789012" }

envtype box {
  zones = 2
  metanetwork web {
    ingress = [tcp [80, 443] from internet "the web", tcp 22 from web]
    routes  = [internet via igw]
  }
}
env ci      : box { cidr = auto /20 in 10.128.0.0/9, zones = 1 }
env staging : box { cidr = 10.102.0.0/16, protect = true, account = main }
"#;

/// A folder with files in it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_asiaq"));
        command.current_dir(self.0.path());
        for name in
            ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION"]
        {
            command.env_remove(name);
        }
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "AWS_ENDPOINT_URL", "GITHUB_WORKSPACE"] {
            command.env_remove(name);
        }
        command
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "no-config")
            .env("AWS_SHARED_CREDENTIALS_FILE", "no-credentials")
            .env("COLUMNS", "100");
        command
    }

    /// Runs one command after another and writes down what each said.
    fn transcript(&self, lines: &[&str]) -> String {
        lines.iter().map(|line| self.run(line, &[])).collect::<Vec<_>>().join("\n")
    }

    fn run(&self, line: &str, environment: &[(&str, &str)]) -> String {
        let mut command = self.command();
        let output =
            command.args(line.split_whitespace()).envs(environment.iter().copied()).output().unwrap();
        let mut text = format!("$ asiaq {line}\n");
        for (name, stream) in [("", &output.stdout), ("stderr: ", &output.stderr)] {
            for line in String::from_utf8_lossy(stream).lines() {
                let _ = writeln!(text, "{}", format!("{name}{line}").trim_end());
            }
        }
        let _ = writeln!(text, "[exit {}]", output.status.code().unwrap());
        text
    }
}
