//! The files of a folder, and on which host each belongs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The folders with a keepalived.conf, by name.
pub fn host_folders(folder: &Path) -> Result<Vec<String>, Vec<String>> {
    let entries = fs::read_dir(folder).map_err(|error| vec![format!("{}: {error}", folder.display())])?;
    let folders = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut folders: Vec<String> = folders.filter(|name| folder.join(name).join("keepalived.conf").is_file()).collect();
    folders.sort();
    Ok(folders)
}

/// The haproxy.cfg of a host, or of all.
pub fn haproxy_cfg(folder: &Path, host: Option<&str>) -> Result<String, Vec<String>> {
    let own = host.map(|host| folder.join(host).join("haproxy.cfg")).filter(|path| path.is_file());
    let path = own.unwrap_or_else(|| folder.join("haproxy.cfg"));
    fs::read_to_string(&path).map_err(|error| vec![format!("{}: {error}", path.display())])
}

/// What the host gets: files beside haproxy.cfg under /etc/haproxy, those of its own folder under /etc/keepalived.
pub fn files(folder: &Path, host: Option<&str>) -> Result<Vec<(String, String, u32)>, Vec<String>> {
    let mut found = Vec::new();
    collect(folder, "/etc/haproxy", &mut found)?;
    if let Some(host) = host {
        collect(&folder.join(host), "/etc/keepalived", &mut found)?;
        let own = found.iter().position(|(path, _, _)| path == "/etc/keepalived/haproxy.cfg");
        if let Some(own) = own {
            let (_, text, mode) = found.remove(own);
            found.retain(|(path, _, _)| path != "/etc/haproxy/haproxy.cfg");
            found.push(("/etc/haproxy/haproxy.cfg".to_owned(), text, mode));
        }
    }
    Ok(found)
}

fn collect(from: &Path, to: &str, found: &mut Vec<(String, String, u32)>) -> Result<(), Vec<String>> {
    let failed = |error: std::io::Error| vec![format!("{}: {error}", from.display())];
    for entry in fs::read_dir(from).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        // What isn't text is nothing that these programs read.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let mode = fs::metadata(&path).map_err(failed)?.permissions().mode() & 0o777;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        found.push((format!("{to}/{name}"), text, mode));
    }
    Ok(())
}
