//! A file as a plan may show it: what is long or no text as its hash, passwords masked.

use crate::endpoint::host_files::sha256;

/// The longest text that is shown.
const LONGEST: usize = 64 * 1024;

/// Words of HAProxy's and Keepalived's files that a secret stands behind, also with a colon.
const BEFORE_SECRETS: [&str; 4] = ["auth_pass", "password", "insecure-password", "pass"];

/// Parts of the names of headers that hold a secret.
const SECRET_HEADERS: [&str; 7] = ["authorization", "cookie", "token", "secret", "password", "api-key", "auth-key"];

/// HAProxy's words for a header, which its name follows.
const BEFORE_HEADERS: [&str; 5] = ["set-header", "add-header", "replace-header", "replace-value", "hdr"];

/// What a secret becomes.
const MASK: &str = "(sensitive value)";

/// The text as a plan shows it.
pub fn shown(text: &str) -> String {
    if text.len() > LONGEST {
        return hash_only(&sha256(text.as_bytes()));
    }
    let mut all = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match masked(line) {
            Some(masked) => all.push_str(&masked),
            None => all.push_str(line),
        }
    }
    all
}

/// What is shown of a file whose text isn't.
pub fn hash_only(sha256: &str) -> String {
    format!("sha256:{sha256}\n")
}

/// The line without the secret in it; none where there is no secret.
fn masked(line: &str) -> Option<String> {
    let words: Vec<(usize, &str)> = words(line);
    let of_stats = |at: usize| at >= 1 && words[at - 1].1 == "stats" && words[at].1 == "auth";
    let of_header = |at: usize| at >= 1 && BEFORE_HEADERS.contains(&words[at - 1].1) && is_secret_header(words[at].1);
    let is_before = |word: &str| BEFORE_SECRETS.iter().any(|one| one.eq_ignore_ascii_case(word));
    let start = (0..words.len()).find_map(|at| {
        let (start, word) = words[at];
        // `password=X` is one word; `password:` and `password =` come before one.
        if let Some((name, value)) = word.split_once(['=', ':'])
            && is_before(name)
            && !value.is_empty()
        {
            return Some(start + name.len() + 1);
        }
        if !is_before(word.trim_end_matches([':', '='])) && !of_stats(at) && !of_header(at) {
            return None;
        }
        words.get(at + 1..)?.iter().find(|(_, word)| !["=", ":"].contains(word)).map(|(start, _)| *start)
    })?;
    let end = if line.ends_with('\n') { "\n" } else { "" };
    Some(format!("{}{MASK}{end}", &line[..start]))
}

fn is_secret_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_HEADERS.iter().any(|part| name.contains(part))
}

/// The words of a line, and where they begin.
fn words(line: &str) -> Vec<(usize, &str)> {
    line.split_ascii_whitespace().map(|word| (word.as_ptr() as usize - line.as_ptr() as usize, word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_the_rest_stays() {
        for (line, expected) in [
            ("    auth_pass hunter2\n", "    auth_pass (sensitive value)\n"),
            ("\tstats auth admin:hunter2\n", "\tstats auth (sensitive value)\n"),
            ("  user a insecure-password hunter2 groups x\n", "  user a insecure-password (sensitive value)\n"),
            ("# password: hunter2\n", "# password: (sensitive value)\n"),
            ("# password:hunter2 = x\n", "# password:(sensitive value)\n"),
            ("    password = hunter2\n", "    password = (sensitive value)\n"),
            ("    PASSWORD=hunter2\n", "    PASSWORD=(sensitive value)\n"),
            ("    user a password $6$x", "    user a password (sensitive value)"),
            (
                "  http-request set-header Authorization \"Basic x\"\n",
                "  http-request set-header Authorization (sensitive value)\n",
            ),
            (
                "  http-check send uri / hdr X-Vault-Token x",
                "  http-check send uri / hdr X-Vault-Token (sensitive value)",
            ),
            (
                "  http-request set-header X-Forwarded-Proto https\n",
                "  http-request set-header X-Forwarded-Proto https\n",
            ),
            ("    bind *:6443\n", "    bind *:6443\n"),
            ("    # no password\n", "    # no password\n"),
            ("    stats enable\n", "    stats enable\n"),
            ("    auth_pass\n", "    auth_pass\n"),
            ("", ""),
        ] {
            assert_eq!(shown(line), expected);
        }
        let two = "a\n  auth_pass x\nb\n";
        assert_eq!(shown(two), "a\n  auth_pass (sensitive value)\nb\n");
    }

    #[test]
    fn what_is_long_is_a_hash() {
        let long = "a\n".repeat(LONGEST);
        assert_eq!(shown(&long), hash_only(&sha256(long.as_bytes())));
        assert!(!shown(&"a\n".repeat(10)).starts_with("sha256:"));
    }
}
