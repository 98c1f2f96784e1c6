//! IAM Identity Center: a sign-in that `aws sso login` left, and its portal behind the company's proxy.

use lab::need;
use lab::portal::Portal;
use lab::tls::Front;

use crate::office::Company;

const PORTAL: &str = "portal.sso.eu-central-1.amazonaws.com";
const TOKEN: &str = "token-of-the-sign-in";
const LATER: &str = "2099-01-01T00:00:00Z";
const LONG_AGO: &str = "2020-01-01T00:00:00Z";

/// A company in which the profile `corp` signs in at `portal`.
struct SignedIn {
    company: Company,
    portal: Portal,
    _front: Front,
}

impl SignedIn {
    fn open(portal: Portal, expires: Option<&str>) -> Result<SignedIn, lab::skip::Missing> {
        let company = Company::open()?;
        let front = Front::start(&company.authority, &[PORTAL], &portal.url());
        company.proxy.route(&format!("{PORTAL}:443"), front.address());
        let company = Company { office: company.office.keyless(), ..company };
        company.office.file(
            ".aws/config",
            "[profile corp]\nsso_session = company\nsso_account_id = 123456789012\nsso_role_name = Terraform\n\
             [sso-session company]\nsso_region = eu-central-1\nsso_start_url = https://company.awsapps.com/start\n",
        );
        if let Some(expires) = expires {
            let token = format!(
                r#"{{"accessToken":"{TOKEN}","expiresAt":"{expires}","region":"eu-central-1","startUrl":"https://company.awsapps.com/start"}}"#
            );
            company.office.file(&format!(".aws/sso/cache/{}.json", sha1("company")), &token);
        }
        let bundle = company.bundle.clone();
        let company = company.env("AWS_CA_BUNDLE", &bundle).env("AWS_PROFILE", "corp");
        Ok(SignedIn { company, portal, _front: front })
    }

    fn refused(&self, title: &str) -> String {
        let said = self.company.office.refused("", title);
        assert!(!said.contains(TOKEN), "{said}");
        assert_eq!(self.company.office.record.calls().len(), 0);
        said
    }
}

fn sha1(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_sign_in_gives_credentials_through_the_proxy() {
    let signed_in = need!(SignedIn::open(Portal::sso(TOKEN, "ASIAPORTAL"), Some(LATER)));
    let company = signed_in.company.env("TF_LOG", "TRACE");
    let said = company.office.apply("").ok().said();
    assert_eq!(company.office.keys(), ["ASIAPORTAL"]);
    assert!(company.proxy.connected().contains(&format!("{PORTAL}:443")), "{:?}", company.proxy.connected());
    let asked = signed_in.portal.asked();
    assert!(asked[0].path.contains("role_name=Terraform") && asked[0].path.contains("account_id=123456789012"));
    for secret in [TOKEN, "portal-secret", "portal-session"] {
        assert!(!said.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn a_sign_in_that_has_ended_or_never_was_is_asked_for() {
    for expires in [Some(LONG_AGO), None] {
        let signed_in = need!(SignedIn::open(Portal::sso(TOKEN, "ASIAPORTAL"), expires));
        let said = signed_in.refused("A sign-in to AWS is needed");
        assert!(said.contains("Run `aws sso login --profile corp`, then run again."), "{said}");
        let reason =
            if expires.is_some() { "the SSO token has expired" } else { "failed to load the cached SSO token" };
        assert!(said.contains(&format!("profile `corp`: {reason}")), "{said}");
        assert_eq!(signed_in.portal.asked().len(), 0);
    }
}

#[test]
fn a_sign_in_that_the_portal_does_not_accept_is_asked_for_again() {
    let signed_in = need!(SignedIn::open(Portal::sso("another-token", "ASIAPORTAL"), Some(LATER)));
    let said = signed_in.refused("A sign-in to AWS is needed");
    assert!(said.contains("Session token not found or invalid"), "{said}");
    assert!(said.contains("Run `aws sso login --profile corp`"), "{said}");
}

#[test]
fn a_role_that_is_not_assigned_is_not_a_matter_of_signing_in() {
    let signed_in = need!(SignedIn::open(Portal::sso_without_roles(), Some(LATER)));
    let said = signed_in.refused("No access to the AWS account");
    assert!(said.contains("No access") && said.contains("`sso_role_name` of the profile `corp`"), "{said}");
    assert!(!said.contains("sso login"), "{said}");
}

#[test]
fn a_portal_whose_certificate_is_not_trusted_is_no_matter_of_signing_in() {
    let signed_in = need!(SignedIn::open(Portal::sso(TOKEN, "ASIAPORTAL"), Some(LATER)));
    let signed_in = SignedIn { company: signed_in.company.env("AWS_CA_BUNDLE", ""), ..signed_in };
    let said = signed_in.refused("The certificate is not accepted");
    assert!(said.contains(&format!("the certificate of {PORTAL}:443 is not accepted (unknown issuer)")), "{said}");
}
