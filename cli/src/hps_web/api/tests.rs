// SPDX-License-Identifier: GPL-3.0-or-later
//! The description names what the code knows. That the answers fit it is for tests/cli, with schemathesis.

use super::DESCRIPTION;
use super::hosts::MAX_LIMIT;
use crate::host_state::list::Order;
use clap::ValueEnum as _;
use hps::host::HostState;
use hps::types::Stage;
use serde_json::Value;

fn description() -> Value {
    serde_json::from_str(DESCRIPTION).unwrap()
}

fn words(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

#[test]
fn words_and_bounds_are_those_of_the_code() {
    let description = description();
    let schema = |name: &str| &description["components"]["schemas"][name]["enum"];
    let mut states: Vec<&str> = HostState::ALL.iter().map(|state| state.as_str()).collect();
    let mut described = words(schema("State"));
    states.sort_unstable();
    described.sort_unstable();
    assert_eq!(described, states);
    assert_eq!(words(schema("Stage")), Stage::ALL.map(Stage::as_str));
    let parameter = |name: &str| {
        let all = description["paths"]["/api/v1/hosts"]["get"]["parameters"].as_array().unwrap();
        all.iter().find(|one| one["name"] == name).unwrap()["schema"].clone()
    };
    let orders: Vec<String> =
        Order::value_variants().iter().map(|order| order.to_possible_value().unwrap().get_name().to_owned()).collect();
    assert_eq!(words(&parameter("sort")["enum"]), orders);
    // The cluster file may define types too.
    assert_eq!(parameter("type")["items"]["pattern"], "^[A-Za-z][A-Za-z0-9]{0,7}$");
    assert_eq!(parameter("limit")["maximum"], MAX_LIMIT);
}

#[test]
fn every_address_is_described_and_changes_are_apart() {
    let description = description();
    let paths: Vec<&String> = description["paths"].as_object().unwrap().keys().collect();
    assert_eq!(
        paths,
        [
            "/api/v1/events",
            "/api/v1/hosts",
            "/api/v1/hosts/{host}",
            "/api/v1/hosts/{host}/arm",
            "/api/v1/hosts/{host}/disarm",
            "/api/v1/hosts/{host}/explain",
            "/api/v1/hosts/{host}/history",
            "/api/v1/hosts/{host}/install-log",
            "/api/v1/hosts/{host}/log",
            "/api/v1/hosts/{host}/power",
            "/api/v1/openapi.json",
            "/api/v1/pending",
            "/api/v1/status",
            "/api/v1/windows",
        ]
    );
    for (path, methods) in description["paths"].as_object().unwrap() {
        let is_change = ["/arm", "/disarm", "/power"].iter().any(|end| path.ends_with(end));
        let expected = if is_change { "post" } else { "get" };
        assert_eq!(methods.as_object().unwrap().keys().collect::<Vec<_>>(), [expected], "{path}");
    }
}
