//! The host keys that instances write to their consoles.

/// Words that begin a key in the form of OpenSSH.
const KEY_TYPES: &[&str] =
    &["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"];

/// The host keys that an instance has written to its console: lines such as `ssh-ed25519 AAAA…`, the last block of them.
pub(super) fn host_keys(console: &str) -> Vec<String> {
    let (begin, end) = ("BEGIN SSH HOST KEY KEYS", "END SSH HOST KEY KEYS");
    let mut keys = Vec::new();
    let mut block: Option<Vec<String>> = None;
    for line in console.lines() {
        if line.contains(begin) {
            block = Some(Vec::new());
        } else if line.contains(end) {
            keys = block.take().filter(|found| !found.is_empty()).unwrap_or(keys);
        } else if let Some(block) = &mut block {
            let mut words = line.split_whitespace().skip_while(|word| !KEY_TYPES.contains(word));
            if let (Some(of), Some(key)) = (words.next(), words.next()) {
                block.push(format!("{of} {key}"));
            }
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_keys_are_those_of_the_last_whole_block() {
        let console = "[ 10.1] boot\r\n-----BEGIN SSH HOST KEY KEYS-----\r\nssh-rsa OLD root@old\r\n\
                       -----END SSH HOST KEY KEYS-----\r\nmore\r\n\
                       [   14.2] cloud-init[712]: -----BEGIN SSH HOST KEY KEYS-----\r\n\
                       [   14.2] cloud-init[712]: ecdsa-sha2-nistp256 AAAA1 root@ip\r\nnoise\r\n\
                       ssh-ed25519 AAAA2 root@ip\r\n-----END SSH HOST KEY KEYS-----\r\n\
                       -----BEGIN SSH HOST KEY KEYS-----\r\nssh-rsa HALF";
        assert_eq!(host_keys(console), ["ecdsa-sha2-nistp256 AAAA1", "ssh-ed25519 AAAA2"]);
        assert_eq!(host_keys("-----BEGIN SSH HOST KEY KEYS-----\nssh-rsa HALF\n"), Vec::<String>::new());
        assert_eq!(host_keys(""), Vec::<String>::new());
    }
}
