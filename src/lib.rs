//! Vestibule: sign-in and invitations for a client portal. ARCHITECTURE.md describes the structure of the code.

pub mod access;
pub(crate) mod access_report;
pub mod accounts;
pub(crate) mod affiliates;
pub mod api;
pub mod app;
pub mod audit_log;
pub mod base;
pub mod bulk_jobs;
pub mod cli;
pub(crate) mod communities;
pub mod contacts;
pub(crate) mod courses;
pub mod invitations;
pub mod live;
pub mod magic_links;
pub(crate) mod menu;
pub mod messages;
pub(crate) mod offers;
pub mod pages;
pub mod sending_domains;
pub mod services;
pub mod sign_in;
pub mod team;
pub(crate) mod templates;
pub mod worker;
