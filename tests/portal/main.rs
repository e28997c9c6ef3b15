//! The portal as its users and staff meet it, on a real PostgreSQL. A file per noun; `support` says how a test begins.

mod access;
mod api_keys;
mod attacks;
mod audit;
mod counts;
mod dropped;
mod headers;
mod inviting;
mod jobs;
mod layers;
mod links;
mod lists;
mod nulls;
mod read;
mod repeats;
mod revoking;
mod schema;
mod settings;
mod signing_keys;
mod streams;
mod support;
mod sweep;
mod team;
mod uploads;
