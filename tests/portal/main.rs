//! The portal as its users and staff meet it, on a real PostgreSQL. A file per noun; `support` says how a test begins.

mod access;
mod attacks;
mod challenges;
mod codes;
mod counts;
mod credentials;
mod dropped;
mod headers;
mod inviting;
mod jobs;
mod layers;
mod letters;
mod links;
mod lists;
mod new_device;
mod not_me;
mod nulls;
mod passwords;
mod pauses;
mod read;
mod repeats;
mod schema;
mod sessions;
mod streams;
mod support;
mod uploads;
