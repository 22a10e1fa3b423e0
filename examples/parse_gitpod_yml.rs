//! A `.gitpod.yml` from text to what a workspace gets: problems with their places, tasks, ports, variables; and what is
//! inferred for a repository that has no such file. Needs `gitpod-core` alone.
//!
//! `cargo run -p examples --example parse_gitpod_yml [FILE]`
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use gitpod_core::environment::{Purpose, Sources, resolve};
use gitpod_core::gitpod_yml::{GitpodYml, Listing, Mode, Situation, infer, parse};

const FILE: &str = "\
image: debian:12
tasks:
  - name: server
    init: npm ci
    comand: npm run dev   # a typing mistake
ports:
  - port: 3000-3010
    onOpen: open-preview
env:
  GREETING: hello
  GITPOD_HOST: elsewhere
";

fn main() -> anyhow::Result<()> {
    let text = match std::env::args().nth(1) {
        Some(path) => std::fs::read_to_string(path)?,
        None => FILE.to_owned(),
    };

    // What the original says: an unknown key rejects the file.
    let strict = parse(&text, Mode::Strict);
    println!(
        "strict: {}",
        if strict.accepted() {
            "accepted"
        } else {
            "rejected"
        }
    );
    for problem in &strict.problems {
        println!("  {problem}");
    }

    // What opening a workspace says: warnings, and a configuration.
    let (config, warnings) = parse(&text, Mode::Lenient).into_result(".gitpod.yml")?;
    println!("lenient: accepted with {} warnings", warnings.len());
    show(&config);

    let environment = resolve(
        Sources {
            configuration: &config.env,
            ..Sources::default()
        },
        Purpose::Workspace,
        None,
    );
    for variable in &environment.variables {
        println!("  {}={}", variable.name, variable.value.expose());
    }
    for ignored in &environment.ignored {
        println!("  {} is left out: {}", ignored.name, ignored.reason);
    }

    // Without a file: what the others tell.
    let listing = Listing::new(["Cargo.toml", "src/main.rs", "README.md"]).with(
        "package.json",
        r#"{"scripts": {"dev": "vite --port 4000"}}"#,
    );
    println!("\n{}", infer(&listing).to_yaml());
    Ok(())
}

fn show(config: &GitpodYml) {
    for situation in [Situation::Fresh, Situation::Restart] {
        for task in config.tasks(situation) {
            let command = task.command.replace('\n', " ");
            println!("  {situation:?}: {}: {command}", task.name);
        }
    }
    for port in config.ports() {
        println!(
            "  ports {}-{}: {:?}, {:?}",
            port.start, port.end, port.visibility, port.on_open
        );
    }
}
