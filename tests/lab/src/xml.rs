//! As much XML as AWS's query protocol needs: reading answers into a tree, and writing them.

/// An element without its attributes; a namespace is dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Local name.
    pub name: String,
    /// The text directly inside, trimmed.
    pub text: String,
    /// Child elements in their order.
    pub children: Vec<Element>,
}

impl Element {
    /// Reads a document's outermost element.
    pub fn parse(document: &str) -> Result<Element, String> {
        let mut open: Vec<Element> = vec![Element::default()];
        let mut rest = document;
        while let Some((text, after)) = rest.split_once('<') {
            let innermost = open.last_mut().ok_or("an end tag without a start")?;
            innermost.text.push_str(&unescape(text.trim()));
            if let Some(after) = after.strip_prefix("!--") {
                rest = after.split_once("-->").ok_or("a comment without end")?.1;
                continue;
            }
            let (tag, after) = after.split_once('>').ok_or("a tag without end")?;
            rest = after;
            read_tag(tag, &mut open)?;
        }
        let [root] = open.as_slice() else {
            return Err("an element without end".to_owned());
        };
        let first = root.children.first().cloned();
        first.ok_or_else(|| "not XML".to_owned())
    }

    /// The first direct child of that name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first direct child of that name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// The first element of that name at any depth, this one included.
    pub fn find(&self, name: &str) -> Option<&Element> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }

    /// The elements of the list `name` (its `member`s, or EC2's `item`s); none when the list is absent.
    pub fn members(&self, name: &str) -> &[Element] {
        self.child(name).map_or(&[], |list| &list.children)
    }
}

/// Text as it must stand between two tags.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `<name>text</name>`
pub fn leaf(name: &str, text: impl ToString) -> String {
    format!("<{name}>{}</{name}>", escape(&text.to_string()))
}

/// `<name>` around ready XML.
pub fn node(name: &str, inner: &str) -> String {
    format!("<{name}>{inner}</{name}>")
}

/// `<name><member>…</member>…</name>` around ready XML.
pub fn list<I: IntoIterator<Item = String>>(name: &str, items: I) -> String {
    let members: String = items.into_iter().map(|item| node("member", &item)).collect();
    node(name, &members)
}

fn read_tag(tag: &str, open: &mut Vec<Element>) -> Result<(), String> {
    if tag.starts_with(['?', '!']) {
        return Ok(());
    }
    if let Some(name) = tag.strip_prefix('/') {
        let done = open.pop().ok_or("an end tag without a start")?;
        if done.name != local(name) {
            return Err(format!("</{name}> closes <{}>", done.name));
        }
        let parent = open.last_mut().ok_or("an end tag without a start")?;
        parent.children.push(done);
        return Ok(());
    }
    let closed = tag.ends_with('/');
    let name = tag.trim_end_matches('/').split_whitespace().next();
    let element = Element { name: local(name.ok_or("a tag without name")?), ..Element::default() };
    if closed {
        let parent = open.last_mut().ok_or("an end tag without a start")?;
        parent.children.push(element);
    } else {
        open.push(element);
    }
    Ok(())
}

fn local(name: &str) -> String {
    name.trim().rsplit(':').next().unwrap_or_default().to_owned()
}

fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&amp;", "&")
}
