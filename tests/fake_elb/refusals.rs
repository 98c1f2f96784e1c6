//! Every refusal that AWS is known to give has a title and a remedy of its own, and never only the SDK's words.

use talosendpoint::framework::value::Value;

use lab::faults::Fault;

use crate::child::scenario;
use crate::config::config;
use crate::creation::quick;
use crate::terraform::{Terraform, errors, text};

/// Codes on the wire of a refused create, and what the user is told.
const OF_A_CREATE: [(&str, &str); 24] = [
    ("AccessDenied", "Access denied by AWS"),
    ("AccessDeniedException", "Access denied by AWS"),
    ("UnauthorizedOperation", "Access denied by AWS"),
    ("ExpiredToken", "AWS credentials have expired"),
    ("InvalidClientTokenId", "AWS does not accept the credentials"),
    ("SignatureDoesNotMatch", "AWS does not accept the credentials"),
    ("OperationNotPermitted", "AWS does not permit this now"),
    ("ResourceInUse", "Still in use"),
    ("InvalidConfigurationRequest", "AWS does not accept the settings"),
    ("ValidationError", "AWS does not accept the settings"),
    ("InvalidScheme", "AWS does not accept the settings"),
    ("InvalidSubnet", "AWS does not accept a subnet"),
    ("SubnetNotFound", "AWS does not accept a subnet"),
    ("AvailabilityZoneNotSupported", "AWS does not accept a subnet"),
    ("InvalidSecurityGroup", "AWS does not accept a security group"),
    ("AllocationIdNotFound", "AWS does not accept an Elastic IP"),
    ("TargetGroupAssociationLimit", "The target group serves another load balancer"),
    ("InvalidTarget", "AWS does not accept a target"),
    ("CapacityReservationPending", "AWS is busy with an earlier change"),
    ("CapacityUnitsLimitExceeded", "An AWS quota is used up"),
    ("CapacityDecreaseRequestLimitExceeded", "An AWS quota is used up"),
    ("TooManyLoadBalancers", "An AWS quota is used up"),
    ("TooManyTags", "An AWS quota is used up"),
    ("SomethingNew", "AWS refused the request"),
];

scenario! {
    /// Regions get new settings one after another.
    async fn a_setting_that_the_region_does_not_have_is_named() {
        let fake = quick();
        fake.set(|settings| { settings.unknown_attributes.insert("zonal_shift.config.enabled".to_owned()); });
        let mut terraform = Terraform::at(&fake.url()).await;
        let told = terraform.apply(&config([("zonal_shift", true.into())])).await;
        assert_eq!(errors(&told), ["Setting not offered in this region"], "{}", text(&told));
        assert!(text(&told).contains("error at \"zonal_shift\""), "{}", text(&told));
        terraform.apply_well(&config([])).await;
        let told = terraform.destroy().await;
        assert!(told.is_empty() && fake.inventory().is_empty(), "{}", text(&told));
    }
}

scenario! {
    async fn every_refusal_of_a_create_is_translated() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        for (code, title) in OF_A_CREATE {
            fake.fail(Fault::new("CreateLoadBalancer", 400, code, "in the words of AWS."));
            let told = terraform.apply(&config([])).await;
            assert_eq!(errors(&told), [title], "{code}");
            let text = text(&told);
            let said = format!("AWS refused elasticloadbalancing:CreateLoadBalancer ({code}): in the words of AWS.\n\n");
            assert!(text.contains(&said), "{text}");
            assert!(!text.contains("SdkError") && !text.contains("ServiceError"), "{text}");
            assert_eq!(terraform.state, Value::Null);
        }
        terraform.apply_well(&config([])).await;
    }
}

scenario! {
    /// These are repeated by the SDK before the user hears of them.
    async fn what_the_sdk_repeats_is_translated_in_the_end() {
        for (status, code, title) in [
            (400, "Throttling", "AWS is throttling this account"),
            (500, "InsufficientCapacity", "AWS has no capacity for this"),
            (429, "PriorRequestNotComplete", "AWS is busy with an earlier change"),
        ] {
            let fake = quick();
            let mut terraform = Terraform::at(&fake.url()).await;
            fake.fail(Fault::new("CreateLoadBalancer", status, code, "in the words of AWS.").always());
            let told = terraform.apply(&config([])).await;
            assert_eq!(errors(&told), [title], "{}", text(&told));
        }
    }
}

scenario! {
    async fn a_read_that_is_refused_keeps_the_state() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([])).await;
        let before = terraform.state.clone();
        for action in ["DescribeLoadBalancers", "DescribeTags", "DescribeListenerAttributes", "DescribeTargetGroups"] {
            fake.fail(Fault::new(action, 403, "AccessDenied", "not authorized"));
            let told = terraform.refresh().await;
            assert_eq!(errors(&told), ["Access denied by AWS"], "{action}");
            assert!(text(&told).contains(&format!("the permission `elasticloadbalancing:{action}`")), "{}", text(&told));
            assert_eq!(terraform.state, before);
        }
    }
}

scenario! {
    async fn an_update_that_is_refused_says_what_was_done() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([])).await;
        fake.fail(Fault::new("ModifyTargetGroupAttributes", 403, "AccessDenied", "not authorized").nth(2));
        let changed = || config([("deregistration_delay", 60.into())]);
        let told = terraform.apply(&changed()).await;
        assert_eq!(errors(&told), ["Access denied by AWS"]);
        assert!(!terraform.tainted);
        terraform.apply_well(&changed()).await;
    }
}
