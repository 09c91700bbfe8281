//! A real OpenSSH server on loopback that stands for the instances of bakes, with keys, a configuration and a home of its own.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::moto;

/// A server, and the folder that is the instance. It ends when it is dropped.
pub(super) struct Sshd {
    folder: tempfile::TempDir,
    server: Child,
    /// The user who may log in: the one who runs the tests.
    pub(super) user: String,
    /// Its host key, without a comment.
    pub(super) host_key: String,
    pub(super) port: u16,
}

fn text_of(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn is_installed(program: &str) -> bool {
    let found = |folder: &Path| folder.join(program).exists();
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| found(&folder)) || found(Path::new("/usr/sbin"))
}

/// Whether bakes can be tried: with `sshd` and `rsync`, as a user who may become root. In CI they can.
pub(super) fn can_be_tried() -> bool {
    for program in ["sshd", "ssh", "ssh-keygen", "rsync"] {
        if !is_installed(program) {
            assert!(std::env::var_os("CI").is_none(), "CI has no {program}");
            return false;
        }
    }
    let is_root = text_of("id", &["-u"]) == "0";
    is_root || Command::new("sudo").args(["-n", "true"]).status().is_ok_and(|status| status.success())
}

impl Sshd {
    /// Starts one for the instances of an account. They have the keys of its key pairs.
    pub(super) fn start(account: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        for name in ["home/.ssh", "root/etc/ssh", "root/tmp", "root/root", "root/home"] {
            std::fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        let made =
            Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f", &at("key")]).status();
        assert!(made.unwrap().success());
        let keys = moto::keys_folder().join(account);
        // What EC2 does at the first boot: the key goes into the file of the user. The home is not the tester's own.
        let wrapper = format!(
            "#!/bin/sh\nexport HOME={home}\ncd \"$HOME\" || exit 1\n[ -s .ssh/authorized_keys ] || cp {keys} \
             .ssh/authorized_keys\nexec /bin/sh -c \"$SSH_ORIGINAL_COMMAND\"\n",
            home = at("home"),
            keys = keys.display()
        );
        std::fs::write(at("wrapper"), wrapper).unwrap();
        std::fs::set_permissions(at("wrapper"), std::fs::Permissions::from_mode(0o755)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let configuration = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\n\
             UsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\nMaxStartups 50\nForceCommand {}\n",
            at("key"),
            keys.display(),
            at("wrapper")
        );
        std::fs::write(at("sshd_config"), configuration).unwrap();
        let client = format!("Host *\n  HostName 127.0.0.1\n  Port {port}\n");
        std::fs::write(at("ssh_config"), client).unwrap();
        // Where it is started as root, it wants this folder.
        let _ = std::fs::create_dir("/run/sshd");
        let server = Command::new("/usr/sbin/sshd")
            .args(["-D", "-f", &at("sshd_config"), "-E", &at("log")])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(20), "sshd does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        let host_key = std::fs::read_to_string(at("key.pub")).unwrap();
        let host_key = host_key.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        let user = text_of("id", &["-un"]);
        Self { folder, server, user, host_key, port }
    }

    /// A file or folder of it.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The file with which `ssh` finds it, whatever address an instance has.
    pub(super) fn config(&self) -> String {
        self.path("ssh_config").display().to_string()
    }

    /// A configuration that goes there through another one.
    pub(super) fn config_through(&self, jump: &Self, key: &str) -> String {
        let known = format!("[127.0.0.1]:{} {}\n", jump.port, jump.host_key);
        std::fs::write(self.path("known"), known).unwrap();
        let client = format!(
            "Host jump\n  HostName 127.0.0.1\n  Port {}\n  User {}\n  IdentityFile {key}\n  UserKnownHostsFile {}\n  \
             HostKeyAlias [127.0.0.1]:{}\nHost 127.0.0.1\n  Port {}\n  ProxyCommand ssh -F {} -W %h:%p jump\n",
            jump.port,
            jump.user,
            self.path("known").display(),
            jump.port,
            self.port,
            self.path("through").display()
        );
        std::fs::write(self.path("through"), client).unwrap();
        self.path("through").display().to_string()
    }

    /// What it says in its log.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
