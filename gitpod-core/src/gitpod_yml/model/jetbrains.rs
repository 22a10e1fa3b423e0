use serde::Serialize;

use crate::gitpod_yml::yaml::{Node, Value};

const PRODUCTS: [&str; 9] = [
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
    pub(super) fn read(node: &Node) -> Self {
        let product = |name: &&str| Some(((*name).to_owned(), read_product(mapping(node, name)?)));
        Self {
            plugins: node.texts_of("plugins"),
            products: PRODUCTS.iter().filter_map(product).collect(),
        }
    }
}

fn read_product(node: &Node) -> JetbrainsProduct {
    JetbrainsProduct {
        plugins: node.texts_of("plugins"),
        prebuilds: mapping(node, "prebuilds").map(|node| JetbrainsPrebuilds {
            version: node.choice_of("version", &WARM_UP),
        }),
        vmoptions: node.text_of("vmoptions"),
    }
}

fn mapping<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    node.get(key)
        .filter(|node| matches!(node.value, Value::Map(_)))
}
