//! Machines that cannot be made as they are said.

use asiaq_lang::{Diagnostic, Span};

// --------------------------------------------------------------------------------------------- Images

pub(crate) fn image_unknown(
    span: Span,
    hostclass: &str,
    env: &str,
    region: &str,
    near: Option<String>,
) -> Diagnostic {
    let message = format!("there is no image of `{hostclass}` for `{env}` in {region}");
    let found = Diagnostic::error("image-unknown", span, message);
    match near {
        Some(near) => found.help(format!("the newest of its name, {near}")),
        None => found
            .help(format!("make one that is called `{hostclass} SECONDS`, or name one: `ami = \"ami-…\"`")),
    }
}

pub(crate) fn image_of_another(span: Span, image: &str, of: &str, hostclass: &str) -> Diagnostic {
    Diagnostic::error(
        "image-of-another",
        span,
        format!("{image} is an image of `{of}`, not of `{hostclass}`"),
    )
    .help(format!("name an image of `{hostclass}`, or none for its newest"))
}

pub(crate) fn image_architecture(
    span: Span,
    instance_type: &str,
    image: &str,
    architecture: &str,
) -> Diagnostic {
    Diagnostic::error(
        "image-architecture",
        span,
        format!("`{instance_type}` cannot run {image}, which is made for {architecture}"),
    )
    .help("take an instance type of that architecture, or an image for this one")
}

// ---------------------------------------------------------------------------------------------- Disks

pub(crate) fn too_many_disks(span: Span, hostclass: &str, disks: usize, room: usize) -> Diagnostic {
    let message =
        format!("machines of `{hostclass}` have {disks} disks beside the root, and letters go to {room}");
    Diagnostic::error("too-many-disks", span, message).help("take some out, or set a smaller `ephemeral`")
}

pub(crate) fn root_too_small(span: Span, said: u64, images: u32, hostclass: &str) -> Diagnostic {
    Diagnostic::error(
        "root-too-small",
        span,
        format!("the root disk of `{hostclass}` is to have {said}GB, and that of its image has {images}GB"),
    )
    .help(format!("write {images}GB or more, or `extra_space` in the `run` for what comes on top"))
}

pub(crate) fn root_unknown(span: Span, image: &str, pinned: Span) -> Diagnostic {
    Diagnostic::error(
        "root-unknown",
        span,
        format!("nobody knows how large the root disk of {image} is, so that nothing can be added to it"),
    )
    .related(pinned, "the image is neither of this account nor shared with it")
    .help("say how large the root disk is to be: `root_size` of the hostclass")
}

// ------------------------------------------------------------------------------------------ User data

pub(crate) fn user_data_too_long(span: Span, hostclass: &str, bytes: usize, limit: usize) -> Diagnostic {
    let message = format!("the user data of `{hostclass}` has {bytes} bytes, and EC2 takes {limit}");
    Diagnostic::error("user-data-too-long", span, message)
        .help("keep long texts elsewhere, and tell machines where")
}
