//! What AWS's own error codes mean for the user.

/// A short title, and a paragraph with AWS's words and the remedy.
pub(super) fn explain(operation: &str, code: &str, message: &str) -> (String, String) {
    let said = format!("AWS refused {operation} ({code}): {}", message.trim_end_matches('.'));
    let (title, remedy) = match code.strip_suffix("Exception").unwrap_or(code) {
        "AccessDenied" | "UnauthorizedOperation" | "AccessDeniedFault" => (
            "Access denied by AWS",
            format!("The credentials lack the permission `{operation}`. Add it to the role or user that runs Terraform, then run again."),
        ),
        "ExpiredToken" | "RequestExpired" => {
            ("AWS credentials have expired", "Renew the session (for example `aws sso login`) and run again.".to_owned())
        }
        "InvalidClientTokenId" | "UnrecognizedClient" | "SignatureDoesNotMatch" | "AuthFailure" | "IncompleteSignature" => (
            "AWS does not accept the credentials",
            "The access key or its secret is wrong, switched off, or belongs to another partition. Check what \
             `aws sts get-caller-identity` answers."
                .to_owned(),
        ),
        "Throttling" | "RequestLimitExceeded" | "TooManyRequests" => (
            "AWS is throttling this account",
            "The call was repeated and still refused. Run again later, lower -parallelism, or raise `max_attempts` in the provider block."
                .to_owned(),
        ),
        "TargetGroupAssociationLimit" => (
            "The target group serves another load balancer",
            "A target group works with one load balancer only. Choose another `target_group_name`.".to_owned(),
        ),
        limit if limit.starts_with("TooMany") || limit.ends_with("LimitExceeded") || limit.ends_with("Limit") => (
            "An AWS quota is used up",
            "Remove what is no longer needed or ask for a higher quota (Service Quotas, Elastic Load Balancing), then run again.".to_owned(),
        ),
        "DuplicateLoadBalancerName" | "DuplicateTargetGroupName" => (
            "The name is taken",
            "Something with this name and other settings exists in this account and region. Choose another `name`, or import what exists."
                .to_owned(),
        ),
        "DuplicateListener" => (
            "The port is taken",
            "Another listener of this load balancer has this port. Choose another `port`, or remove that listener.".to_owned(),
        ),
        "SubnetNotFound" | "InvalidSubnet" | "InvalidSubnetID.NotFound" => (
            "AWS does not accept a subnet",
            "Each subnet must exist in this region, in the same VPC as the others, one per Availability Zone, with at least 8 free addresses."
                .to_owned(),
        ),
        "InvalidSecurityGroup" => (
            "AWS does not accept a security group",
            "Each security group must exist in the VPC of the load balancer. A load balancer created without one can never be given one."
                .to_owned(),
        ),
        "AvailabilityZoneNotSupported" => (
            "AWS does not accept a subnet",
            "The Availability Zone of a subnet does not take load balancers. Choose a subnet in another one.".to_owned(),
        ),
        "AllocationIdNotFound" => (
            "AWS does not accept an Elastic IP",
            "Each `allocation_id` must be that of an Elastic IP in this account and region.".to_owned(),
        ),
        "CapacityReservationPending" | "PriorRequestNotComplete" => (
            "AWS is busy with an earlier change",
            "A change of the same load balancer is still going on. Run again in a few minutes.".to_owned(),
        ),
        "InsufficientCapacity" => (
            "AWS has no capacity for this",
            "Run again later, or choose subnets in other Availability Zones.".to_owned(),
        ),
        "InvalidConfigurationRequest" | "ValidationError" | "InvalidScheme" | "InvalidLoadBalancerAction" => (
            "AWS does not accept the settings",
            "They are not allowed, or don't go together. Correct what AWS names and run again.".to_owned(),
        ),
        "OperationNotPermitted" => (
            "AWS does not permit this now",
            "Most often deletion protection is on: apply `enable_deletion_protection = false` first.".to_owned(),
        ),
        "ResourceInUse" => (
            "Still in use",
            "Something else still uses it: for a load balancer a VPC endpoint service, for a target group a listener, for an Elastic IP \
             another load balancer. Remove that use and run again."
                .to_owned(),
        ),
        "InvalidTarget" => (
            "AWS does not accept a target",
            "The instance must be running, and in the VPC of the target group; an address must be inside the VPC or private.".to_owned(),
        ),
        "LoadBalancerNotFound" | "TargetGroupNotFound" | "ListenerNotFound" => {
            ("Not found in AWS", "It was removed outside of Terraform, or it is in another region or account.".to_owned())
        }
        _ => ("AWS refused the request", "Correct what AWS names and run again.".to_owned()),
    };
    (title.to_owned(), format!("{said}.\n\n{remedy}"))
}
