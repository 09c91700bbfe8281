//! The ways, each with who described it.

/// A way from some permissions to others.
pub(super) struct Way {
    /// The actions that are needed, all of them.
    pub(super) actions: &'static [&'static str],
    /// What the holder does with them.
    pub(super) how: &'static str,
    /// Where it is described.
    pub(super) source: &'static str,
}

const RHINO: &str = "Rhino Security Labs, \"AWS IAM Privilege Escalation - Methods and Mitigation\"";
const VULNERABLE: &str = "Bishop Fox, \"IAM Vulnerable\"";
const BOUNDARIES: &str = "IAM user guide, \"Permissions boundaries for IAM entities\"";

/// Ways by one action on other identities, then those by code that runs with another role.
pub(super) const WAYS: &[Way] = &[
    Way {
        actions: &["iam:CreatePolicyVersion"],
        how: "a new default version of a policy that the holder has can allow everything",
        source: RHINO,
    },
    Way {
        actions: &["iam:SetDefaultPolicyVersion"],
        how: "an older version of a policy may allow more and can be made the default",
        source: RHINO,
    },
    Way {
        actions: &["iam:CreateAccessKey"],
        how: "an access key of another user has that user's permissions",
        source: RHINO,
    },
    Way {
        actions: &["iam:CreateLoginProfile"],
        how: "a password for another user opens the console as that user",
        source: RHINO,
    },
    Way {
        actions: &["iam:UpdateLoginProfile"],
        how: "another user's password can be changed to a known one",
        source: RHINO,
    },
    Way {
        actions: &["iam:AttachUserPolicy"],
        how: "any managed policy can be attached to the holder, `AdministratorAccess` too",
        source: RHINO,
    },
    Way {
        actions: &["iam:AttachGroupPolicy"],
        how: "any managed policy can be attached to a group of the holder",
        source: RHINO,
    },
    Way {
        actions: &["iam:AttachRolePolicy"],
        how: "any managed policy can be attached to a role that the holder has or can assume",
        source: RHINO,
    },
    Way {
        actions: &["iam:PutUserPolicy"],
        how: "an inline policy for the holder can allow everything",
        source: RHINO,
    },
    Way {
        actions: &["iam:PutGroupPolicy"],
        how: "an inline policy for a group of the holder can allow everything",
        source: RHINO,
    },
    Way {
        actions: &["iam:PutRolePolicy"],
        how: "an inline policy for a role that the holder has or can assume can allow everything",
        source: RHINO,
    },
    Way {
        actions: &["iam:AddUserToGroup"],
        how: "the holder can join a group of administrators",
        source: RHINO,
    },
    Way {
        actions: &["iam:UpdateAssumeRolePolicy", "sts:AssumeRole"],
        how: "any role can be made to trust the holder",
        source: RHINO,
    },
    Way {
        actions: &["iam:DeleteRolePermissionsBoundary"],
        how: "a role without its boundary has all that its policies allow",
        source: BOUNDARIES,
    },
    Way {
        actions: &["iam:DeleteUserPermissionsBoundary"],
        how: "a user without its boundary has all that its policies allow",
        source: BOUNDARIES,
    },
    Way {
        actions: &["iam:PutRolePermissionsBoundary"],
        how: "a boundary that limits nothing can take the place of a role's",
        source: BOUNDARIES,
    },
    Way {
        actions: &["iam:PutUserPermissionsBoundary"],
        how: "a boundary that limits nothing can take the place of a user's",
        source: BOUNDARIES,
    },
    Way {
        actions: &["iam:PassRole", "ec2:RunInstances"],
        how: "an instance can be started with any role that EC2 may assume, and its credentials read there",
        source: RHINO,
    },
    Way {
        actions: &["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
        how: "a function can run with any role that Lambda may assume",
        source: RHINO,
    },
    Way {
        actions: &["iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"],
        how: "a function can run with any role that Lambda may assume, when an event comes",
        source: RHINO,
    },
    Way {
        actions: &["iam:PassRole", "lambda:CreateFunction", "lambda:AddPermission"],
        how: "a function can run with any role that Lambda may assume, called from another account",
        source: VULNERABLE,
    },
    Way {
        actions: &["iam:PassRole", "cloudformation:CreateStack"],
        how: "a stack can do whatever a role that CloudFormation may assume can do",
        source: RHINO,
    },
    Way {
        actions: &["iam:PassRole", "glue:CreateDevEndpoint"],
        how: "a development endpoint can have any role that Glue may assume",
        source: RHINO,
    },
    Way {
        actions: &["iam:PassRole", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"],
        how: "a pipeline can run commands with any role that Data Pipeline may assume",
        source: RHINO,
    },
    Way {
        actions: &["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"],
        how: "a build can run commands with any role that CodeBuild may assume",
        source: VULNERABLE,
    },
    Way {
        actions: &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"],
        how: "a task can run with any role that ECS may assume",
        source: VULNERABLE,
    },
    Way {
        actions: &[
            "iam:PassRole",
            "sagemaker:CreateNotebookInstance",
            "sagemaker:CreatePresignedNotebookInstanceUrl",
        ],
        how: "a notebook can have any role that SageMaker may assume",
        source: VULNERABLE,
    },
    Way {
        actions: &["lambda:UpdateFunctionCode"],
        how: "other code in a function runs with the role of that function",
        source: RHINO,
    },
    Way {
        actions: &["glue:UpdateDevEndpoint"],
        how: "a public key for a development endpoint opens a shell with its role",
        source: RHINO,
    },
    Way {
        actions: &["ssm:SendCommand"],
        how: "commands on instances can read the credentials of their roles",
        source: VULNERABLE,
    },
    Way {
        actions: &["ssm:StartSession"],
        how: "a session on an instance can read the credentials of its role",
        source: VULNERABLE,
    },
];
