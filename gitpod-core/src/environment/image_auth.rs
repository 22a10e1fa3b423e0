use crate::Secret;

/// Most registries in one variable.
const MAX_HOSTS: usize = 100;

/// Credentials for registries, by host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageAuth(Vec<(String, Secret<String>)>);

impl ImageAuth {
    /// Reads `host:base64(user:password)[,…]`; the host may have a port. Entries of another form are left out.
    pub fn parse(value: &str) -> Self {
        let mut hosts: Vec<(String, Secret<String>)> = Vec::new();
        for entry in value.split(',').take(MAX_HOSTS) {
            let Some((host, credentials)) = entry.rsplit_once(':') else {
                continue;
            };
            let (host, credentials) = (registry(host), credentials.trim());
            if host.is_empty() || credentials.is_empty() {
                continue;
            }
            let credentials = Secret::from(credentials);
            match hosts.iter_mut().find(|(known, _)| *known == host) {
                Some((_, known)) => *known = credentials,
                None => hosts.push((host, credentials)),
            }
        }
        Self(hosts)
    }

    /// The `base64(user:password)` for a registry.
    pub fn get(&self, host: &str) -> Option<&Secret<String>> {
        let host = registry(host);
        let (_, credentials) = self.0.iter().find(|(known, _)| *known == host)?;
        Some(credentials)
    }

    /// The registries, in the order they were named.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(host, _)| host.as_str())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A registry's host; the many names of Docker Hub are one.
fn registry(text: &str) -> String {
    let text = text.trim();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = text.split('/').next().unwrap_or_default().to_lowercase();
    let host = host.trim_matches(':');
    match host {
        "index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com" => "docker.io",
        host => host,
    }
    .to_owned()
}
