//! `terraform query`: load balancers and attachments are found page by page, and nothing is asked that nobody wants to know.

use futures_util::StreamExt;

use talosendpoint::framework::diagnostic::Diagnostics;
use talosendpoint::framework::engine::{Found, ListQuery};
use talosendpoint::framework::value::Value;

use lab::fake::Fake;
use lab::faults::Fault;
use lab::proxy::Proxy;

use crate::child::scenario;
use crate::creation::quick;
use crate::foreign::{act, balancer, group, listener, tag};
use crate::terraform::{NLB, Terraform, errors, text};

const ATTACHMENT: &str = "talosendpoint_nlb_attachment";

/// Everything that a list finds, up to an error.
async fn listed<const N: usize>(
    terraform: &Terraform,
    name: &str,
    filters: [(&str, Value); N],
    include_object: bool,
    limit: Option<usize>,
) -> Result<Vec<Found>, Diagnostics> {
    let ty = terraform.engine.list_resources()[name].schema().object_type();
    let config = Value::Object(ty.object_of(filters));
    let found = terraform.engine.list(name, ListQuery { config, include_object, limit }).collect::<Vec<_>>().await;
    found.into_iter().collect()
}

fn names(found: &[Found]) -> Vec<&str> {
    found.iter().map(|one| one.display_name.as_str()).collect()
}

/// `count` load balancers `lb-0`, `lb-1` and so on; those with an even number have the tag `even`.
fn balancers(fake: &Fake, count: usize) -> Vec<String> {
    let made = |number: usize| {
        let arn = balancer(fake, &format!("lb-{number}"), "internal");
        listener(fake, &arn, &group(fake, &format!("tg-{number}"), "6443"), "6443");
        arn
    };
    let arns: Vec<String> = (0..count).map(made).collect();
    arns.iter().step_by(2).for_each(|arn| tag(fake, arn, "even", "yes"));
    fake.clear();
    arns
}

scenario! {
    async fn what_is_not_wanted_is_not_asked_for() {
        let fake = quick();
        let arns = balancers(&fake, 7);
        fake.set(|settings| settings.page_size = 3);
        let terraform = Terraform::at(&fake.url()).await;
        let found = listed(&terraform, NLB, [], false, Some(2)).await.unwrap();
        let look = ["DescribeListeners", "DescribeTargetGroups"];
        let expected = [&["DescribeLoadBalancers"][..], &look, &look].concat();
        assert_eq!(fake.sequence(), expected, "the first page has two, and what they lead to decides");
        let identities: Vec<_> = found.iter().filter_map(|one| one.identity.as_ref()?.attribute("arn")?.as_str()).collect();
        assert_eq!(identities.len(), 2);
        assert!(identities.iter().all(|arn| arns.iter().any(|own| own == arn)));
        fake.clear();
        let found = listed(&terraform, NLB, [], false, None).await.unwrap();
        assert_eq!((found.len(), fake.of("DescribeLoadBalancers").len()), (7, 3));
        assert!(found.iter().all(|one| one.object.is_none()));
        fake.clear();
        // A client that stops reading has asked for no more than it has read.
        let ty = terraform.engine.list_resources()[NLB].schema().object_type();
        let config = Value::Object(ty.object_of([]));
        let query = ListQuery { config, include_object: true, limit: None };
        let mut list = terraform.engine.list(NLB, query);
        list.next().await.expect("a load balancer").unwrap();
        drop(list);
        assert_eq!(fake.of("DescribeLoadBalancerAttributes").len(), 1, "{:?}", fake.sequence());
    }
}

scenario! {
    async fn filters_by_name_and_tags() {
        let fake = quick();
        balancers(&fake, 45);
        let terraform = Terraform::at(&fake.url()).await;
        let found = listed(&terraform, NLB, [("name_prefix", "lb-4".into())], false, None).await.unwrap();
        let mut found = names(&found);
        found.sort_unstable();
        assert_eq!(found, ["lb-4", "lb-40", "lb-41", "lb-42", "lb-43", "lb-44"]);
        assert_eq!(fake.of("DescribeTags").len(), 0, "no tags are asked about");
        let tags = |value: &str| ("tags", Value::Map([("even".to_owned(), value.into())].into()));
        let found = listed(&terraform, NLB, [tags("yes")], false, None).await.unwrap();
        assert_eq!(found.len(), 23);
        let asked: Vec<usize> = fake.of("DescribeTags").iter().map(|call| call.list("ResourceArns").len()).collect();
        assert_eq!(asked, [20, 20, 5], "twenty at a time");
        fake.clear();
        assert_eq!(listed(&terraform, NLB, [tags("yes")], false, Some(3)).await.unwrap().len(), 3);
        assert_eq!(fake.of("DescribeTags").len(), 1, "three are in the first twenty");
        assert_eq!(listed(&terraform, NLB, [tags("no")], false, None).await.unwrap().len(), 0);
        let elsewhere = listed(&terraform, NLB, [("region", "eu-central-1".into())], false, None).await;
        assert!(elsewhere.is_ok());
        assert_eq!(fake.calls().pop().map(|call| call.region), Some("eu-central-1".to_owned()));
    }
}

