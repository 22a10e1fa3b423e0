use serde::Serialize;

use crate::gitpod_yml::check::{Check, Field};

const KEYS: [&str; 10] = [
    "plugins",
    "intellij",
    "goland",
    "pycharm",
    "phpstorm",
    "rubymine",
    "webstorm",
    "rider",
    "clion",
    "rustrover",
];
const WARM_UP: [(&str, WarmUp); 3] = [
    ("stable", WarmUp::Stable),
    ("latest", WarmUp::Latest),
    ("both", WarmUp::Both),
];

/// What the editors of `JetBrains` shall have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Jetbrains {
    /// Plugins for all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<String>,
    /// Settings of one of them each, by its name in the file (`goland`, `rustrover`, …).
    #[serde(flatten, serialize_with = "super::entries::as_map")]
    pub products: Vec<(String, JetbrainsProduct)>,
}

/// What one editor of `JetBrains` shall have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct JetbrainsProduct {
    /// Its plugins.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<String>,
    /// What is done ahead in prebuilds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prebuilds: Option<JetbrainsPrebuilds>,
    /// Options of its Java machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vmoptions: Option<String>,
}

/// What is done ahead in prebuilds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct JetbrainsPrebuilds {
    /// Which release is warmed up; the stable one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<WarmUp>,
}

/// Releases of an editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WarmUp {
    /// The stable one.
    Stable,
    /// The latest one.
    Latest,
    /// Both.
    Both,
}

impl Jetbrains {
    pub(super) fn read(check: &mut Check, field: &Field<'_>) -> Option<Self> {
        let keys = check.mapping(field, &KEYS)?;
        let mut products = Vec::new();
        for name in &KEYS[1..] {
            if let Some(product) = keys.get(name).and_then(|field| read_product(check, &field)) {
                products.push(((*name).to_owned(), product));
            }
        }
        Some(Self {
            plugins: check.texts(keys.get("plugins")),
            products,
        })
    }
}

fn read_product(check: &mut Check, field: &Field<'_>) -> Option<JetbrainsProduct> {
    let keys = check.mapping(field, &["plugins", "prebuilds", "vmoptions"])?;
    let prebuilds = keys.get("prebuilds").and_then(|field| {
        let keys = check.mapping(&field, &["version"])?;
        Some(JetbrainsPrebuilds {
            version: check.choice(keys.get("version"), &WARM_UP),
        })
    });
    Some(JetbrainsProduct {
        plugins: check.texts(keys.get("plugins")),
        prebuilds,
        vmoptions: check.text(keys.get("vmoptions")),
    })
}
