//! Queries that the same server answers, compared with each other.

use crate::bench_server::BenchServer;
use crate::http::Load;
use crate::row::{Row, compare, per_second};

/// Two loads of one server, to compare.
struct QueryRow<'a> {
    name: &'static str,
    load: Load,
    against: (&'static str, &'a Load),
    limit: &'static str,
}

pub async fn measure(server: &BenchServer) {
    server.fill(1_000).await;
    let stats = "{ portalStats { invited active invitedTotal version } }";
    let list = "{ invitedUsers(first: 20) { nodes { id email name invitation { status expiresAt } } } }";
    let id = server.contact().await;
    let contact = format!("{{ contact(id: \"{id}\") {{ id email name portalStatus tags }} }}");
    let by_token = |query: &str| Load::query(&server.token, query);
    let (bare, with_token) = (by_token("{ __typename }"), by_token(stats));
    let row = |name, load, limit| QueryRow {
        name,
        load,
        against: ("`__typename`", &bare),
        limit,
    };
    let viewer = "{ viewer { __typename ... on TeamMember { id role } } }";
    let rows = [
        row(
            "`portalStats`, 32 connections, verified JWT",
            with_token.clone(),
            "≥ 0.75",
        ),
        QueryRow {
            name: "`portalStats`, API key",
            load: Load::query(&server.key, stats),
            against: ("with a JWT", &with_token),
            limit: "≥ 0.9",
        },
        row("`viewer` with its id and role", by_token(viewer), "≥ 0.7"),
        row(
            "`invitedUsers(first: 20)` with their invitations",
            by_token(list),
            "–",
        ),
        row("`contact(id)`", by_token(&contact), "–"),
    ];
    for row in rows {
        let (one, other, ratio) = compare(server, &row.load, row.against.1).await;
        Row {
            name: row.name.to_owned(),
            measured: per_second(one),
            against: format!("{} {}", row.against.0, per_second(other)),
            ratio: Some(ratio),
            limit: row.limit.to_owned(),
        }
        .print();
    }
}
