//! Small servers that hand out credentials: the portal of IAM Identity Center, and the endpoint of a container.

use std::sync::{Arc, Mutex};

use super::server::{Reply, Request, Server};

/// A server that answers every GET as told, and keeps what it was asked.
pub struct Portal {
    server: Server,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Portal {
    /// The portal: `GET /federation/credentials` with the right bearer token gives credentials with `access_key`. A wrong token is
    /// refused as the service does it.
    pub fn sso(token: &str, access_key: &str) -> Portal {
        let token = token.to_owned();
        let body = format!(
            r#"{{"roleCredentials":{{"accessKeyId":"{access_key}","secretAccessKey":"portal-secret","sessionToken":"portal-session","expiration":4102444800000}}}}"#
        );
        Portal::start(move |request| {
            if !request.path.starts_with("/federation/credentials?") {
                return json(404, r#"{"message":"no such path"}"#);
            }
            if request.header("x-amz-sso_bearer_token") != Some(&token) {
                return refused("UnauthorizedException", "Session token not found or invalid");
            }
            json(200, &body)
        })
    }

    /// A portal that knows its caller and gives it no role.
    pub fn sso_without_roles() -> Portal {
        Portal::start(|_| refused("ForbiddenException", "No access"))
    }

    /// The endpoint of a container: any GET with the right `authorization` gives credentials with `access_key`.
    pub fn container(authorization: &str, access_key: &str) -> Portal {
        let authorization = authorization.to_owned();
        let body = format!(
            r#"{{"AccessKeyId":"{access_key}","SecretAccessKey":"container-secret","Token":"container-session","Expiration":"2099-01-01T00:00:00Z"}}"#
        );
        Portal::start(move |request| match request.header("authorization") {
            Some(given) if given == authorization => json(200, &body),
            _ => json(401, r#"{"code":"Unauthorized","message":"no"}"#),
        })
    }

    fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Portal {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (keeping, answer) = (Arc::clone(&asked), Arc::new(answer));
        let server = Server::start(Arc::new(move |request: Request| {
            let (keeping, answer) = (Arc::clone(&keeping), Arc::clone(&answer));
            Box::pin(async move {
                let reply = answer(&request);
                keeping.lock().unwrap().push(request);
                reply
            })
        }));
        Portal { server, asked }
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// What it was asked, in order.
    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

fn json(status: u16, body: &str) -> Reply {
    Reply {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.as_bytes().to_vec(),
    }
}

/// An error in the form of AWS's REST-JSON services.
fn refused(code: &str, message: &str) -> Reply {
    let status = if code == "ForbiddenException" { 403 } else { 401 };
    let mut reply = json(status, &format!(r#"{{"message":"{message}"}}"#));
    reply.headers.push(("x-amzn-errortype".to_owned(), code.to_owned()));
    reply
}
