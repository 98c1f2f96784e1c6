//! The random name of a run or of a deployment, by which what it made is told from what others made.

/// A new name: 16 hexadecimal digits.
///
/// Where the system has no random numbers, every run has the same one: a run then still finds what it left itself, and locks, leases and
/// claims keep runs apart, so that nothing is lost but time. A deployment is known by its name alone then.
pub fn random() -> String {
    let mut random = [0; 8];
    let _ = getrandom::fill(&mut random);
    format!("{:016x}", u64::from_be_bytes(random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_runs_have_the_same_name() {
        let (first, second) = (random(), random());
        assert_ne!(first, second);
        assert!(first.len() == 16 && first.chars().all(|digit| digit.is_ascii_hexdigit()), "{first}");
    }
}
