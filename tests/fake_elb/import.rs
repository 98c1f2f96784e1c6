//! Load balancers that somebody else made: found with what is ours behind them, and nothing is changed or removed unasked.

use talosendpoint::framework::value::{Object, Value};

use lab::fake::Fake;
use lab::fake::settings::VPC;

use crate::child::scenario;
use crate::config::{A, B, config, nested};
use crate::creation::quick;
use crate::foreign::{act, arns, balancer, group, listener, marked, tag};
use crate::terraform::{NLB, Terraform, errors, text};

/// The guide's load balancer, public and with its three listeners: its ARN. The names are `BASE-api-nlb` and so on where `ours`.
fn guide(fake: &Fake, ours: bool) -> String {
    let arn = balancer(fake, if ours { "prod-api-nlb" } else { "k8s" }, "internet-facing");
    let names =
        if ours { ["prod-api-tg", "prod-apid-tg", "prod-wk-apid-tg"] } else { ["six", "fifty", "fifty-workers"] };
    for (name, [port, target]) in names.into_iter().zip([["6443", "6443"], ["50000", "50000"], ["50001", "50000"]]) {
        listener(fake, &arn, &guide_group(fake, name, target), port);
    }
    arn
}

/// A group as in the guide: client addresses are kept, half a minute to drain, quick checks.
fn guide_group(fake: &Fake, name: &str, port: &str) -> String {
    let check = [
        ("HealthCheckIntervalSeconds", "10"),
        ("HealthCheckTimeoutSeconds", "5"),
        ("HealthyThresholdCount", "2"),
        ("UnhealthyThresholdCount", "2"),
    ];
    let params = [[("Name", name), ("Protocol", "TCP"), ("Port", port), ("VpcId", VPC)], check].concat();
    let arn = act(&fake.url(), "CreateTargetGroup", &params);
    let delay = [
        ("TargetGroupArn", arn.as_str()),
        ("Attributes.member.1.Key", "deregistration_delay.timeout_seconds"),
        ("Attributes.member.1.Value", "30"),
    ];
    act(&fake.url(), "ModifyTargetGroupAttributes", &delay);
    arn
}

