//! A machine's stand-in in a configuration, which says between the calls when it is made and when it ends.

/// A `terraform_data` of that name, with `id` as its output. It requests `/mark/made-ID` and `/mark/ended-ID` at `url`, a recording
/// server's, with curl; with another `id` it is replaced.
pub fn resource(name: &str, id: &str, url: &str) -> String {
    format!(
        r#"resource "terraform_data" "{name}" {{
  input            = {id:?}
  triggers_replace = {id:?}
  provisioner "local-exec" {{
    command = "curl -sS -X POST {url}/mark/made-${{self.input}}"
  }}
  provisioner "local-exec" {{
    when    = destroy
    command = "curl -sS -X POST {url}/mark/ended-${{self.input}}"
  }}
}}
"#
    )
}
