use super::*;
use crate::remote::connect_error::{ConnectError, ProxyFault};
use crate::remote::credentials_failure::CredentialsFailure;
use crate::remote::proxy::Proxy;
use crate::remote::settings_error::{Origin, SettingsError};

fn refused(code: &str) -> AwsError {
    let cause = Cause::Service { code: code.into(), message: "words.".into() };
    AwsError::new("elasticloadbalancing:CreateLoadBalancer", cause)
}

#[test]
fn a_service_error_names_the_action_and_the_remedy() {
    let (title, detail) = explain(&refused("AccessDenied"), none);
    assert_eq!(title, "Access denied by AWS");
    assert_eq!(
        detail,
        "AWS refused elasticloadbalancing:CreateLoadBalancer (AccessDenied): words.\n\nThe credentials lack the \
         permission `elasticloadbalancing:CreateLoadBalancer`. Add it to the role or user that runs Terraform, then \
         run again."
    );
    assert_eq!(explain(&refused("TooManyTargetGroups"), none).0, "An AWS quota is used up");
    assert_eq!(explain(&refused("SomethingNew"), none).0, "AWS refused the request");
}

#[test]
fn what_a_resource_knows_wins_over_what_holds_for_all() {
    let own: OwnAdvice = |code| (code == "ResourceInUse").then_some(Advice { title: "Mine", remedy: "Do it." });
    for code in ["ResourceInUse", "ResourceInUseException"] {
        let (title, detail) = explain(&refused(code), own);
        assert!(title == "Mine" && detail.ends_with("words.\n\nDo it."), "{title}: {detail}");
    }
    assert_eq!(explain(&refused("ValidationError"), own).0, "AWS does not accept the settings");
}

#[test]
fn a_lost_answer_says_what_may_have_happened() {
    let of = |operation: &str, cause: Cause| explain(&AwsError::new(operation, cause), none);
    let failed =
        || Cause::ServerError { status: 503, code: "Unknown".to_owned(), message: "AWS gave no reason".to_owned() };
    let broken = || Cause::BrokenAnswer("the answer is not complete: it is empty".to_owned());
    let closed = || Cause::Lost("connection closed before message completed".to_owned());
    for cause in [failed(), broken(), closed(), Cause::TimedOut] {
        let (title, detail) = of("elasticloadbalancing:CreateListener", cause.clone());
        assert!(!title.contains("refused") && !detail.contains("Correct what AWS names"), "{title}: {detail}");
        assert!(
            detail.contains("AWS may have carried out CreateListener; the next apply finds out and continues."),
            "{detail}"
        );
        let (_, detail) = of("elasticloadbalancing:DescribeListeners", cause);
        assert!(!detail.contains("may have carried out"), "{detail}");
    }
    let refused = |may_have_been_sent| {
        let proxy = Proxy { address: "http://proxy:3128".into(), variable: "HTTPS_PROXY", with_password: false };
        let host = "elb:443".to_owned();
        Cause::Connect { error: ConnectError::Proxy { proxy, host, fault: ProxyFault::Refused }, may_have_been_sent }
    };
    let (_, detail) = of("elasticloadbalancing:CreateListener", refused(true));
    assert!(detail.contains("CreateListener was sent without an answer, and not sent again: the proxy"), "{detail}");
    assert!(detail.contains("AWS may have carried out CreateListener; the next apply finds out"), "{detail}");
    let (_, detail) = of("elasticloadbalancing:CreateListener", refused(false));
    assert!(detail.contains("was not sent: the proxy") && !detail.contains("may have carried out"), "{detail}");
    let (_, detail) = of("elasticloadbalancing:CreateListener", Cause::Unreachable("refused".to_owned()));
    assert!(!detail.contains("may have carried out"), "nothing was sent: {detail}");
    let (_, detail) = of("ec2:DescribeNetworkInterfaces", broken());
    assert!(detail.contains("it is empty. Nothing was concluded"), "{detail}");
}

#[test]
fn what_is_missing_or_broken_is_said() {
    let of = |cause| explain(&AwsError::new("sts:GetCallerIdentity", cause), none);
    let others = vec!["a".to_owned(), "b".to_owned()];
    let missing = SettingsError::NoProfile { name: "c".to_owned(), origin: Origin::Settings, others };
    let (title, detail) = of(Cause::Settings(missing));
    assert_eq!(title, "No such AWS profile");
    assert!(detail.starts_with("`profile` in the provider block") && detail.contains("are: a, b."), "{detail}");
    let (title, detail) = of(Cause::Settings(SettingsError::SharedFiles("line 1".to_owned())));
    assert_eq!(title, "The AWS configuration files cannot be used");
    assert!(detail.starts_with("line 1."), "{detail}");
    assert_eq!(of(Cause::NoCredentials(CredentialsFailure::Failed("none".to_owned()))).0, "No usable AWS credentials");
}
