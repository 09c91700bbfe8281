//! The disks of instances, in order of their letters: the root, the one of a snapshot, additional disks, and the
//! instance store volumes.

use asiaq_ir::{Disk, SnapshotFact};
use asiaq_lang::Span;

use super::Running;
use super::image::{self, Chosen};
use crate::errors;
use crate::evaluate::Resolved;
use crate::library::instance_type;
use crate::lower::Lowering;

/// The root device of an unknown AMI.
const ROOT: &str = "/dev/sda";
/// Size of the root disk of an unknown AMI, in GiB.
const ROOT_SIZE: u64 = 8;
/// Letters of the disks other than the root.
const LETTERS: std::ops::RangeInclusive<char> = 'b'..='z';

/// A disk, and the places of its fields.
pub(super) struct Placed {
    pub(super) disk: Disk,
    /// By name of the field.
    pub(super) places: Vec<(&'static str, Span)>,
}

impl Placed {
    fn new<const N: usize>(disk: Disk, places: [(&'static str, Option<Span>); N]) -> Self {
        let places = places.into_iter().filter_map(|(field, place)| Some((field, place?)));
        Self { disk, places: places.collect() }
    }
}

/// The place that sets a field; absent for a default.
fn said<T>(field: Option<&Resolved<T>>) -> Option<Span> {
    field.map(Resolved::span).filter(|place| !crate::library::is_schema(place.file))
}

impl Lowering<'_> {
    pub(super) fn disks(&mut self, running: Running<'_>, image: &Chosen<'_>) -> Vec<Placed> {
        let Running { host, run, .. } = running;
        let root_size = said(host.machine.root_size.as_ref()).or(said(run.extra_space.as_ref()));
        let of_image = self.root(running, image).map(|root| Placed::new(root, [("size", root_size)]));
        let mut disks: Vec<Placed> = of_image.into_iter().collect();
        let iops = run.iops.as_ref().and_then(|iops| u32::try_from(iops.value).ok());
        let io1 = || iops.map(|_| "io1".to_owned());
        let mut further: Vec<Placed> = Vec::new();
        if let Some(snapshot) = self.snapshot(running) {
            let disk = Disk {
                size: Some(snapshot.size),
                snapshot: Some(snapshot.id.clone()),
                volume: io1(),
                iops,
                ..Disk::default()
            };
            further.push(Placed::new(disk, [("iops", said(run.iops.as_ref()))]));
        }
        if let Some(extra) = &run.extra_disk {
            let disk = Disk { size: whole(extra.value), volume: io1(), iops, ..Disk::default() };
            further.push(Placed::new(disk, [("size", said(Some(extra))), ("iops", said(run.iops.as_ref()))]));
        }
        for disk in &host.machine.disks {
            let number =
                |said: &Option<Resolved<i64>>| said.as_ref().and_then(|said| u32::try_from(said.value).ok());
            let lowered = Disk {
                size: disk.size.as_ref().and_then(|size| whole(size.value)),
                volume: Some(disk.volume.value.clone()),
                iops: number(&disk.iops),
                throughput: number(&disk.throughput),
                encrypted: Some(disk.encrypted.value),
                ..Disk::default()
            };
            let places = [
                ("size", said(disk.size.as_ref())),
                ("iops", said(disk.iops.as_ref())),
                ("throughput", said(disk.throughput.as_ref())),
            ];
            further.push(Placed::new(lowered, places));
        }
        let own = (0..own_disks(running)).map(|n| Disk { ephemeral: Some(n), ..Disk::default() });
        further.extend(own.map(|disk| Placed::new(disk, [])));
        let room = LETTERS.count();
        if further.len() > room {
            self.diagnostics.push(errors::too_many_disks(run.span, &host.name, further.len(), room));
        }
        disks.extend(LETTERS.zip(further).map(|(letter, Placed { disk, places })| Placed {
            disk: Disk { device: format!("/dev/sd{letter}"), ..disk },
            places,
        }));
        disks
    }

    /// The root disk, if the AMI is known or the program sets any of its fields.
    fn root(&mut self, running: Running<'_>, image: &Chosen<'_>) -> Option<Disk> {
        let said = running.host.machine.root_size.as_ref();
        let extra = running.run.extra_space.as_ref();
        let fact = image.fact();
        if fact.is_none() && said.is_none() && extra.is_none() {
            return None;
        }
        let images = fact.and_then(|image| image.root_size);
        if let (Some(said), Some(images)) = (said, images)
            && said.value < u64::from(images)
        {
            let place = said.place(running.run.span);
            self.diagnostics.push(errors::root_too_small(place, said.value, images, &running.host.name));
        }
        let size = match (said, extra) {
            (None, None) => None,
            (said, extra) => {
                if let (None, Some(extra), Chosen::Pinned(id)) = (said, extra, image)
                    && self.region(running.env).is_some()
                {
                    let place = extra.place(running.run.span);
                    self.diagnostics.push(errors::root_unknown(place, id, image::place(running)));
                }
                let base = said.map_or_else(|| images.map_or(ROOT_SIZE, u64::from), |said| said.value);
                whole(base.saturating_add(extra.map_or(0, |extra| extra.value)))
            }
        };
        let device = fact.map(|image| image.root_device.as_str()).filter(|device| !device.is_empty());
        Some(Disk { device: device.unwrap_or(ROOT).to_owned(), size, ..Disk::default() })
    }

    /// The newest snapshot of a hostclass with a persistent disk.
    fn snapshot(&self, running: Running<'_>) -> Option<&SnapshotFact> {
        let Running { env, host, .. } = running;
        if !host.machine.stateful.value {
            return None;
        }
        let is_its = |snapshot: &&SnapshotFact| {
            let tag = |key: &str| snapshot.tags.get(key).map(String::as_str);
            snapshot.is_completed && tag("hostclass") == Some(&host.name) && tag("env") == Some(&env.name)
        };
        let snapshots = self.region(env)?.snapshots.iter().filter(is_its);
        snapshots.max_by(|a, b| (&a.started, &a.id).cmp(&(&b.started, &b.id)))
    }
}

/// The number of instance store volumes. Default: as many as every allowed instance type has.
fn own_disks(running: Running<'_>) -> u8 {
    let said = running.host.machine.ephemeral.as_ref().and_then(|said| u8::try_from(said.value).ok());
    let has = |name: &str| instance_type(name).map_or(0, |known| known.disks);
    said.unwrap_or_else(|| running.types().map(has).min().unwrap_or(0))
}

fn whole(size: u64) -> Option<u32> {
    u32::try_from(size).ok()
}
