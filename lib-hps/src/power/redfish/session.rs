// SPDX-License-Identifier: GPL-3.0-or-later
//! A session (DSP0266, 13.3.4): the password is sent once, and a token after that. BMCs have few sessions, so each is
//! ended again. A BMC without sessions gets user and password with each request.

use super::http::{Http, Proof, Sent};
use crate::power::PowerError;
use crate::types::BmcCredentials;
use base64::Engine as _;
use ureq::http::Method;

/// An open session.
#[derive(Debug)]
pub(super) struct Session {
    path: String,
}

impl Session {
    /// Opens a session, or lets each request have user and password; then there is none. A password that is not accepted is
    /// not tried in another way.
    pub(super) fn open(
        http: &mut Http,
        sessions: Option<&str>,
        credentials: &BmcCredentials,
    ) -> Result<Option<Self>, PowerError> {
        let (user, password) = (credentials.user(), credentials.password());
        if let Some(sessions) = sessions {
            let body = serde_json::json!({ "UserName": user, "Password": password });
            let reply = http.ask(Method::POST, sessions, Sent { body: Some(&body), etag: None })?;
            match (reply.status, &reply.token) {
                (200..300, Some(token)) => {
                    http.proof = Proof::Token(token.clone());
                    let path = reply.location.as_deref().map(|location| http.own_path(location)).transpose()?;
                    return Ok(path.map(|path| Self { path }));
                }
                // It has no sessions after all.
                (404 | 405 | 501, _) => {}
                _ => return Err(http.refused("open a session", &reply)),
            }
        }
        let both = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        http.proof = Proof::Basic(format!("Basic {both}"));
        Ok(None)
    }

    /// Ends it.
    pub(super) fn close(self, http: &Http) {
        http.close(&self.path);
    }
}