/// The guide's configuration in our words.
fn in_our_words(changes: &[(&'static str, Value)]) -> Value {
    let Value::Object(mut object) = config([
        ("internal", false.into()),
        ("connection_termination", false.into()),
        nested("worker_talos_api", [("port", 50001.into())]),
    ]) else {
        unreachable!()
    };
    object.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Value::Object(object)
}

fn tags() -> (&'static str, Value) {
    ("tags", Value::Map([("team".to_owned(), "infra".into())].into()))
}

fn actions(fake: &Fake) -> Vec<String> {
    fake.mutating().into_iter().map(|call| call.action).collect()
}

scenario! {
    async fn the_guides_layout_is_found_by_arn_and_by_name_and_left_as_it_is() {
        let fake = quick();
        let arn = guide(&fake, true);
        let before = fake.inventory();
        for id in [arn.as_str(), "prod-api-nlb"] {
            let mut terraform = Terraform::at(&fake.url()).await;
            let told = terraform.import(id).await;
            assert!(told.is_empty(), "{}", text(&told));
            assert_eq!(terraform.arns(), arns(&fake));
            terraform.assert_unchanged(&in_our_words(&[])).await;
            assert_eq!(actions(&fake), Vec::<String>::new());
            assert_eq!(fake.inventory(), before);
        }
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.import(&arn).await;
        let tagged = in_our_words(&[tags()]);
        terraform.apply_well(&tagged).await;
        assert_eq!(actions(&fake), ["AddTags"]);
        let told = terraform.destroy().await;
        assert!(told.is_empty(), "{}", text(&told));
        assert!(fake.inventory().is_empty());
    }
}

scenario! {
    /// The endpoint's own name as `host` would be pinned: a replacement would go on with a name that nobody has any more.
    async fn a_generated_configuration_changes_nothing_and_pins_nothing() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.import(&guide(&fake, true)).await;
        let generated = terraform.engine.generate(NLB, terraform.state.clone()).unwrap();
        for (name, written) in [("host", false), ("arn", false), ("region", true), ("vpc_id", true), ("name", true)] {
            assert_eq!(generated.attribute(name).is_some_and(|value| !value.is_null()), written, "{name}");
        }
        terraform.assert_unchanged(&generated).await;
        let named = in_our_words(&[("host", "k8s.example.com".into()), ("talos_version", "v1.12".into())]);
        terraform.apply_well(&named).await;
        let generated = terraform.engine.generate(NLB, terraform.state.clone()).unwrap();
        assert_eq!(generated.attribute("host"), Some(&"k8s.example.com".into()));
    }
}

scenario! {
    /// The region of the provider is another one.
    async fn an_arn_brings_its_region_along() {
        let fake = quick();
        let arn = guide(&fake, true).replace("us-east-1", "eu-north-1");
        let mut terraform = Terraform::at(&fake.url()).await;
        let told = terraform.import(&arn).await;
        assert_eq!(errors(&told), ["No such load balancer"], "{}", text(&told));
        assert!(text(&told).contains("in eu-north-1"), "{}", text(&told));
        assert_eq!(fake.calls().pop().unwrap().region, "eu-north-1");
    }
}

scenario! {
    async fn what_the_configuration_does_not_name_is_let_go() {
        let fake = quick();
        let arn = guide(&fake, true);
        let before = arns(&fake);
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.import(&arn).await;
        let without = in_our_words(&[("worker_talos_api", Value::Null), ("kubernetes_api", off("kubernetes_api"))]);
        let told = terraform.apply(&without).await;
        let said = text(&told);
        assert!(!told.has_error(), "{said}");
        assert_eq!(said.matches(": Imported, but not in the configuration").count(), 2, "{said}");
        assert_eq!(said.matches("\"kubernetes_api\": API switched off").count(), 1, "{said}");
        assert_eq!(said.matches("warning at").count(), 3, "{said}");
        assert_eq!(actions(&fake), Vec::<String>::new());
        terraform.assert_unchanged(&without).await;
        assert_eq!(terraform.arns().len(), 3, "load balancer, Talos API and its group");
        // What is ours from then on is removed with its attribute.
        terraform.apply_well(&in_our_words(&[("worker_talos_api", Value::Null), ("kubernetes_api", off("kubernetes_api")), nested("trustd", [("port", 9000.into())])])).await;
        terraform.apply_well(&without).await;
        assert_eq!(arns(&fake), before);
    }
}

fn off(name: &'static str) -> Value {
    nested(name, [("enabled", false.into())]).1
}

scenario! {
    async fn names_of_others_can_be_said() {
        let fake = quick();
        guide(&fake, false);
        let mut terraform = Terraform::at(&fake.url()).await;
        let told = terraform.import("k8s").await;
        assert!(told.is_empty(), "{}", text(&told));
        let group = |listener: &'static str, name: &str| nested(listener, [("target_group_name", name.into())]);
        let said = in_our_words(&[
            ("name", Value::Null),
            ("load_balancer_name", "k8s".into()),
            group("kubernetes_api", "six"),
            group("talos_api", "fifty"),
            nested("worker_talos_api", [("port", 50001.into()), ("target_group_name", "fifty-workers".into())]),
        ]);
        terraform.assert_unchanged(&said).await;
        assert_eq!(actions(&fake), Vec::<String>::new());
    }
}

scenario! {
    /// Under the name that we would give the load balancer, the groups have others: they keep them as long as no other one is asked for.
    async fn existing_names_are_kept() {
        let fake = quick();
        let arn = balancer(&fake, "prod-api-nlb", "internet-facing");
        for (name, port) in [("six", "6443"), ("fifty", "50000")] {
            listener(&fake, &arn, &guide_group(&fake, name, port), port);
        }
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.import(&arn).await;
        let plain = in_our_words(&[("worker_talos_api", Value::Null)]);
        terraform.assert_unchanged(&plain).await;
        let tagged = in_our_words(&[("worker_talos_api", Value::Null), tags()]);
        terraform.apply_well(&tagged).await;
        assert_eq!(actions(&fake), ["AddTags"]);
        terraform.apply_well(&plain).await;
        // Said once and taken back: then it is the default, as everywhere.
        let named = nested("kubernetes_api", [("target_group_name", "six".into())]);
        terraform.apply_well(&in_our_words(&[("worker_talos_api", Value::Null), named, tags()])).await;
        assert_eq!(fake.of("CreateTargetGroup").len(), 0);
        terraform.apply_well(&plain).await;
        assert_eq!(fake.of("CreateTargetGroup")[0].param("Name"), Some("prod-api-tg"));
        assert!(fake.inventory().target_groups.values().any(|group| group.field("TargetGroupName") == "fifty"));
    }
}

scenario! {
    async fn pinned_addresses_are_read_as_mappings() {
        let fake = quick();
        let params = [
            ("Name", "prod-api-nlb"),
            ("Type", "network"),
            ("Scheme", "internet-facing"),
            ("SubnetMappings.member.1.SubnetId", A),
            ("SubnetMappings.member.1.AllocationId", "eipalloc-0000000000000000a"),
            ("SubnetMappings.member.2.SubnetId", B),
        ];
        let arn = act(&fake.url(), "CreateLoadBalancer", &params);
        listener(&fake, &arn, &guide_group(&fake, "prod-api-tg", "6443"), "6443");
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.import(&arn).await;
        assert_eq!(terraform.state.attribute("subnet_ids"), Some(&Value::Null));
        let mapping = |subnet: &str, allocation: Value| {
            let fields = [("subnet_id", subnet.into()), ("allocation_id", allocation), ("private_ipv4_address", Value::Null), ("ipv6_address", Value::Null)];
            Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Object>())
        };
        let mappings = Value::set([mapping(A, "eipalloc-0000000000000000a".into()), mapping(B, Value::Null)]);
        let config = in_our_words(&[
            ("subnet_ids", Value::Null),
            ("subnet_mappings", mappings),
            ("worker_talos_api", Value::Null),
            ("talos_api", off("talos_api")),
        ]);
        terraform.assert_unchanged(&config).await;
    }
}

