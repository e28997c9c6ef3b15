//! Makes every field fail by removing one table after another. The responses must still match the schema: no key is absent,
//! no `T!` is null, every null has an error, and every error a null.

use std::collections::{BTreeSet, HashMap};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition};
use serde_json::{Map, Value, json};

use crate::access::cases::{CASES, Ids, OK, create_objects};
use crate::support::TestServer;

const LEVELS: usize = 4;

/// A failure can split a batch of a request that needs nearly as many statements as it may.
const CODES: [&str; 5] = [
    "INTERNAL",
    "UNAVAILABLE",
    "NOT_FOUND",
    "CONFLICT",
    "QUERY_TOO_COMPLEX",
];

struct Schema {
    fields: HashMap<String, Vec<FieldDefinition>>,
    members: HashMap<String, Vec<String>>,
}

fn schema() -> Schema {
    let document = parse_schema(vestibule::api::sdl()).expect("a schema");
    let mut schema = Schema {
        fields: HashMap::new(),
        members: HashMap::new(),
    };
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else {
            continue;
        };
        let name = definition.node.name.node.to_string();
        match definition.node.kind {
            TypeKind::Object(object) => {
                for interface in &object.implements {
                    let of = schema.members.entry(interface.node.to_string()).or_default();
                    of.push(name.clone());
                }
                let fields = object.fields.into_iter().map(|field| field.node);
                schema.fields.insert(name, fields.collect());
            }
            TypeKind::Union(union) => {
                let members = union.members.iter().map(|member| member.node.to_string());
                schema.members.insert(name, members.collect());
            }
            _ => {}
        }
    }
    schema
}

fn type_name(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => type_name(inner),
    }
}

impl Schema {
    /// Selects all fields below a type to this depth; for a union or an interface, those of one member.
    fn selection(&self, of: &str, member: Option<&str>, levels: usize) -> String {
        if let Some(member) = member {
            let inner = self.selection(member, None, levels);
            return format!(" {{ __typename ... on {member}{inner} }}");
        }
        let Some(fields) = self.fields.get(of) else {
            return if self.members.contains_key(of) {
                " { __typename }".to_owned()
            } else {
                String::new()
            };
        };
        let wanted = fields.iter().filter_map(|field| {
            let child = type_name(&field.ty.node);
            let leaf = !self.fields.contains_key(child) && !self.members.contains_key(child);
            // The last level has only leaves; fields with required arguments are omitted.
            let required = field
                .arguments
                .iter()
                .any(|argument| !argument.node.ty.node.nullable);
            // A contact's affiliate is selected once, without what lies below, and the report alone: one request runs at most a
            // hundred statements.
            let own_affiliate = of == "Contact" && child == "Affiliate";
            // So is what they may open.
            let own_contents =
                of == "Contact" && child.starts_with("Contact") && child.ends_with("Connection");
            // So are the template of a message, and since when a contact is unsubscribed; and a contact's runs without what lies below.
            let own_runs = of == "Contact" && child == "WorkflowRunConnection";
            let once = matches!(
                (of, &*field.name.node),
                ("Message", "template") | ("Contact", "unsubscribedAt")
            );
            if required
                || child == "AccessReport"
                || (levels == 0 && !leaf)
                || ((own_affiliate || own_contents || own_runs || once) && levels < LEVELS - 1)
            {
                return None;
            }
            let page = if child.ends_with("Connection") {
                "(first: 2)"
            } else {
                ""
            };
            let below = match (own_affiliate, own_runs) {
                (true, _) => 0,
                (_, true) => 1,
                _ => levels.saturating_sub(1),
            };
            let inner = self.selection(child, None, below);
            Some(format!("{}{page}{inner}", field.name.node))
        });
        format!(" {{ __typename {} }}", wanted.collect::<Vec<_>>().join(" "))
    }

