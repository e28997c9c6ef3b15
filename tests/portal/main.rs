//! The portal as its users and staff meet it, on a real PostgreSQL. A file per noun; `support` says how a test begins.

mod jobs;
mod read;
mod support;
