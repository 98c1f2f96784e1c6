use super::*;
use crate::remote::credentials_failure::CredentialsFailure;
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
        "AWS refused elasticloadbalancing:CreateLoadBalancer (AccessDenied): words.\n\nThe credentials lack the permission \
         `elasticloadbalancing:CreateLoadBalancer`. Add it to the role or user that runs Terraform, then run again."
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