    /// The violations of this type in a value. `failed` has the paths of the errors.
    fn violations(
        &self,
        value: &Value,
        of: &Type,
        path: &str,
        failed: &BTreeSet<String>,
        violations: &mut Vec<String>,
    ) {
        match (value, &of.base) {
            (Value::Null, _) if of.nullable => {}
            (Value::Null, _) => violations.push(format!("{path} is null and must not be")),
            (Value::Array(items), BaseType::List(inner)) => {
                for (at, item) in items.iter().enumerate() {
                    self.violations(item, inner, &format!("{path}.{at}"), failed, violations);
                }
            }
            (Value::Object(object), BaseType::Named(_)) => {
                self.object_violations(object, path, failed, violations)
            }
            (_, BaseType::List(_)) => violations.push(format!("{path} is no list")),
            _ if failed.contains(path) => violations.push(format!("{path} failed and has a value")),
            _ => {}
        }
    }

    fn object_violations(
        &self,
        object: &Map<String, Value>,
        path: &str,
        failed: &BTreeSet<String>,
        violations: &mut Vec<String>,
    ) {
        let name = object.get("__typename").and_then(Value::as_str);
        let Some(fields) = name.and_then(|name| self.fields.get(name)) else {
            violations.push(format!("{path} has no type"));
            return;
        };
        for (key, value) in object.iter().filter(|(key, _)| *key != "__typename") {
            match fields.iter().find(|field| field.name.node == key.as_str()) {
                Some(field) => self.violations(
                    value,
                    &field.ty.node,
                    &format!("{path}.{key}"),
                    failed,
                    violations,
                ),
                None => violations.push(format!("{path}.{key} is not in the schema")),
            }
        }
    }
}

/// The paths of the errors of a response, and whether each leads to a null.
fn failures(answer: &Value, violations: &mut Vec<String>) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for error in answer["errors"].as_array().into_iter().flatten() {
        let code = error["extensions"]["code"].as_str().unwrap_or_default();
        if !CODES.contains(&code) {
            violations.push(format!("the code of {error}"));
        }
        let steps = error["path"].as_array().cloned().unwrap_or_default();
        let mut here = &answer["data"];
        for step in &steps {
            here = match step {
                Value::Number(at) => {
                    &here[at
                        .as_u64()
                        .and_then(|at| usize::try_from(at).ok())
                        .unwrap_or(usize::MAX)]
                }
                step => &here[step.as_str().unwrap_or_default()],
            };
        }
        if steps.is_empty() || !here.is_null() {
            violations.push(format!("no null at {steps:?}"));
        }
        let path = steps
            .iter()
            .map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned));
        paths.insert(path.collect::<Vec<_>>().join("."));
    }
    paths
}

/// No key of an object is absent: the failed response has the keys of the healthy one, wherever it has objects.
fn same_keys(healthy: &Value, failed: &Value, path: &str, violations: &mut Vec<String>) {
    match (healthy, failed) {
        (Value::Object(healthy), Value::Object(failed)) if healthy["__typename"] == failed["__typename"] => {
            for (key, value) in healthy {
                match failed.get(key) {
                    Some(found) => same_keys(value, found, &format!("{path}.{key}"), violations),
                    None => violations.push(format!("{path}.{key} is absent")),
                }
            }
        }
        (Value::Array(healthy), Value::Array(failed)) => {
            for (at, (healthy, failed)) in healthy.iter().zip(failed).enumerate() {
                same_keys(healthy, failed, &format!("{path}.{at}"), violations);
            }
        }
        _ => {}
    }
}

