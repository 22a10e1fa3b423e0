//! JavaScript: npm, yarn, pnpm, bun, deno.

use serde_json::{Map, Value as Json};

use super::draft::{Draft, Steps};
use super::listing::Listing;

/// Where the servers of well-known packages listen.
const SERVERS: [(&str, u16, &str); 12] = [
    ("next", 3000, "Next.js"),
    ("nuxt", 3000, "Nuxt"),
    ("@remix-run/dev", 3000, "Remix"),
    ("react-scripts", 3000, "React"),
    ("@angular/cli", 4200, "Angular"),
    ("@vue/cli-service", 8080, "Vue"),
    ("gatsby", 8000, "Gatsby"),
    ("astro", 4321, "Astro"),
    ("@docusaurus/core", 3000, "Docusaurus"),
    ("@11ty/eleventy", 8080, "Eleventy"),
    ("webpack-dev-server", 8080, "webpack"),
    ("vite", 5173, "Vite"),
];

pub(super) fn node(listing: &Listing, draft: &mut Draft) {
    if !listing.has("package.json") {
        return;
    }
    let package: Json = serde_json::from_str(listing.content("package.json")).unwrap_or_default();
    let manager = Manager::of(listing, &package);
    let mut steps = Steps::new("Node");
    steps.init(manager.install, manager.because);
    let scripts = package.get("scripts").and_then(Json::as_object);
    if let Some((script, _)) = first(scripts, &["build", "compile"]) {
        let because = format!("package.json has a script `{script}`");
        steps.init(format!("{} {script}", manager.run), because);
    }
    let served = first(scripts, &["start", "dev", "serve", "watch"]);
    if let Some((script, _)) = served {
        let because = format!("package.json has a script `{script}`");
        steps.command(format!("{} {script}", manager.run), because);
    }
    draft.task(steps);
    port(&package, served, draft);
    draft.extension("dbaeumer.vscode-eslint", "package.json is there");
}

fn port(package: &Json, served: Option<(&str, &str)>, draft: &mut Draft) {
    let Some((script, line)) = served else {
        return;
    };
    if let Some(port) = port_in(line) {
        let because = format!("the script `{script}` of package.json names it");
        return draft.port(port, "Web", because);
    }
    let depends = |name: &str| {
        ["dependencies", "devDependencies"]
            .iter()
            .any(|kind| package.get(kind).is_some_and(|all| all.get(name).is_some()))
    };
    if let Some((name, port, title)) = SERVERS.iter().find(|(name, ..)| depends(name)) {
        draft.port(*port, title, format!("package.json depends on `{name}`"));
    }
}

/// The port that a command names: `--port 3000`, `--port=3000`, `-p 3000`, `PORT=3000`.
pub(super) fn port_in(line: &str) -> Option<u16> {
    let mut words = line.split_whitespace();
    while let Some(word) = words.next() {
        let number = match word {
            "--port" | "-p" => words.next()?,
            word => match word.split_once('=') {
                Some(("--port" | "PORT", number)) => number,
                _ => continue,
            },
        };
        if let Ok(port) = number.parse() {
            return Some(port);
        }
    }
    None
}

/// The first of these scripts that is there.
fn first<'p>(
    scripts: Option<&'p Map<String, Json>>,
    names: &[&'p str],
) -> Option<(&'p str, &'p str)> {
    names
        .iter()
        .find_map(|name| Some((*name, scripts?.get(*name)?.as_str()?)))
}

/// A package manager.
struct Manager {
    install: &'static str,
    run: &'static str,
    because: &'static str,
}

impl Manager {
    fn of(listing: &Listing, package: &Json) -> Self {
        const fn manager(
            install: &'static str,
            run: &'static str,
            because: &'static str,
        ) -> Manager {
            Manager {
                install,
                run,
                because,
            }
        }
        let said = package.get("packageManager").and_then(Json::as_str);
        let said = said.and_then(|said| said.split('@').next());
        let because = "package.json says so in `packageManager`";
        match said {
            Some("pnpm") => return manager("pnpm install", "pnpm run", because),
            Some("yarn") => return manager("yarn install", "yarn run", because),
            Some("bun") => return manager("bun install", "bun run", because),
            _ => {}
        }
        match listing.first(&[
            "pnpm-lock.yaml",
            "bun.lock",
            "bun.lockb",
            "yarn.lock",
            "package-lock.json",
            "npm-shrinkwrap.json",
        ]) {
            Some("pnpm-lock.yaml") => {
                manager("pnpm install", "pnpm run", "pnpm-lock.yaml is there")
            }
            Some("bun.lock" | "bun.lockb") => {
                manager("bun install", "bun run", "a lock file of bun is there")
            }
            Some("yarn.lock") => manager("yarn install", "yarn run", "yarn.lock is there"),
            Some(_) => manager("npm ci", "npm run", "a lock file of npm is there"),
            None => manager("npm install", "npm run", "package.json is there"),
        }
    }
}

pub(super) fn deno(listing: &Listing, draft: &mut Draft) {
    let Some(file) = listing.first(&["deno.json", "deno.jsonc"]) else {
        return;
    };
    let mut steps = Steps::new("Deno");
    steps.init("deno install", format!("{file} is there"));
    // With comments, it is no JSON; then nothing is known of its tasks.
    let config: Json = serde_json::from_str(listing.content(file)).unwrap_or_default();
    let tasks = config.get("tasks").and_then(Json::as_object);
    if let Some((task, line)) = first(tasks, &["start", "dev", "serve"]) {
        steps.command(
            format!("deno task {task}"),
            format!("{file} has a task `{task}`"),
        );
        if let Some(port) = port_in(line) {
            draft.port(port, "Web", format!("the task `{task}` of {file} names it"));
        }
    }
    draft.task(steps);
    draft.extension("denoland.vscode-deno", format!("{file} is there"));
}