scenario! {
    /// A load balancer of our own whose Kubernetes API moved to another port, with everything that can be set.
    async fn an_endpoint_of_ours_is_found_again() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        let changes = |port: i64| {
            config([
                nested("kubernetes_api", [("port", 443.into()), ("target_port", port.into())]),
                nested("trustd", []),
                crate::config::worker(),
                ("security_group_ids", Value::set(["sg-1".into()])),
                ("enforce_security_group_inbound_rules_on_private_link_traffic", "off".into()),
                ("enable_deletion_protection", true.into()),
                ("enable_cross_zone_load_balancing", true.into()),
                ("ip_address_type", "dualstack".into()),
                ("tcp_idle_timeout", 600.into()),
                ("deregistration_delay", 77.into()),
                ("connection_termination", false.into()),
                nested("health_check", [("interval", 20.into())]),
            ])
        };
        terraform.apply_well(&changes(6443)).await;
        terraform.apply_well(&changes(7443)).await;
        let mut again = Terraform::at(&fake.url()).await;
        let told = again.import(terraform.text("arn")).await;
        assert!(told.is_empty(), "{}", text(&told));
        again.assert_unchanged(&changes(7443)).await;
        assert_eq!(again.state, terraform.state);
        // The group's own name may be said too: it is not taken for another one.
        let groups = again.state.attribute("target_groups").unwrap().entries().unwrap();
        let name = groups["kubernetes_api"].attribute("name").unwrap().clone();
        assert_ne!(name, "prod-api-tg".into());
        fake.clear();
        let Value::Object(mut said) = changes(7443) else { unreachable!() };
        said.extend([nested("kubernetes_api", [("port", 443.into()), ("target_port", 7443.into()), ("target_group_name", name)])].map(|(name, value)| (name.to_owned(), value)));
        again.apply_well(&Value::Object(said)).await;
        assert_eq!(actions(&fake), Vec::<String>::new());
    }
}

scenario! {
    async fn listeners_of_others_are_named_and_left_alone() {
        let fake = quick();
        let arn = guide(&fake, true);
        let theirs = listener(&fake, &arn, &group(&fake, "theirs", "8080"), "80");
        let mut terraform = Terraform::at(&fake.url()).await;
        let told = terraform.import(&arn).await;
        let said = text(&told);
        assert!(said.contains("warning at \"\": Some listeners were left alone"), "{said}");
        assert!(said.contains(&format!("80 ({theirs})")), "{said}");
        terraform.assert_unchanged(&in_our_words(&[])).await;
        assert!(!terraform.arns().contains(&theirs));
    }
}

scenario! {
    async fn what_is_being_made_or_not_there_is_refused() {
        let fake = quick();
        let arn = guide(&fake, true);
        tag(&fake, &arn, "talosendpoint:creating", "0123456789abcdef/4");
        let (url, marked_arn) = (fake.url(), arn.clone());
        let alive = tokio::task::spawn_blocking(move || {
            for count in 5..20 {
                std::thread::sleep(std::time::Duration::from_millis(100));
                let value = format!("0123456789abcdef/{count}");
                let key = ("Tags.member.1.Key", "talosendpoint:creating");
                act(&url, "AddTags", &[("ResourceArns.member.1", marked_arn.as_str()), key, ("Tags.member.1.Value", value.as_str())]);
            }
        });
        let mut terraform = Terraform::at(&fake.url()).await;
        assert_eq!(errors(&terraform.import(&arn).await), ["The load balancer is not finished"]);
        alive.await.unwrap();
        fake.clear();
        assert_eq!(errors(&terraform.import("missing").await), ["No such load balancer"]);
        assert_eq!(errors(&terraform.import("a/b").await), ["Not the id of a load balancer"]);
        assert_eq!(marked(&fake), [arn]);
        assert_eq!(actions(&fake), Vec::<String>::new());
    }
}

scenario! {
    /// Its run has ended before Terraform had stored it: the read after the import takes the marker off, and nothing else changes.
    async fn what_a_dead_run_has_marked_is_imported() {
        let fake = quick();
        let arn = guide(&fake, true);
        tag(&fake, &arn, "talosendpoint:creating", "0123456789abcdef/4");
        fake.clear();
        let mut terraform = Terraform::at(&fake.url()).await;
        let told = terraform.import(&arn).await;
        assert!(!told.has_error(), "{}", text(&told));
        assert_eq!(marked(&fake), Vec::<String>::new());
        assert_eq!(actions(&fake), ["RemoveTags"]);
        terraform.assert_unchanged(&in_our_words(&[])).await;
    }
}