/// Documents with all fields below each query.
fn documents(schema: &Schema, ids: &Ids) -> Vec<(&'static str, String, Type)> {
    // A plain list counts for twenty items, and a course has three, one below the other.
    let of_id = |kind: &'static str, id: &str| {
        let lists = [
            "Course",
            "Community",
            "Offer",
            "AccessGrant",
            "Affiliate",
            "AffiliateSale",
            "Workflow",
            "WorkflowRun",
        ]
        .contains(&kind);
        let levels = if lists { LEVELS - 2 } else { LEVELS - 1 };
        let inner = schema.selection("Node", Some(kind), levels);
        (kind, format!("node(id: \"{id}\"){inner}"))
    };
    let mut asked: Vec<(&'static str, String)> = vec![
        of_id("Contact", &ids.contact),
        of_id("Invitation", &ids.invitation),
        of_id("MagicLink", &ids.link),
        of_id("Message", &ids.message),
        of_id("BulkJob", &ids.job),
        of_id("Course", &ids.course),
        of_id("Community", &ids.community),
        of_id("Offer", &ids.offer),
        of_id("AccessGrant", &ids.grant),
        of_id("Affiliate", &ids.affiliate),
        of_id("AffiliateSale", &ids.sale),
        of_id("MenuItem", &ids.menu_item),
        of_id("SmartList", &ids.smart_list),
        of_id("Template", &ids.template),
        of_id("Workflow", &ids.workflow),
        of_id("WorkflowRun", &ids.run),
    ];
    for (name, arguments) in [
        ("portal", String::new()),
        ("portalStats", String::new()),
        (
            "portalStatsHistory",
            "(from: \"2026-01-01\", to: \"2026-01-31\", interval: WEEK)".to_owned(),
        ),
        ("contactTags", String::new()),
        ("smartLists", "(first: 1)".to_owned()),
        ("publicPortal", "(portal: \"acme\")".to_owned()),
        ("contact", format!("(id: \"{}\")", ids.contact)),
        ("bulkJob", format!("(id: \"{}\")", ids.job)),
        ("invitedUsers", "(first: 2)".to_owned()),
        ("activeUsers", "(first: 2)".to_owned()),
        ("contacts", "(first: 2)".to_owned()),
        ("invitations", "(first: 2)".to_owned()),
        ("checkRecipients", "(emails: [\"anna@acme.example\"])".to_owned()),
        ("magicLinks", "(first: 2)".to_owned()),
        ("messages", "(first: 2)".to_owned()),
        ("bulkJobs", "(first: 2)".to_owned()),
        ("recentActivity", "(first: 2)".to_owned()),
        ("teamMembers", "(first: 2)".to_owned()),
        ("apiKeys", "(first: 2)".to_owned()),
        ("auditLog", "(first: 2)".to_owned()),
        ("courses", "(first: 2)".to_owned()),
        ("communities", "(first: 2)".to_owned()),
        ("offers", "(first: 2)".to_owned()),
        ("grants", "(first: 2)".to_owned()),
        ("affiliates", "(first: 2)".to_owned()),
        ("menuItems", "(audience: PORTAL)".to_owned()),
        ("templates", "(first: 2)".to_owned()),
        ("mergeFields", "(channel: EMAIL)".to_owned()),
        ("systemEmails", String::new()),
        ("systemEmail", "(kind: INVITATION, language: ENGLISH)".to_owned()),
        ("workflows", "(first: 1)".to_owned()),
    ] {
        let field = schema.fields["Query"]
            .iter()
            .find(|field| field.name.node == name);
        let child = type_name(&field.unwrap_or_else(|| panic!("{name}")).ty.node).to_owned();
        // One request runs at most a hundred statements.
        let levels = if [
            "courses",
            "communities",
            "offers",
            "grants",
            "affiliates",
            "workflows",
        ]
        .contains(&name)
        {
            LEVELS - 2
        } else if child.ends_with("Connection") || ["contact", "checkRecipients"].contains(&name) {
            LEVELS - 1
        } else {
            LEVELS
        };
        asked.push((
            name,
            format!("{name}{arguments}{}", schema.selection(&child, None, levels)),
        ));
    }
    let report = schema.selection("AccessReport", None, 2);
    asked.push((
        "report",
        format!(
            "contact(id: \"{}\") {{ __typename accessReport{report} }}",
            ids.contact
        ),
    ));
    for kind in ["TeamMember", "ApiKey"] {
        let inner = schema.selection("Viewer", Some(kind), LEVELS);
        asked.push((kind, format!("viewer{inner}")));
    }
    let typed = asked.into_iter().map(|(name, field)| {
        let root = field.split(['(', ' ']).next().unwrap_or_default().to_owned();
        let definition = schema.fields["Query"]
            .iter()
            .find(|field| field.name.node == root.as_str());
        let of = definition.unwrap_or_else(|| panic!("{root}")).ty.node.clone();
        (name, format!("{{ {field} }}"), of)
    });
    typed.collect()
}

