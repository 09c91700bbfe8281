//! What the library holds that a script made.

use std::path::Path;
use std::process::Command;

use crate::emulator::moto;

#[test]
fn the_instance_types_are_those_of_the_pinned_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = Command::new(moto::python(root)).arg(root.join("stdlib/instance_types.py")).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let kept = std::fs::read(root.join("stdlib/instance_types.txt")).unwrap();
    assert!(made.stdout == kept, "the table is not what the script makes: run `make instance-types`");
}
