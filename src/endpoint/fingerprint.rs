//! What tells a file that runs from a file that only lies on the disk: a hash in the file itself, which the running program reports.

use aws_lc_rs::digest;

/// The beginning of a SHA-256 in hexadecimal digits, 64 bits: more than enough to tell two versions of one file apart.
const DIGITS: usize = 16;

/// The fingerprint of a text.
pub fn of(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let mut digits: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    digits.truncate(DIGITS);
    digits
}

/// The file that `render` writes around its own fingerprint. Called with `None` it leaves the line out.
pub fn embed(render: impl Fn(Option<&str>) -> String) -> String {
    let fingerprint = of(&render(None));
    render(Some(&fingerprint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_beginning_of_the_sha_256() {
        assert_eq!(of("abc"), "ba7816bf8f01cfea");
    }

    #[test]
    fn a_file_holds_the_fingerprint_of_the_rest() {
        let file = embed(|own| format!("a\n{}b\n", own.map(|own| format!("own {own}\n")).unwrap_or_default()));
        assert_eq!(file, format!("a\nown {}\nb\n", of("a\nb\n")));
    }
}
