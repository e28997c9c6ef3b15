//! The portal as its users and staff meet it, on a real PostgreSQL. A file per noun; `support` says how a test begins.

mod access;
mod attacks;
mod challenges;
mod codes;
mod counts;
mod dropped;
mod headers;
mod inviting;
mod jobs;
mod layers;
mod links;
mod lists;
mod nulls;
mod passwords;
mod read;
mod repeats;
mod schema;
mod streams;
mod support;
mod uploads;
