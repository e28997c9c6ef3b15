//! The schema of an account, with viewers of every kind.

use std::sync::Arc;

use async_graphql::{Request, Variables};
use graphql_server::error::with_codes;
use serde_json::Value;
use vestibule::accounts::model::Account;
use vestibule::api::context::request_data;
use vestibule::api::{PortalSchema, build};
use vestibule::base::actor::{Client, Role, Scope};
use vestibule::base::address::EmailAddress;
use vestibule::base::db::Db;
use vestibule::base::error::Error;
use vestibule::base::ids::{AccountId, SessionId};
use vestibule::base::public_http::PublicHttp;
use vestibule::base::secrets::ServerKey;
use vestibule::contacts::model::Contact;
use vestibule::services::{Services, Settings};
use vestibule::sign_in::access_token::Tokens;
use vestibule::sign_in::auth_context::{AuthContext, Viewer};
use vestibule::sign_in::context::SignInContext;
use vestibule::sign_in::keys::Keys;
use vestibule::sign_in::password::hashing::PasswordHasher;
use vestibule::sign_in::signing_keys as keys;
use vestibule::team::model::TeamMember;
use vestibule::team::model::api_key::ApiKey;

use super::TestAccount;
use super::server::FAST_HASHING;

pub struct TestApi {
    pub test: TestAccount,
    pub services: Arc<Services>,
    schema: PortalSchema,
}

impl TestApi {
    pub async fn open() -> Self {
        let test = TestAccount::open().await;
        let parts = &test.parts;
        let keys = Keys::new(&ServerKey::new(b"a secret of the tests"));
        let moment = test.clock.moment();
        let pairs = keys::load_or_create(&parts.db, &keys.signing_seal, &moment).await;
        let sign_in = SignInContext {
            db: parts.db.clone(),
            clock: parts.clock.clone(),
            tokens: Arc::new(Tokens::new(pairs.expect("keys"), &parts.addresses.public)),
            keys,
            google: None,
            password_hasher: PasswordHasher::new(FAST_HASHING, 1, &moment).expect("the parameters are good"),
        };
        let services = Arc::new(Services {
            // A separate pool from that of the live hub, whose statements must not be counted.
            db: Db::new(&test.test.url, 5).expect("a pool"),
            clock: parts.clock.clone(),
            live: parts.live.clone(),
            settings: Settings {
                addresses: parts.addresses.clone(),
                daily_messages: parts.daily_messages,
                google: false,
                sending: parts.sending.clone(),
                twilio: None,
            },
            sign_in,
            public_http: PublicHttp::new(true).expect("a client"),
        });
        Self {
            schema: build(Arc::clone(&services), true),
            services,
            test,
        }
    }

    /// The response as a client reads it.
    pub async fn request(&self, caller: &Viewer, document: &str, variables: Value) -> Value {
        let auth = AuthContext {
            viewer: caller.clone(),
            ..AuthContext::anonymous()
        };
        let request = Request::new(document).variables(Variables::from_json(variables));
        let request = request_data(auth, Client::default(), request);
        // Boxed: the future of a test holds one for each request.
        let response = with_codes::<Error>(Box::pin(self.schema.execute(request)).await);
        serde_json::to_value(&response).expect("JSON")
    }

    /// The data of a response without errors.
    pub async fn data(&self, caller: &Viewer, document: &str, variables: Value) -> Value {
        let mut response = self.request(caller, document, variables).await;
        assert_eq!(response.get("errors"), None, "{document}");
        response["data"].take()
    }

    /// The code and field of the only error of a response.
    pub async fn error(&self, caller: &Viewer, document: &str, variables: Value) -> (String, Option<String>) {
        let response = self.request(caller, document, variables).await;
        assert_eq!(response["errors"].as_array().map(Vec::len), Some(1), "{response}");
        let extensions = &response["errors"][0]["extensions"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        (
            text(&extensions["code"]).unwrap_or_default(),
            text(&extensions["field"]),
        )
    }

    /// Creates a team member of the account.
    pub async fn member(&self, email: &str, role: Role) -> Viewer {
        self.member_of(self.test.account.id, email, role).await
    }

    async fn member_of(&self, account: AccountId, email: &str, role: Role) -> Viewer {
        let moment = self.test.clock.moment();
        let email = EmailAddress::parse(email).expect("an address");
        let member = self
            .test
            .write(async |conn| TeamMember::create(conn, account, &email, role, &moment).await)
            .await;
        Viewer::Member {
            account,
            member: member.id,
            session: SessionId::new(&moment),
            role,
        }
    }

    pub async fn owner(&self) -> Viewer {
        self.member("owner@acme.example", Role::Owner).await
    }

    /// The owner of another account.
    pub async fn owner_of_other_account(&self) -> Viewer {
        let moment = self.test.clock.moment();
        let other = self
            .test
            .write(async |conn| Account::create(conn, "other", "Other", &moment).await)
            .await;
        self.member_of(other.id, "owner@other.example", Role::Owner).await
    }

    pub async fn key(&self, scopes: &[Scope]) -> Viewer {
        let (account, moment) = (self.test.account.id, self.test.clock.moment());
        let (key, _) = self
            .test
            .write(async |conn| ApiKey::create(conn, account, "a server", scopes, &moment).await)
            .await;
        Viewer::Key {
            account,
            key: key.id,
            scopes: scopes.to_vec(),
        }
    }

    /// A contact signed in to the portal.
    pub fn contact(&self, contact: &Contact) -> Viewer {
        Viewer::Contact {
            account: contact.account_id,
            contact: contact.id,
            session: SessionId::new(&self.test.clock.moment()),
            section: None,
        }
    }

    /// How many statements the work runs: the minimum of several attempts, to exclude background statements.
    pub async fn statements(&self, mut work: impl AsyncFnMut()) -> u64 {
        let count = || self.services.db.statement_count() + self.test.test.db.statement_count();
        let mut fewest = u64::MAX;
        for _ in 0..7 {
            let before = count();
            work().await;
            fewest = fewest.min(count() - before);
        }
        fewest
    }
}
