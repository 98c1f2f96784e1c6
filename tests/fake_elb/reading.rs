//! What a read costs, and what it puts up with.

use talosendpoint::endpoint::nlb::model::schema::SCHEMA;
use talosendpoint::framework::ty::Type;
use talosendpoint::framework::value::{Object, Value};

use lab::proxy::Proxy;
use lab::xml::leaf;

use crate::child::scenario;
use crate::config::{A, B, config, worker};
use crate::creation::quick;
use crate::foreign;
use crate::terraform::{Terraform, text};

scenario! {
    async fn three_groups_and_three_listeners_take_eleven_calls() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([worker()])).await;
        fake.clear();
        terraform.assert_unchanged(&config([worker()])).await;
        let sequence = fake.sequence();
        assert_eq!(sequence.len(), 11, "{sequence:?}");
        let tags = fake.of("DescribeTags");
        assert_eq!(tags.len(), 1);
        assert_eq!(tags[0].list("ResourceArns").len(), 7);
    }
}

scenario! {
    async fn one_missing_group_does_not_hide_the_others() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([worker()])).await;
        let all = fake.inventory();
        let listener = all.listener(50000).field("ListenerArn").to_owned();
        let group = all.target_group("prod-apid-tg").field("TargetGroupArn").to_owned();
        foreign::act(&fake.url(), "DeleteListener", &[("ListenerArn", &listener)]);
        foreign::act(&fake.url(), "DeleteTargetGroup", &[("TargetGroupArn", &group)]);
        let told = terraform.refresh().await;
        assert!(told.is_empty(), "{}", text(&told));
        assert_eq!(terraform.arns(), foreign::arns(&fake));
        fake.clear();
        terraform.apply_well(&config([worker()])).await;
        let made: Vec<String> =
            fake.mutating().into_iter().map(|call| call.action).filter(|action| action.starts_with("Create")).collect();
        assert_eq!(made, ["CreateTargetGroup", "CreateListener"]);
        assert_eq!(terraform.arns(), foreign::arns(&fake));
    }
}

scenario! {
    async fn listeners_come_in_pages() {
        let fake = quick();
        fake.set(|settings| settings.page_size = 1);
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([worker()])).await;
        fake.clear();
        terraform.assert_unchanged(&config([worker()])).await;
        assert_eq!(fake.of("DescribeListeners").len(), 3);
    }
}

scenario! {
    async fn groups_come_in_pages_too() {
        let fake = quick();
        fake.set(|settings| settings.page_size = 2);
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([worker()])).await;
    }
}

/// `subnet_mappings` with a pinned private address in the first subnet.
fn pinned() -> Value {
    let Type::Set(element) = SCHEMA.attribute("subnet_mappings").unwrap().value_type() else { unreachable!() };
    let Type::Object(types) = *element else { unreachable!() };
    let mapping = |subnet: &str, address: Option<&str>, six: Option<&str>| {
        let mut object: Object = types.keys().map(|name| (name.clone(), Value::Null)).collect();
        object.insert("subnet_id".into(), subnet.into());
        object.insert("private_ipv4_address".into(), address.map(str::to_owned).into());
        object.insert("ipv6_address".into(), six.map(str::to_owned).into());
        Value::Object(object)
    };
    Value::set([mapping(A, Some("10.0.1.10"), Some("2001:db8::10")), mapping(B, None, None)])
}

scenario! {
    /// Secondary addresses and both families: AWS lists more than one address in a zone.
    async fn several_addresses_in_a_zone() {
        let fake = quick();
        let proxy = Proxy::start(&fake.url());
        proxy.on_reply("DescribeLoadBalancers", |_, reply| {
            let body = String::from_utf8_lossy(&reply.body).into_owned();
            let more = format!("<member>{}</member></LoadBalancerAddresses>", leaf("PrivateIPv4Address", "10.0.1.99"));
            reply.body = body.replacen("</LoadBalancerAddresses>", &more, 1).into_bytes();
        });
        let mut terraform = Terraform::at(&proxy.url()).await;
        let config = config([
            ("subnet_ids", Value::Null),
            ("subnet_mappings", pinned()),
            ("ip_address_type", "dualstack".into()),
            ("talos_version", "v1.12".into()),
        ]);
        terraform.apply_well(&config).await;
        fake.clear();
        terraform.apply_well(&config).await;
        assert!(fake.mutating().is_empty());
    }
}

scenario! {
    /// Somebody changes one of two groups; the user looks twice, and then wants it for both.
    async fn what_one_group_has_differently_is_put_right_either_way() {
        for wanted in [30_i64, 300] {
            let fake = quick();
            let mut terraform = Terraform::at(&fake.url()).await;
            terraform.apply_well(&config([])).await;
            let group = fake.inventory().target_group("prod-apid-tg").field("TargetGroupArn").to_owned();
            let key = "deregistration_delay.timeout_seconds";
            let params = [("TargetGroupArn", group.as_str()), ("Attributes.member.1.Key", key), ("Attributes.member.1.Value", "300")];
            for looks in 0..2 {
                foreign::act(&fake.url(), "ModifyTargetGroupAttributes", &params);
                for _ in 0..=looks {
                    assert!(terraform.refresh().await.is_empty());
                }
                terraform.apply_well(&config([("deregistration_delay", wanted.into())])).await;
                for name in ["prod-api-tg", "prod-apid-tg"] {
                    assert_eq!(fake.inventory().target_group(name).attribute(key), wanted.to_string());
                }
            }
        }
    }
}
