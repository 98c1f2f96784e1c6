//! Where on a machine HAProxy may have a folder or a socket of its own. It puts its socket in the place of whatever is there: of the
//! system's log, or of its own configuration.

/// Folders whose contents belong to the system, its packages and its administrators.
const OF_THE_SYSTEM: [&str; 10] = ["/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr"];

/// Folders that programs share: HAProxy may have something in them, and is none of them.
const SHARED: [&str; 9] = ["/home", "/mnt", "/run", "/srv", "/tmp", "/var", "/var/lib", "/var/run", "/var/tmp"];

/// Why nothing of HAProxy's can be at `path`; none where it can.
pub fn of_the_system(path: &str) -> Option<String> {
    let inside =
        |folder: &&&str| path.strip_prefix(**folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let own =
        path.strip_prefix("/usr/local/").is_some_and(|rest| rest.contains('/') || !["bin", "sbin"].contains(&rest));
    if let Some(folder) = OF_THE_SYSTEM.iter().find(inside).filter(|_| !own) {
        return Some(format!("`{folder}` belongs to the system: HAProxy must not replace or use what is there."));
    }
    SHARED.contains(&path).then(|| format!("`{path}` is a folder of many programs, not of HAProxy alone."))
}

/// What is wrong with the path of HAProxy's own socket.
pub fn socket_fault(path: &str) -> Option<String> {
    of_the_system(path).map(|why| format!("{why} Write a path below `/run`, such as `/run/haproxy/admin.sock`."))
}

/// What is wrong with HAProxy's own folder.
pub fn folder_fault(path: &str) -> Option<String> {
    of_the_system(path).map(|why| format!("{why} Write an empty folder of its own, such as `/var/lib/haproxy`."))
}

/// What is wrong with the beginning of the path of HAProxy's state file.
pub fn state_file_fault(path: &str) -> Option<String> {
    of_the_system(path)
        .map(|why| format!("{why} Write a path in a folder of HAProxy's own, such as `/var/lib/haproxy/server-state`."))
}

/// What is wrong with the path of a socket that HAProxy logs to. That one is the system's.
pub fn log_fault(path: &str) -> Option<String> {
    if path.strip_suffix(".log").is_some_and(|_| path.starts_with('/')) {
        return Some(
            "HAProxy writes to sockets, not to files. Write `/dev/log`, and have syslog write the file.".to_owned(),
        );
    }
    let other = path.strip_prefix("/dev/").is_none().then(|| of_the_system(path)).flatten();
    other.map(|why| format!("{why} Write a socket of the log service, such as `/dev/log`."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_refused_is_explained() {
        let says =
            |fault: Option<String>, what: &str| assert!(fault.clone().unwrap_or_default().contains(what), "{fault:?}");
        says(socket_fault("/dev/log"), "`/dev` belongs to the system");
        says(socket_fault("/etc/haproxy/haproxy.cfg"), "Write a path below `/run`");
        says(folder_fault("/etc/passwd"), "Write an empty folder");
        says(folder_fault("/var/lib"), "of many programs");
        says(state_file_fault("/etc/state"), "such as `/var/lib/haproxy/server-state`");
        says(log_fault("/var/log/haproxy.log"), "not to files");
        says(log_fault("/etc/haproxy/haproxy.cfg"), "such as `/dev/log`");
        for good in ["/dev/log", "/run/systemd/journal/syslog", "/var/lib/haproxy/dev/log", "stdout", "10.0.0.5:514"] {
            assert_eq!(log_fault(good), None, "{good}");
        }
        assert_eq!((socket_fault("/run/haproxy/admin.sock"), folder_fault("/var/lib/haproxy")), (None, None));
    }
}
