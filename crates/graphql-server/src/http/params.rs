//! The parameters of a request: `query`, `operationName`, `variables`, `extensions`. Each error names its field.

use async_graphql::{Request, Variables};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::{Error, Result, one_line};
use crate::query_guard::persisted::EXTENSION;

/// How async-graphql marks a variable as an uploaded file. Clients must not send it themselves.
const FILE_MARKER: &str = "#__graphql_file__:";

/// The body of a `POST`.
#[derive(Debug)]
pub enum Body {
    One(Box<Params>),
    Batch(Vec<Value>),
}

impl Body {
    pub fn from_json(bytes: &[u8]) -> Result<Self> {
        let invalid = |error| Error::bad_input("body", format!("The body is not valid JSON: {error}."));
        match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') => serde_json::from_slice(bytes)
                .map(|params| Self::One(Box::new(params)))
                .map_err(invalid),
            Some(b'[') => serde_json::from_slice(bytes).map(Self::Batch).map_err(invalid),
            _ => Err(Error::bad_input(
                "body",
                "The body must be a JSON object with `query`, or a list of them.",
            )),
        }
    }
}

/// The parameters as received, not yet checked.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Params {
    query: Option<Value>,
    operation_name: Option<Value>,
    variables: Option<Value>,
    extensions: Option<Value>,
}

impl Params {
    /// From a body that must not be a batch.
    pub fn one_from_json(bytes: &[u8]) -> Result<Self> {
        match Body::from_json(bytes)? {
            Body::One(params) => Ok(*params),
            Body::Batch(_) => Err(Error::bad_input("body", "Send one operation, not a batch.")),
        }
    }

    /// From the query string of a `GET`.
    pub fn from_query_string(text: &str) -> Result<Self> {
        let mut params = Self::default();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            let (param, value) = match &*name {
                "query" => (&mut params.query, Value::String(value.into_owned())),
                "operationName" => (&mut params.operation_name, Value::String(value.into_owned())),
                "variables" => (&mut params.variables, json_in_url("variables", &value)?),
                "extensions" => (&mut params.extensions, json_in_url("extensions", &value)?),
                _ => continue,
            };
            if param.replace(value).is_some() {
                return Err(Error::bad_input(
                    name.into_owned(),
                    "The parameter is there twice.",
                ));
            }
        }
        Ok(params)
    }

    /// From the payload of a `subscribe` message, or an operation of a batch.
    pub fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Object(_) => serde_json::from_value(value).map_err(Error::internal),
            _ => Err(Error::bad_input(
                "payload",
                "The operation must be an object with `query`.",
            )),
        }
    }

    pub fn into_request(self) -> Result<Request> {
        let query = match self.query {
            Some(Value::String(query)) => query,
            // A persisted query may be sent as a hash only: the guard looks it up.
            None | Some(Value::Null) if has_persisted_query(self.extensions.as_ref()) => String::new(),
            None | Some(Value::Null) => return Err(Error::bad_input("query", "`query` is missing.")),
            Some(_) => return Err(Error::bad_input("query", "`query` must be a string.")),
        };
        let mut request = Request::new(query);
        request.operation_name = match self.operation_name {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name),
            Some(_) => {
                return Err(Error::bad_input(
                    "operationName",
                    "`operationName` must be a string.",
                ));
            }
        };
        let variables = object("variables", self.variables)?;
        refuse_file_markers(&variables)?;
        request.variables = Variables::from_json(Value::Object(variables));
        for (name, value) in object("extensions", self.extensions)? {
            if let Ok(value) = async_graphql::Value::from_json(value) {
                request.extensions.insert(name, value);
            }
        }
        Ok(request)
    }
}

fn has_persisted_query(extensions: Option<&Value>) -> bool {
    extensions.is_some_and(|extensions| extensions.get(EXTENSION).is_some())
}

fn json_in_url(name: &str, text: &str) -> Result<Value> {
    serde_json::from_str(text)
        .map_err(|error| Error::bad_input(name, format!("`{name}` is not valid JSON: {error}.")))
}

fn object(name: &str, value: Option<Value>) -> Result<Map<String, Value>> {
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(Error::bad_input(name, format!("`{name}` must be an object."))),
    }
}

fn refuse_file_markers(variables: &Map<String, Value>) -> Result<()> {
    match variables.iter().find(|(_, value)| contains_file_marker(value)) {
        Some((name, _)) => Err(Error::bad_input(
            format!("variables.{}", one_line(name)),
            "A file comes as a part of multipart/form-data, with `null` in its place here.",
        )),
        None => Ok(()),
    }
}

fn contains_file_marker(value: &Value) -> bool {
    match value {
        Value::String(text) => text.starts_with(FILE_MARKER),
        Value::Array(items) => items.iter().any(contains_file_marker),
        Value::Object(map) => map.values().any(contains_file_marker),
        _ => false,
    }
}
