//! Disks within the limits of EBS (EBS user guide, "Amazon EBS volume types").

use asiaq_lang::{Diagnostic, Span};

use crate::errors;
use crate::model::{Disk, Host, Run};

/// The limits of a volume type.
struct Volume {
    name: &'static str,
    /// GiB, from and to.
    size: (u64, u64),
    /// Operations a second: from, to, and for each GiB at most.
    iops: Option<(i64, i64, i64)>,
    /// MiB a second, from and to.
    throughput: Option<(i64, i64)>,
    /// Whether the number of operations is required.
    needs_iops: bool,
}

const VOLUMES: &[Volume] = &[
    Volume {
        name: "gp3",
        size: (1, 65_536),
        iops: Some((3000, 80_000, 500)),
        throughput: Some((125, 2000)),
        needs_iops: false,
    },
    Volume { name: "gp2", size: (1, 16_384), iops: None, throughput: None, needs_iops: false },
    Volume {
        name: "io1",
        size: (4, 16_384),
        iops: Some((100, 64_000, 50)),
        throughput: None,
        needs_iops: true,
    },
    Volume {
        name: "io2",
        size: (4, 65_536),
        iops: Some((100, 256_000, 1000)),
        throughput: None,
        needs_iops: true,
    },
    Volume { name: "st1", size: (125, 16_384), iops: None, throughput: None, needs_iops: false },
    Volume { name: "sc1", size: (125, 16_384), iops: None, throughput: None, needs_iops: false },
];

/// Operations a second of `gp3` that any size has.
const BASELINE: i64 = 3000;
/// Operations a second that each MiB a second of `gp3` takes.
const PER_MIB: i64 = 4;

/// Proves a disk of a hostclass.
pub(super) fn of_hostclass(disk: &Disk, diagnostics: &mut Vec<Diagnostic>) {
    let Some(volume) = VOLUMES.iter().find(|volume| volume.name == disk.volume.value) else { return };
    let size = disk.size.as_ref().map(|size| (size.value, size.place(disk.span)));
    if let Some((size, span)) = size {
        bounds(volume, size, span, diagnostics);
    }
    let iops = disk.iops.as_ref().map(|iops| (iops.value, iops.place(disk.span)));
    match iops {
        Some((iops, span)) => speed(volume, iops, size.map(|(size, _)| size), span, diagnostics),
        None if volume.needs_iops => {
            let place = disk.volume.place(disk.span);
            diagnostics.push(errors::disk_without_iops(place, &disk.name, volume.name));
        }
        None => {}
    }
    let Some(throughput) = &disk.throughput else { return };
    let place = throughput.place(disk.span);
    let Some((low, high)) = volume.throughput else {
        diagnostics.push(errors::disk_without(place, "throughput", volume.name));
        return;
    };
    // Each MiB takes some operations.
    let carried = iops.map_or(BASELINE, |(iops, _)| iops) / PER_MIB;
    if !(low..=high).contains(&throughput.value) {
        diagnostics.push(errors::disk_speed(place, "throughput", volume.name, (low, high)));
    } else if throughput.value > carried {
        diagnostics.push(errors::disk_throughput(place, throughput.value, throughput.value * PER_MIB));
    }
}

/// Proves the further disk of a run.
pub(super) fn of_run(host: &Host, run: &Run, diagnostics: &mut Vec<Diagnostic>) {
    let Some(volume) = VOLUMES.iter().find(|volume| volume.name == "io1") else { return };
    let Some(iops) = &run.iops else { return };
    let Some(extra) = &run.extra_disk else {
        if !host.machine.stateful.value {
            diagnostics.push(errors::iops_of_nothing(iops.place(run.span), &run.hostclass));
        }
        return;
    };
    bounds(volume, extra.value, extra.place(run.span), diagnostics);
    speed(volume, iops.value, Some(extra.value), iops.place(run.span), diagnostics);
}

fn bounds(volume: &Volume, size: u64, span: Span, diagnostics: &mut Vec<Diagnostic>) {
    let (low, high) = volume.size;
    if !(low..=high).contains(&size) {
        diagnostics.push(errors::disk_size(span, volume.name, low, high));
    }
}

fn speed(volume: &Volume, iops: i64, size: Option<u64>, span: Span, diagnostics: &mut Vec<Diagnostic>) {
    let Some((low, high, each)) = volume.iops else {
        diagnostics.push(errors::disk_without(span, "iops", volume.name));
        return;
    };
    let carried =
        size.and_then(|size| i64::try_from(size).ok()).map(|size| (size.saturating_mul(each)).max(low));
    if !(low..=high).contains(&iops) {
        diagnostics.push(errors::disk_speed(span, "iops", volume.name, (low, high)));
    } else if let (Some(size), Some(carried)) = (size, carried)
        && iops > carried
    {
        diagnostics.push(errors::disk_too_small_for(
            span,
            volume.name,
            (size, carried),
            iops.div_euclid(each),
        ));
    }
}
