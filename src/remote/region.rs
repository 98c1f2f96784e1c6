//! What may be a region, and where it is looked for.

use super::setting::{Place, Setting};
use super::settings_error::SettingsError;

/// True for what could be the code of a region: `eu-central-1`, `us-gov-west-1`. It becomes a part of a host name, so nothing else may
/// pass.
pub fn is_region(code: &str) -> bool {
    let mut parts: Vec<&str> = code.split('-').collect();
    let number = parts.pop().unwrap_or_default();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    code.len() <= 32
        && parts.len() >= 2
        && parts.iter().all(is_word)
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The region that the settings name, or else the environment, or else the profile.
///
/// # Errors
/// If the first of them that names one has none that could be a region.
pub fn find(own: Option<&str>, of_profile: Option<&Setting>) -> Result<Option<String>, SettingsError> {
    let own = own.map(|region| Setting { place: Place::Argument("region"), value: region.to_owned() });
    let of_environment = || Setting::of_variable("AWS_REGION").or_else(|| Setting::of_variable("AWS_DEFAULT_REGION"));
    own.or_else(of_environment).or_else(|| of_profile.cloned()).map(checked).transpose()
}

fn checked(setting: Setting) -> Result<String, SettingsError> {
    let Setting { place, value } = setting;
    if is_region(&value) {
        return Ok(value);
    }
    let fault = format!("must be the code of a region such as `eu-central-1`, but it is {value:?}");
    Err(SettingsError::Value { place, fault, instead: "region" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_a_part_of_a_host_name_and_no_more() {
        for good in
            ["eu-central-1", "us-gov-west-1", "us-isob-east-1", "ap-southeast-5", "mx-central-1", "eusc-de-east-1"]
        {
            assert!(is_region(good), "{good}");
        }
        for bad in [
            "",
            "eu-west1",
            "eu-west-",
            "eu_west_1",
            "EU-WEST-1",
            "eu-west-1a",
            "us-east-1 ",
            "x.evil.com/",
            "eu-central-1.evil",
            "-central-1",
        ] {
            assert!(!is_region(bad), "{bad}");
        }
    }

    #[test]
    fn what_is_no_region_is_reported_with_its_place() {
        let place = Place::Profile { key: "region", profile: "ops".to_owned(), file: Some("~/.aws/config".to_owned()) };
        let error = checked(Setting { place, value: "us-east-1 ".to_owned() }).unwrap_err().to_string();
        assert!(error.starts_with("`region` of the profile `ops` in ~/.aws/config must be"), "{error}");
        assert!(error.ends_with("but it is \"us-east-1 \""), "{error}");
        assert!(find(Some("eu-west1"), None).unwrap_err().to_string().starts_with("`region` must be"));
        assert_eq!(find(Some("eu-west-1"), None), Ok(Some("eu-west-1".to_owned())));
    }
}
