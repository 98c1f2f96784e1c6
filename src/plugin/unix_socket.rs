//! A Unix socket that nobody but its owner can ever connect to, and that goes with its process.

use std::{
    env, fs, io,
    os::unix::fs::{DirBuilderExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use tokio::net::{UnixListener, UnixStream};

use super::place::Place;

/// The shortest `sun_path` among the systems we know is macOS's: 104 bytes with the final NUL.
const LONGEST_PATH: usize = 103;

/// A socket with the file that belongs to it.
#[derive(Debug)]
pub struct UnixSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl UnixSocket {
    /// The socket comes into being in a folder that only its owner can enter and is moved to its place when its
    /// permissions are right: between bind(2) and chmod(2) in the open, others could connect. (A umask would do
    /// too, but it belongs to the whole process.)
    pub fn bind(place: &Place) -> io::Result<(String, Self)> {
        let group = place.group.as_deref().map(group_id).transpose()?;
        let folder = place.folder.clone().unwrap_or_else(temporary);
        let path = folder.join(format!("plugin-{}", random_name()?));
        let text = usable(&path)?;
        let directory = PrivateDirectory::make(path.with_extension("new"))?;
        let born = directory.0.join("s");
        usable(&born)?;
        let listener = UnixListener::bind(&born)?;
        let mode = if group.is_some() { 0o660 } else { 0o600 };
        chown(&born, None, group)?;
        fs::set_permissions(&born, fs::Permissions::from_mode(mode))?;
        fs::rename(&born, &path)?;
        Ok((text, Self { listener, path }))
    }

    pub async fn accept(&self) -> io::Result<UnixStream> {
        Ok(self.listener.accept().await?.0)
    }
}

impl Drop for UnixSocket {
    fn drop(&mut self) {
        // It may be gone already, and a process that ends can't do more.
        let _ = fs::remove_file(&self.path);
    }
}

/// The system's folder for temporary files. An empty TMPDIR means none, as in Go and in a shell, not the working directory.
fn temporary() -> PathBuf {
    let folder = env::temp_dir();
    if folder.as_os_str().is_empty() { PathBuf::from("/tmp") } else { folder }
}

/// 64 random bits in hexadecimal. A name that is taken makes mkdir(2) fail; nothing else depends on it.
fn random_name() -> io::Result<String> {
    let mut bytes = [0; 8];
    let random = rustls::crypto::aws_lc_rs::default_provider().secure_random;
    random.fill(&mut bytes).map_err(|_| io::Error::other("no random numbers"))?;
    Ok(format!("{:016x}", u64::from_ne_bytes(bytes)))
}

/// A folder for its owner alone, removed with whatever is still in it.
struct PrivateDirectory(PathBuf);

impl PrivateDirectory {
    fn make(path: PathBuf) -> io::Result<Self> {
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for PrivateDirectory {
    fn drop(&mut self) {
        // Nothing is lost when it stays.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The path as text, if it fits a socket address and a handshake line.
fn usable(path: &Path) -> io::Result<String> {
    let text = path.to_str().filter(|text| text.len() <= LONGEST_PATH && !text.contains(['|', '\n', '\r']));
    text.map(str::to_owned).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidFilename, format!("{} can't be a socket's path", path.display()))
    })
}

/// A number, or a name in /etc/group; other sources of groups (LDAP) need the number.
fn group_id(group: &str) -> io::Result<u32> {
    if let Ok(id) = group.parse() {
        return Ok(id);
    }
    let unknown = || io::Error::new(io::ErrorKind::NotFound, format!("no group {group:?} in /etc/group"));
    find_group(&fs::read_to_string("/etc/group")?, group).ok_or_else(unknown)
}

/// Lines are `name:password:gid:members`.
fn find_group(file: &str, name: &str) -> Option<u32> {
    file.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name)).then(|| fields.nth(1)?.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_found_by_name_and_number() {
        let file = "root:x:0:\nbroken\nstaff:x:50:a,b\n";
        assert_eq!(find_group(file, "staff"), Some(50));
        assert_eq!(find_group(file, "sta"), None);
        assert_eq!(find_group(file, "broken"), None);
        assert_eq!(group_id("1234").unwrap(), 1234);
    }

    #[test]
    fn paths_that_break_the_line_or_the_address_are_refused() {
        assert!(usable(Path::new("/tmp/plugin-1")).is_ok());
        assert!(usable(&Path::new("/tmp").join("a".repeat(98))).is_ok());
        for path in ["/tmp/a|b".to_owned(), "/tmp/a\nb".to_owned(), format!("/tmp/{}", "a".repeat(99))] {
            assert!(usable(Path::new(&path)).is_err(), "{path}");
        }
    }
}
