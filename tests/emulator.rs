//! The real binary against an emulator: what it does to an account, looked at from outside with boto3.

mod absence;
mod accounts;
mod adopt;
mod bakes;
mod boundaries_move;
mod caches;
mod callers;
mod changes;
mod chaos;
mod clusters;
mod commands;
mod copies;
mod cost;
mod databases;
mod delegation;
mod delegation_abroad;
mod deploys;
mod disk_snapshots;
mod drift;
mod encryption;
mod events;
mod group_metrics;
mod images;
mod instances;
mod interrupts;
mod kept;
mod keys;
mod kills;
mod leases;
mod lent_zones;
mod lifecycle;
mod machines;
mod metadata;
#[path = "../runtime/aws/tests/emulator/moto.rs"]
pub(crate) mod moto;
mod names;
mod new_project;
mod operate;
mod operators;
mod ordinary;
mod organisation;
mod origins;
#[cfg(unix)]
mod overlay;
mod permissions;
mod principals;
#[path = "../runtime/aws/tests/emulator/faults/program.rs"]
mod program;
#[path = "../runtime/aws/tests/emulator/proxy.rs"]
pub(crate) mod proxy;
mod pruning;
mod publishers;
mod quotas;
#[cfg(unix)]
mod remote;
mod renames;
mod risk;
mod run_commands;
mod safety;
mod sandboxes;
mod saved_plans;
mod screen;
mod search;
#[path = "../runtime/aws/tests/emulator/search_server.rs"]
pub(crate) mod search_server;
mod secrets;
mod show;
mod sshd;
mod status;
mod storage;
mod tables;
mod tail;
mod takeover;
mod throttled;
mod unmanaged;
mod unread;
mod untagged;
mod watch;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// A folder with a program, and an account of one's own.
pub(crate) struct World {
    folder: tempfile::TempDir,
    credentials: moto::Credentials,
}