scenario! {
    async fn the_object_is_what_an_import_finds() {
        let fake = quick();
        let arn = balancer(&fake, "prod-api-nlb", "internal");
        listener(&fake, &arn, &group(&fake, "prod-api-tg", "6443"), "6443");
        tag(&fake, &arn, "team", "infra");
        // What no configuration fits is left out.
        balancer(&fake, "prod-empty", "internal");
        let web = balancer(&fake, "prod-web", "internal");
        listener(&fake, &web, &group(&fake, "web", "80"), "80");
        let mut terraform = Terraform::at(&fake.url()).await;
        let found = listed(&terraform, NLB, [("name_prefix", "prod".into())], true, None).await.unwrap();
        let told = terraform.import(&arn).await;
        assert!(!told.has_error(), "{}", text(&told));
        let Value::Object(mut imported) = terraform.state.clone() else { panic!("an object") };
        let tags = Value::Map([("team".to_owned(), "infra".into())].into());
        assert_eq!(imported.insert("tags".to_owned(), tags), Some(Value::Null), "an import manages no tags");
        assert_eq!(found[0].object, Some(Value::Object(imported)));
        for include_object in [false, true] {
            let all = listed(&terraform, NLB, [], include_object, None).await.unwrap();
            assert_eq!(names(&all), ["prod-api-nlb"]);
        }
    }
}

scenario! {
    /// It is described, and gone before its tags or its listeners are read.
    async fn what_goes_meanwhile_is_left_out() {
        let fake = quick();
        let arns = balancers(&fake, 3);
        let proxy = Proxy::start(&fake.url());
        let (url, gone) = (fake.url(), arns[0].clone());
        proxy.on_reply("DescribeLoadBalancers", move |_, _| {
            act(&url, "DeleteLoadBalancer", &[("LoadBalancerArn", &gone)]);
        });
        let terraform = Terraform::at(&proxy.url()).await;
        let even = ("tags", Value::Map([("even".to_owned(), "yes".into())].into()));
        let found = listed(&terraform, NLB, [even], false, None).await.unwrap();
        assert_eq!(names(&found), ["lb-2"]);
        let (url, gone) = (fake.url(), arns[2].clone());
        proxy.on_reply("DescribeLoadBalancers", move |_, _| {
            act(&url, "DeleteLoadBalancer", &[("LoadBalancerArn", &gone)]);
        });
        let found = listed(&terraform, NLB, [], true, None).await.unwrap();
        assert_eq!(names(&found), ["lb-1"], "the last is gone before its parts are read");
    }
}

scenario! {
    async fn what_aws_refuses_ends_the_list_with_the_reason() {
        let fake = quick();
        balancers(&fake, 2);
        let terraform = Terraform::at(&fake.url()).await;
        fake.fail(Fault::access_denied("DescribeLoadBalancers").always());
        let problems = listed(&terraform, NLB, [], false, None).await.unwrap_err();
        assert!(text(&problems).contains("elasticloadbalancing:DescribeLoadBalancers"), "{}", text(&problems));
        let other = [("allowed_account_ids", Value::set(["999999999999".into()]))];
        let fake = quick();
        balancers(&fake, 1);
        let terraform = Terraform::at(&fake.url()).await;
        terraform.configure_with(&fake.url(), other).await;
        let problems = listed(&terraform, NLB, [], false, None).await.unwrap_err();
        assert_eq!(errors(&problems), ["Not this AWS account"]);
    }
}

scenario! {
    async fn every_target_behind_a_load_balancer_is_an_attachment() {
        let fake = quick();
        let arn = balancer(&fake, "prod-api-nlb", "internal");
        let groups = [("prod-api-tg", "6443"), ("prod-apid-tg", "50000")].map(|(name, port)| {
            let group = group(&fake, name, port);
            listener(&fake, &arn, &group, port);
            group
        });
        let stray = group(&fake, "stray", "6443");
        for (group, id, port) in [
            (&groups[0], "i-0aa", None),
            (&groups[1], "i-0aa", None),
            (&groups[0], "i-0bb", Some("7443")),
            (&stray, "i-0cc", None),
        ] {
            let mut params = vec![("TargetGroupArn", group.as_str()), ("Targets.member.1.Id", id)];
            params.extend(port.map(|port| ("Targets.member.1.Port", port)));
            act(&fake.url(), "RegisterTargets", &params);
        }
        fake.clear();
        let terraform = Terraform::at(&fake.url()).await;
        let filter = || [("load_balancer_arn", Value::from(arn.as_str()))];
        let found = listed(&terraform, ATTACHMENT, filter(), true, None).await.unwrap();
        assert_eq!(names(&found), ["i-0aa", "i-0bb on port 7443"]);
        assert_eq!(fake.sequence().len(), 4, "load balancer, groups, and the targets of each: {:?}", fake.sequence());
        for one in found {
            // What an import by this identity gives is the same object.
            let Some(Value::Object(parts)) = &one.identity else { panic!("{one:?}") };
            let id = (terraform.engine.identity(ATTACHMENT).unwrap().import_id)(parts).unwrap();
            let imported = terraform.engine.import(ATTACHMENT, id).await;
            assert!(imported.diagnostics.is_empty(), "{}", text(&imported.diagnostics));
            let read = terraform.engine.read(ATTACHMENT, imported.state, imported.private).await;
            assert!(read.diagnostics.is_empty(), "{}", text(&read.diagnostics));
            assert_eq!(one.object.as_ref(), Some(&read.state));
            assert_eq!(terraform.engine.identity(ATTACHMENT).unwrap().of(&read.state), one.identity);
        }
        let gone = arn.replace("prod-api-nlb", "gone");
        let problems = listed(&terraform, ATTACHMENT, [("load_balancer_arn", gone.into())], false, None).await.unwrap_err();
        assert_eq!(errors(&problems), ["No such load balancer"]);
    }
}
