//! The functions that run on hosts. What each does, and which variables it reads, is at its beginning.

/// Where a host keeps what a run does.
pub const RUN_FOLDER: &str = "/run/talosendpoint";

/// Keeps other runs away; needs [`RUN_ID`] and [`BOOT`].
pub const LOCK: &str = include_str!("script/lock.sh");

/// Which run has a host.
pub const RUN_ID: &str = include_str!("script/run_id.sh");

/// Which boot of the host it is.
pub const BOOT: &str = include_str!("script/boot.sh");

/// Installs what is missing.
pub const PREPARE: &str = include_str!("script/prepare.sh");

/// Puts new files beside the old ones.
pub const STAGE: &str = include_str!("script/stage.sh");

/// Takes them into use; needs [`STAGE`], [`RUN_ID`], [`BOOT`], [`BACKGROUND`] and [`ORIGINALS`].
pub const CHANGE: &str = include_str!("script/change.sh");

/// Ends what was deployed; needs [`RUN_ID`], [`BACKGROUND`] and [`ORIGINALS`].
pub const REMOVE: &str = include_str!("script/remove.sh");

/// What goes on without the connection that began it.
pub const BACKGROUND: &str = include_str!("script/background.sh");

/// Where files of before are kept.
pub const ORIGINALS: &str = include_str!("script/originals.sh");

/// Who has the virtual IPs; [`PROBE`] is its variable `program`.
pub const NEIGHBOUR: &str = include_str!("script/neighbour.sh");

/// Asks who has an address; Python.
pub const PROBE: &str = include_str!("script/probe.py");

/// The host's packet filter.
pub const FIREWALL: &str = include_str!("script/firewall.sh");

#[cfg(test)]
mod tests {
    use std::process::Command;

    use lab::need;
    use lab::network::agent::PATH;
    use lab::programs::find_on;

    use super::*;

    /// What the functions of the probe give, a line each.
    fn evaluated(expressions: &[String]) -> Vec<String> {
        let lines: Vec<String> = expressions.iter().map(|one| format!("print({one})\n")).collect();
        let mut python = Command::new("python3");
        let output = python.arg("-c").arg(format!("{PROBE}\n{}", lines.concat())).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    /// Frames that Linux took for requests and answered, between 02:00:00:00:00:02 and 02:00:00:00:00:03, which has both virtual IPs.
    const ARP_REQUEST: &str = "ffffffffffff0200000000020806000108000604000102000000000200000000\
                               000000000000c000021e";
    const ARP_REPLY: &str = "02000000000202000000000308060001080006040002020000000003c000021e\
                             02000000000200000000";
    const SOLICITATION: &str = "3333ff00003002000000000286dd6000000000203afffe80000000000000000000fffe000002\
                                ff0200000000000000000001ff00003087004c010000000020010db80000000000000000\
                                000000300101020000000002";
    const ADVERTISEMENT: &str = "02000000000202000000000386dd6000000000203aff20010db800000000000000000000\
                                 0030fe80000000000000000000fffe0000028800ba4b6000000020010db80000000000\
                                 000000000000300201020000000003";

    #[test]
    fn requests_are_as_linux_answers_them_and_its_answers_are_understood() {
        need!(find_on("python3", PATH.as_ref()));
        let bytes = |hex: &str| format!("bytes.fromhex('{}')", hex.replace(char::is_whitespace, ""));
        let (v4, v6) = (bytes("c000021e"), bytes("20010db8000000000000000000000030"));
        let (own, source) = (bytes("020000000002"), bytes("fe80000000000000000000fffe000002"));
        let found = evaluated(&[
            format!("arp_probe({v4}, {own}).hex()"),
            format!("solicitation({v6}, {own}, {source}).hex()"),
            format!("arp_answer({}, {v4}).hex()", bytes(ARP_REPLY)),
            format!("advertisement({}, {v6}).hex()", bytes(ADVERTISEMENT)),
        ]);
        assert_eq!(found, [ARP_REQUEST, SOLICITATION, "020000000003", "020000000003"]);

        // Requests, what is about other addresses, and less than a frame.
        let (cut, other) = (bytes("0200"), bytes("20010db8000000000000000000000031"));
        let none = evaluated(&[
            format!("arp_answer({}, {v4})", bytes(ARP_REQUEST)),
            format!("arp_answer({}, {})", bytes(ARP_REPLY), bytes("c000021f")),
            format!("arp_answer({cut}, {v4})"),
            format!("advertisement({}, {v6})", bytes(SOLICITATION)),
            format!("advertisement({}, {other})", bytes(ADVERTISEMENT)),
            format!("advertisement({cut}, {v6})"),
        ]);
        assert!(none.iter().all(|one| one == "None"), "{none:?}");
    }
}