/// What a run of the binary said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    pub(crate) fn new(program: &str) -> Self {
        let world = Self::empty();
        world.write(program);
        world
    }

    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), credentials: moto::new_account() }
    }

    /// An empty folder, in the account of this id.
    pub(crate) fn in_account(id: &str) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), credentials: moto::account(id.to_owned()) }
    }

    /// The program with every kind of resource, in an account in which it can be applied.
    pub(crate) fn of_every_kind() -> Self {
        Self::stocked(&program::first())
    }

    /// The same without what belongs to the account itself.
    pub(crate) fn of_environments() -> Self {
        Self::stocked(&program::environments())
    }

    fn stocked(program: &str) -> Self {
        let world = Self::new(program);
        let account = serde_json::json!({ "images": program::IMAGES, "zones": [program::DOMAIN] });
        world.stock_with(&account.to_string());
        world.boto(
            "gateway = ec2.create_vpn_gateway(Type='ipsec.1')['VpnGateway']['VpnGatewayId']
ec2.create_tags(Resources=[gateway], Tags=[{'Key': 'Name', 'Value': 'ci'}])
# The smoke test of `front`.
content = '{\"schemaVersion\": \"2.2\", \"mainSteps\": []}'
client('ssm').create_document(Name='front', Content=content, DocumentType='Command', DocumentFormat='JSON')",
        );
        world.make_credential_bucket(&world.credentials.account);
        world
    }

    /// Makes the credential bucket of the project with this ending. All accounts of the emulator share the names.
    pub(crate) fn make_credential_bucket(&self, ending: &str) {
        self.boto(&format!(
            "client('s3').create_bucket(Bucket='us-west-2.shop.credentials.{ending}',
    CreateBucketConfiguration={{'LocationConstraint': 'us-west-2'}})"
        ));
    }

    /// Replaces the program.
    pub(crate) fn write(&self, program: &str) {
        let program = program.replace(program::OWN, &self.credentials.account);
        std::fs::write(self.path("infra.asq"), program).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command in the world's folder and account.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env("AWS_ENDPOINT_URL", moto::endpoint())
            .env("AWS_ACCESS_KEY_ID", &self.credentials.access)
            .env("AWS_SECRET_ACCESS_KEY", &self.credentials.secret)
            .env("AWS_SESSION_TOKEN", &self.credentials.token)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", self.path("no-config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", self.path("no-credentials"))
            .env_remove("COLUMNS")
            .env_remove("AWS_PROFILE")
            .env_remove("AWS_REGION");
        command
    }

    pub(crate) fn asiaq(&self, arguments: &[&str]) -> Said {
        Said::of(&self.command(env!("CARGO_BIN_EXE_asiaq")).args(arguments).output().unwrap())
    }

    /// The same with a variable of the environment.
    fn asiaq_with(&self, arguments: &[&str], variable: Option<(&str, &str)>) -> Said {
        let mut command = self.command(env!("CARGO_BIN_EXE_asiaq"));
        Said::of(&command.args(arguments).envs(variable).output().unwrap())
    }

    /// The same by way of a proxy.
    pub(crate) fn asiaq_through(&self, proxy: &proxy::Proxy, arguments: &[&str]) -> Said {
        let mut command = self.command(env!("CARGO_BIN_EXE_asiaq"));
        // Host keys are kept in the home of a person.
        command.env("AWS_ENDPOINT_URL", proxy.endpoint()).env("HOME", self.folder.path());
        Said::of(&command.args(arguments).output().unwrap())
    }

    /// The same, with few further attempts at a call that fails.
    pub(crate) fn asiaq_impatient(&self, proxy: &proxy::Proxy, arguments: &[&str]) -> Said {
        let mut command = self.command(env!("CARGO_BIN_EXE_asiaq"));
        command.env("AWS_MAX_ATTEMPTS", "2").env("AWS_ENDPOINT_URL", proxy.endpoint());
        Said::of(&command.args(arguments).output().unwrap())
    }

    /// The operations that a command calls, in order. It ends with `code`.
    fn calls_of(&self, proxy: &proxy::Proxy, arguments: &[&str], code: i32) -> Vec<String> {
        let said = self.asiaq_through(proxy, arguments);
        assert_eq!(said.code, code, "{said:#?}");
        let calls = proxy.operations();
        proxy.clear();
        calls
    }

    /// Kills a command while its n-th call has taken effect and is not answered; false for one that ends before.
    fn kill_at(&self, n: usize, arguments: &[&str]) -> bool {
        let proxy = proxy::Proxy::start(moto::endpoint());
        proxy.at(n, proxy::Fault::Hanging(proxy::Moment::After));
        let mut run = self.command(env!("CARGO_BIN_EXE_asiaq"));
        let run = run.args(arguments).env("AWS_ENDPOINT_URL", proxy.endpoint());
        let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !proxy.is_hanging_within(Duration::from_millis(20)) {
            if run.try_wait().unwrap().is_some() {
                return false;
            }
        }
        run.kill().unwrap();
        run.wait().unwrap();
        true
    }

    /// Applies the program and asserts that nothing is left to do.
    pub(crate) fn apply(&self) -> Said {
        let said = self.asiaq(&["apply", "--yes"]);
        assert_eq!(said.code, 0, "{said:#?}");
        self.assert_settled();
        said
    }

    /// Asserts that a plan has nothing to do.
    fn assert_settled(&self) {
        let plan = self.asiaq(&["plan"]);
        assert_eq!(plan.code, 0, "a plan right after an apply is empty: {plan:#?}");
    }

    /// What is in the account, from outside.
    fn look(&self) -> String {
        self.python(&[])
    }

    /// The lines of [`World::look`] that contain `part`.
    fn lines(&self, part: &str) -> Vec<String> {
        self.look().lines().filter(|line| line.contains(part)).map(|line| line.trim().to_owned()).collect()
    }

    /// Runs Python with `ec2`, a client, and `client(SERVICE)`, and gives what it assigns to `result`, as JSON.
    pub(crate) fn boto(&self, code: &str) -> serde_json::Value {
        serde_json::from_str(&self.python(&["run", code])).unwrap()
    }

    /// Gives the account what the file `account.json` of the world's folder says, where there is one.
    pub(crate) fn stock(&self) {
        if self.path("account.json").exists() {
            self.script("stock.py", &["account.json"]);
        }
    }

    /// Gives the account what `account` says, in the form of the file `account.json`.
    fn stock_with(&self, account: &str) {
        std::fs::write(self.path("account.json"), account).unwrap();
        self.stock();
    }

    fn python(&self, arguments: &[&str]) -> String {
        self.script("look.py", arguments)
    }

    /// Gives the account what the program in `folder` looks up there.
    fn stock_for(&self, folder: &str) -> String {
        let ir = self.asiaq(&["ir", folder]);
        assert_eq!(ir.code, 0, "{ir:#?}");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = self.command(moto::python(root));
        std::fs::write(self.path("ir.json"), ir.stdout).unwrap();
        command
            .arg(root.join("tests/emulator/stock.py"))
            .stdin(std::fs::File::open(self.path("ir.json")).unwrap());
        let said = Said::of(&command.output().unwrap());
        assert_eq!(said.code, 0, "{}", said.stderr);
        said.stdout
    }

    /// Runs one of the scripts beside the tests for us-west-2.
    fn script(&self, name: &str, arguments: &[&str]) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = self.command(moto::python(root));
        command.arg(root.join("tests/emulator").join(name)).arg("us-west-2").args(arguments);
        let said = Said::of(&command.output().unwrap());
        assert_eq!(said.code, 0, "{}", said.stderr);
        said.stdout
    }
}

impl Said {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A text without its line breaks.
fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
