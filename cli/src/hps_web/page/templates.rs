// SPDX-License-Identifier: GPL-3.0-or-later
//! The templates. Every value is escaped for HTML by the engine; only a body that a template made is not escaped again.

use crate::hps_web::http::{Response, Status};
use crate::program;
use anyhow::Context as _;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};

const TEMPLATES: [(&str, &str); 6] = [
    ("layout", include_str!("layout.html")),
    ("overview", include_str!("overview.html")),
    ("hosts", include_str!("hosts.html")),
    ("host", include_str!("host.html")),
    ("racks", include_str!("racks.html")),
    ("error", include_str!("error.html")),
];

/// The templates, compiled.
#[derive(Debug)]
pub(in crate::hps_web) struct Templates(Environment<'static>);

/// What the frame of a page shows.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) title: String,
    /// The active cluster; empty if it cannot be read.
    pub(super) cluster: String,
    /// Where its events come from; empty for none.
    pub(super) events: String,
}

/// A page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) template: &'static str,
    pub(super) view: View,
    pub(super) body: serde_json::Value,
    pub(super) status: Status,
}

impl Page {
    /// A page with these values.
    pub(super) fn new(template: &'static str, view: View, body: serde_json::Value) -> Self {
        Self { template, view, body, status: Status::Ok }
    }

    /// Why there is no other page.
    pub(super) fn error(status: Status, why: String) -> Self {
        let heading = match status {
            Status::NotFound => "Not found",
            Status::BadRequest => "Not accepted",
            _ => "Not now",
        };
        let view = View { title: heading.to_owned(), ..View::default() };
        Self { template: "error", view, body: serde_json::json!({ "heading": heading, "why": why }), status }
    }
}

impl Templates {
    /// Compiles them.
    ///
    /// # Errors
    /// When one has a mistake.
    pub(in crate::hps_web) fn new() -> anyhow::Result<Self> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        for (name, text) in TEMPLATES {
            environment.add_template(name, text).with_context(|| format!("template {name}"))?;
        }
        Ok(Self(environment))
    }

    /// A page as HTML.
    ///
    /// # Errors
    /// When a value is missing.
    pub(super) fn render(&self, page: &Page) -> anyhow::Result<Response> {
        let Page { template, view, body, .. } = page;
        let body =
            self.0.get_template(template)?.render(Serde(body)).with_context(|| format!("template {template}"))?;
        let frame = serde_json::json!({
            "title": view.title,
            "cluster": view.cluster,
            "events": view.events,
            "here": template,
            "version": program::VERSION,
            "now": program::now(),
            "body": body,
        });
        let text = self.0.get_template("layout")?.render(Serde(frame))?;
        Ok(Response::new("text/html; charset=utf-8", text.into_bytes()))
    }
}