const TABLES: [&str; 35] = [
    "access_grants",
    "account_counts",
    "account_seen_days",
    "accounts",
    "affiliate_clicks",
    "affiliate_sales",
    "affiliates",
    "announcements",
    "api_keys",
    "audit_events",
    "bulk_job_items",
    "bulk_jobs",
    "communities",
    "contacts",
    "course_modules",
    "courses",
    "invitations",
    "lesson_progress",
    "lessons",
    "magic_links",
    "menu_items",
    "messages",
    "offer_items",
    "offers",
    "sessions",
    "smart_lists",
    "system_emails",
    "team_members",
    "template_versions",
    "templates",
    "workflow_runs",
    "workflow_step_counts",
    "workflow_steps",
    "workflow_versions",
    "workflows",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_yields_a_response_that_matches_the_schema() {
    let schema = schema();
    let server = TestServer::open().await;
    let ids = create_objects(&server).await;
    let documents = documents(&schema, &ids);
    let (mut violations, mut failed) = (Vec::new(), BTreeSet::new());
    let mut healthy = Vec::new();
    for (name, document, _) in &documents {
        let answer = server
            .request(Some(&server.acme.owner), document, json!({}))
            .await;
        assert_eq!(answer.get("errors"), None, "{name}: {answer:#}");
        healthy.push(answer);
    }
    for table in TABLES {
        server
            .test
            .run(&format!("alter table {table} rename to away"))
            .await;
        for ((name, document, of), healthy) in documents.iter().zip(&healthy) {
            let answer = server
                .request(Some(&server.acme.owner), document, json!({}))
                .await;
            let mut found = Vec::new();
            let paths = failures(&answer, &mut found);
            if let Some((root, value)) = answer["data"].as_object().and_then(|data| data.iter().next()) {
                schema.violations(value, of, root, &paths, &mut found);
                same_keys(&healthy["data"][root], value, root, &mut found);
            } else if of.nullable {
                found.push("data is null".to_owned());
            }
            failed.extend(paths.iter().map(|path| format!("{name}: {}", field_of(path))));
            violations.extend(
                found
                    .into_iter()
                    .map(|fault| format!("{name} without {table}: {fault}")),
            );
        }
        server
            .test
            .run(&format!("alter table away rename to {table}"))
            .await;
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
    for expected in [
        "portal: portal",
        "portal: portal.stats",
        "portalStats: portalStats",
        "portalStatsHistory: portalStatsHistory",
        "contactTags: contactTags",
        "publicPortal: publicPortal",
        "contact: contact",
        "contact: contact.invitation",
        "contact: contact.magicLinks",
        "contact: contact.messages",
        "contacts: contacts",
        "contacts: contacts.nodes.invitation",
        "invitations: invitations",
        "checkRecipients: checkRecipients",
        "invitations: invitations.nodes.contact",
        "magicLinks: magicLinks",
        "magicLinks: magicLinks.nodes.contact",
        "messages: messages",
        "messages: messages.nodes.contact",
        "messages: messages.nodes.magicLink",
        "bulkJobs: bulkJobs",
        "bulkJob: bulkJob",
        "bulkJob: bulkJob.items",
        "recentActivity: recentActivity",
        "recentActivity: recentActivity.nodes.contact",
        "TeamMember: viewer.createdAt",
        "Contact: node",
        "contact: contact.timeline",
        "teamMembers: teamMembers",
        "apiKeys: apiKeys",
        "auditLog: auditLog",
        "auditLog: auditLog.nodes.contact",
        "auditLog: auditLog.nodes.actor.display",
        "contact: contact.courses",
        "contact: contact.communities",
        "grants: grants",
        "courses: courses",
        "courses: courses.nodes.members",
        "communities: communities",
        "communities: communities.nodes.announcements",
        "offers: offers",
        "offers: offers.nodes.holders",
        "AccessGrant: node.contact",
        "affiliates: affiliates",
        "contact: contact.affiliate",
        "report: contact.accessReport",
        "Affiliate: node",
        "MenuItem: node",
        "MenuItem: node.visibleTo",
        "SmartList: node",
        "SmartList: node.count",
        "SmartList: node.contacts",
        "smartLists: smartLists",
        "menuItems: menuItems",
        "Template: node",
        "templates: templates",
        "mergeFields: mergeFields",
        "systemEmails: systemEmails",
        "systemEmail: systemEmail",
        "Workflow: node",
        "Workflow: node.counts",
        "Contact: node.workflowRuns",
        "WorkflowRun: node",
        "WorkflowRun: node.contact",
        "WorkflowRun: node.workflow",
        "workflows: workflows",
        "Affiliate: node.contact",
        "AffiliateSale: node.affiliate",
    ] {
        assert!(
            failed.contains(expected),
            "{expected} never failed, but: {failed:#?}"
        );
    }
    // Both fail with the offers, and the first error counts.
    let with_offers = ["contact: contact.offers", "contact: contact.grants"];
    assert!(
        with_offers.iter().any(|path| failed.contains(*path)),
        "{failed:#?}"
    );
    server.stop().await;
}

/// The path without list indexes.
fn field_of(path: &str) -> String {
    let names = path.split('.').filter(|step| step.parse::<usize>().is_err());
    names.collect::<Vec<_>>().join(".")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_mutation_is_null_with_an_error_and_changes_nothing() {
    let server = TestServer::open().await;
    let ids = create_objects(&server).await;
    let count = "select (select count(*) from contacts) + (select count(*) from messages where contact_id is not null) + (select count(*) from sessions)";
    let before = server.test.number(count).await;
    server.test.run("alter table audit_events rename to away").await;
    for case in CASES.iter().filter(|case| case.query.starts_with("mutation")) {
        let answer = server
            .request(Some(&server.acme.owner), case.query, (case.variables)(&ids))
            .await;
        if answer.get("errors").is_none() {
            let silent = [
                "generateCustomMenuLink",
                "signInWithMagicLink",
                "signInWithCode",
                "signInWithChallenge",
                "refreshSession",
                "pauseBulkJob",
                "resumeBulkJob",
                "resetPassword",
                "signInWithGoogle",
                "setPassword",
                "changePassword",
                "reportNotMe",
                "resumeMail",
                // The draft is what is published.
                "publishWorkflow",
                // No access was revoked, so there is nothing to log.
                "restorePortalAccess",
                // The contact has the offer already.
                "grantOffer",
                // The order is there already.
                "reorderMenuItems",
                // The account has the slug already.
                "updatePortalSettings(input: {slug",
                // A dry run writes nothing.
                "dryRun: true}) { count skippedCounts",
                // The template says that already.
                "restoreTemplateVersion",
                // It has the built-in text already.
                "resetSystemEmail",
                // It runs already.
                "resumeWorkflow",
                // It changes nothing.
                "testWorkflow",
            ];
            assert!(
                silent.iter().any(|name| case.query.contains(name)),
                "{}: {answer}",
                case.query
            );
            continue;
        }
        assert_eq!(answer["data"], json!({ "r": null }), "{}: {answer}", case.query);
        assert_eq!(answer["errors"][0]["path"], json!(["r"]), "{}", case.query);
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        let expected = match case.owner {
            // The job that could not be paused can't be resumed either.
            OK if case.query.contains("resume") => "CONFLICT",
            // The domain that could not be set.
            OK if case.query.contains("verifySendingDomain") => "NOT_FOUND",
            OK if case.query.contains("removeSendingDomain") => "NOT_FOUND",
            OK => "INTERNAL",
            refused => refused,
        };
        assert_eq!(code, Some(expected), "{}", case.query);
        assert!(
            !answer.to_string().contains("audit_events"),
            "nothing of the inside"
        );
    }
    assert_eq!(server.test.number(count).await, before);
    server.stop().await;
}
