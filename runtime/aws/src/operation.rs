//! The operations of AWS that asiaq calls, each declared once, in the file that calls it.

use asiaq_ir::Need;

use crate::service::Service;

/// One operation of one service: the label of its calls in errors and events, and the IAM action that it needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    pub(crate) service: &'static Service,
    /// The name of the call, such as `CreateVpc`.
    pub(crate) name: &'static str,
    /// The IAM action, such as `ec2:CreateVpc`.
    pub(crate) action: &'static str,
    pub(crate) access: Access,
}

/// When a policy has to allow an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Always: every plan lists every kind, declared or not.
    Read,
    /// Where the project may have a resource of the kind: nobody else's is read so.
    Own,
    /// Where a program needs this fact of the account.
    Fact(Need),
    /// Where an apply can create, change or tag a declared resource.
    Write,
    /// Where an apply or a destroy can delete a declared resource, or change it because another one is deleted.
    Delete,
    /// Never: IAM has no action for the operation.
    Free,
}

/// The IAM actions of a kind: the operations that its files declare.
pub(crate) type IamActions = &'static [&'static [Operation]];

impl Operation {
    /// The name of the service in IAM, such as `ec2`.
    pub(crate) fn service_name(self) -> &'static str {
        self.action.split_once(':').map_or(self.name, |(service, _)| service)
    }

    /// The same operation, for another kind that needs it for something else.
    pub(crate) const fn used_for(self, access: Access) -> Self {
        Self { access, ..self }
    }
}

/// Declares the operations of a file as constants, and all of them as `OPS`:
///
/// ```ignore
/// ops! { ec2:
///     DESCRIBE_VPCS = "DescribeVpcs", Read;
///     CREATE_VPC = "CreateVpc", Write;
/// }
/// ```
///
/// A file that calls several services has a block for each: `ops! { acm { … } iam { … } }`. An operation whose IAM action
/// has another name says it: `HEAD_BUCKET = "HeadBucket" as "ListBucket", Read;`.
macro_rules! ops {
    // The name in IAM has a hyphen.
    (@action application_autoscaling $operation:literal) => { concat!("application-autoscaling:", $operation) };
    (@action $service:ident $operation:literal) => { concat!(stringify!($service), ":", $operation) };
    (@action $service:ident $operation:literal $action:literal) => { concat!(stringify!($service), ":", $action) };
    ($service:ident: $($operations:tt)+) => {
        $crate::operation::ops! { $service { $($operations)+ } }
    };
    ($($service:ident {
        $($name:ident = $operation:literal $(as $action:literal)?, $access:ident $(($need:ident))?;)+
    })+) => {
        $($(
            pub(crate) const $name: $crate::operation::Operation = $crate::operation::Operation {
                service: &$crate::service::$service,
                name: $operation,
                action: $crate::operation::ops!(@action $service $operation $($action)?),
                access: $crate::operation::Access::$access $((asiaq_ir::Need::$need))?,
            };
        )+)+

        /// The operations that this file calls.
        pub(crate) const OPS: &[$crate::operation::Operation] = &[$($($name),+),+];
    };
}

pub(crate) use ops;
