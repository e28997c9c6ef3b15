//! The patterns of the pages' routes, for the log and the metrics: a path may hold a secret, its pattern never does.

use crate::accounts::model::section::PortalSection;

/// The pattern of a path below a portal, or of one outside of portals.
pub(crate) fn pattern(portal: bool, parts: &[String]) -> &'static str {
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    if portal {
        of_portal(&parts)
    } else {
        of_server(&parts)
    }
}

fn of_portal(parts: &[&str]) -> &'static str {
    match parts {
        [] => "{portal}/",
        ["login"] => "{portal}/login",
        ["login", "password"] => "{portal}/login/password",
        ["login", "wait"] => "{portal}/login/wait",
        ["login", "code"] => "{portal}/login/code",
        ["login", "resend"] => "{portal}/login/resend",
        ["login", "finish"] => "{portal}/login/finish",
        ["login", "confirm", _] => "{portal}/login/confirm/{challenge}",
        ["login", "google"] => "{portal}/login/google",
        ["login", "google", "done"] => "{portal}/login/google/done",
        ["profile"] => "{portal}/profile",
        ["profile", "password"] => "{portal}/profile/password",
        ["profile", "end"] => "{portal}/profile/end",
        ["profile", "end-all"] => "{portal}/profile/end-all",
        ["step-up"] => "{portal}/step-up",
        ["step-up", "mail"] => "{portal}/step-up/mail",
        ["forgot"] => "{portal}/forgot",
        ["reset", _] => "{portal}/reset/{token}",
        ["sign-out"] => "{portal}/sign-out",
        ["link", _] => "{portal}/link/{token}",
        ["link", _, "fresh"] => "{portal}/link/{token}/fresh",
        ["not-me", _] => "{portal}/not-me/{token}",
        [path] if PortalSection::from_path(path).is_some() => "{portal}/{section}",
        _ => "{portal}/other",
    }
}

fn of_server(parts: &[&str]) -> &'static str {
    match parts {
        [] => "/",
        ["graphiql"] => "/graphiql",
        ["healthz"] => "/healthz",
        ["readyz"] => "/readyz",
        ["metrics"] => "/metrics",
        [".well-known", "jwks.json"] => "/.well-known/jwks.json",
        ["dashboard"] => "/dashboard",
        ["dashboard", "link", _] => "/dashboard/link/{token}",
        ["dashboard", _] => "/dashboard/{account}",
        ["dashboard", _, "sign-out"] => "/dashboard/{account}/sign-out",
        ["dashboard", _, "login"] => "/dashboard/{account}/login",
        ["dashboard", _, "login", "password"] => "/dashboard/{account}/login/password",
        ["dashboard", _, "login", "wait"] => "/dashboard/{account}/login/wait",
        ["dashboard", _, "login", "code"] => "/dashboard/{account}/login/code",
        ["dashboard", _, "login", "resend"] => "/dashboard/{account}/login/resend",
        ["dashboard", _, "login", "finish"] => "/dashboard/{account}/login/finish",
        ["dashboard", _, "login", "confirm", _] => "/dashboard/{account}/login/confirm/{challenge}",
        ["auth", "google", "start"] => "/auth/google/start",
        ["auth", "google", "callback"] => "/auth/google/callback",
        ["dashboard", _, "login", "google"] => "/dashboard/{account}/login/google",
        ["dashboard", _, "login", "google", "done"] => "/dashboard/{account}/login/google/done",
        ["dashboard", _, "forgot"] => "/dashboard/{account}/forgot",
        ["dashboard", _, "reset", _] => "/dashboard/{account}/reset/{token}",
        ["dashboard", _, "not-me", _] => "/dashboard/{account}/not-me/{token}",
        ["dashboard", _, "outbox"] => "/dashboard/{account}/outbox",
        ["dashboard", _, "outbox", _] => "/dashboard/{account}/outbox/{mail}",
        _ => "other",
    }
}
