use std::path::Path;

use gitpod_core::{Error, ErrorKind, Result};

use super::Config;

impl Config {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// `NotFound`, or `ConfigInvalid` with line and column.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| {
            Error::not_found("cannot read the configuration")
                .with_context("path", path.display())
                .with_source(e)
        })?;
        Self::parse(&text).map_err(|e| e.with_context("path", path.display()))
    }

    /// Reads TOML.
    ///
    /// # Errors
    /// `ConfigInvalid` with line and column.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|e| {
            // Its message names line, column and key, and shows the line.
            Error::new(
                ErrorKind::ConfigInvalid,
                format!("the configuration is wrong: {}", e.to_string().trim_end()),
            )
            .with_hint("`gitpod-server check-config` shows every key with its default")
        })
    }
}

#[cfg(test)]
mod tests {
    use gitpod_core::context::ContextUrl;

    use super::*;

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(Config::parse("").unwrap(), Config::default());
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = Config::parse("listen = \"127.0.0.1:1\"\nlisen = 1\n").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConfigInvalid);
        assert!(error.to_string().contains("line 2"), "{error}");
    }

    #[test]
    fn hosts_are_known_to_context_urls() {
        let text = "[[hosts]]\nurl = \"https://git.example/gitlab\"\nplatform = \"gitlab\"\n";
        let config = Config::parse(text).unwrap();
        let url = "https://git.example/gitlab/group/sub/app/-/tree/dev";
        let parsed = ContextUrl::parse(url, &config.hosts().unwrap()).unwrap();
        let page = parsed.repository().unwrap();
        assert_eq!(
            (page.owner.as_str(), page.name.as_str()),
            ("group/sub", "app")
        );
        assert_eq!(
            Config::parse(&toml::to_string(&config).unwrap()).unwrap(),
            config
        );

        let wrong = "[[hosts]]\nurl = \"ssh://git.example\"\nplatform = \"gitlab\"\n";
        let error = Config::parse(wrong).unwrap().validate().unwrap_err();
        assert!(
            error.context().any(|pair| pair == ("key", "hosts")),
            "{error}"
        );
        let unknown = "[[hosts]]\nurl = \"https://git.example\"\nplatform = \"svn\"\n";
        assert!(
            Config::parse(unknown)
                .unwrap_err()
                .to_string()
                .contains("gitlab")
        );
    }

    #[test]
    fn what_check_config_prints_reads_back() {
        let text = toml::to_string(&Config::default()).unwrap();
        assert_eq!(Config::parse(&text).unwrap(), Config::default());
    }
}
