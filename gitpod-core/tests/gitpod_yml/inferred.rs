//! What is inferred for repositories without a configuration.

use gitpod_core::gitpod_yml::{Inferred, Listing, MAX_CONTENT, Mode, Situation, infer, parse};

/// A repository: files with their contents; empty ones are only listed.
fn repository(files: &[(&str, &str)]) -> Listing {
    files
        .iter()
        .fold(Listing::default(), |listing, (path, content)| {
            listing.with(*path, *content)
        })
}

/// Tasks as `name: init; command`, ports as numbers.
fn shown(inferred: &Inferred) -> (Vec<String>, Vec<u16>) {
    let tasks = inferred.config.tasks.iter().map(|task| {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        format!(
            "{}: {}; {}",
            text(&task.name),
            text(&task.init),
            text(&task.command)
        )
    });
    let ports = inferred.config.ports.iter().map(|port| port.port.start);
    (tasks.collect(), ports.collect())
}

/// Files with their contents, the task, the ports.
type Row<'r> = (&'r [(&'r str, &'r str)], &'r str, &'r [u16]);

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn tools_are_recognised_by_their_files() {
    let spring = "<artifactId>spring-boot-maven-plugin</artifactId>";
    let boot = "plugins { id 'org.springframework.boot' }";
    let table: &[Row<'_>] = &[
        (&[("package.json", "{}")], "Node: npm install; ", &[]),
        (
            &[
                (
                    "package.json",
                    r#"{"scripts": {"build": "b", "start": "s"}}"#,
                ),
                ("package-lock.json", ""),
            ],
            "Node: npm ci && npm run build; npm run start",
            &[],
        ),
        (
            &[
                (
                    "package.json",
                    r#"{"scripts": {"compile": "c", "dev": "vite --port 4000"}}"#,
                ),
                ("yarn.lock", ""),
            ],
            "Node: yarn install && yarn run compile; yarn run dev",
            &[4000],
        ),
        (
            &[(
                "package.json",
                r#"{"packageManager": "pnpm@9.1.0", "scripts": {"dev": "next dev"}, "dependencies": {"next": "15"}}"#,
            )],
            "Node: pnpm install; pnpm run dev",
            &[3000],
        ),
        (
            &[
                (
                    "package.json",
                    r#"{"scripts": {"watch": "w"}, "devDependencies": {"vite": "6"}}"#,
                ),
                ("bun.lock", ""),
            ],
            "Node: bun install; bun run watch",
            &[5173],
        ),
        (
            &[("package.json", "not JSON"), ("pnpm-lock.yaml", "")],
            "Node: pnpm install; ",
            &[],
        ),
        (
            &[(
                "deno.json",
                r#"{"tasks": {"dev": "deno serve --port=8001 main.ts"}}"#,
            )],
            "Deno: deno install; deno task dev",
            &[8001],
        ),
        (
            &[("Cargo.toml", ""), ("src/lib.rs", "")],
            "Rust: cargo build; ",
            &[],
        ),
        (
            &[
                ("Cargo.toml", "[dependencies]\nrocket = \"0.5\"\n"),
                ("src/main.rs", ""),
            ],
            "Rust: cargo build; cargo run",
            &[8000],
        ),
        (
            &[("go.mod", ""), ("main.go", "")],
            "Go: go mod download && go build ./...; go run .",
            &[],
        ),
        (
            &[("pom.xml", spring), ("mvnw", "")],
            "Maven: ./mvnw install -DskipTests; ./mvnw spring-boot:run",
            &[8080],
        ),
        (
            &[("build.gradle", boot), ("gradlew", ""), ("pom.xml", "")],
            "Gradle: ./gradlew build; ./gradlew bootRun",
            &[8080],
        ),
        (&[("build.gradle.kts", "")], "Gradle: gradle build; ", &[]),
        (
            &[
                ("requirements.txt", ""),
                ("app.py", "app = Flask(__name__)\napp.run(port=5050)"),
            ],
            "Python: pip install -r requirements.txt; python app.py",
            &[5050],
        ),
        (
            &[
                ("uv.lock", ""),
                ("pyproject.toml", ""),
                ("main.py", "app = FastAPI()"),
            ],
            "Python: uv sync; uv run uvicorn main:app --reload --host 0.0.0.0 --port 8000",
            &[8000],
        ),
        (
            &[("pyproject.toml", "[tool.poetry]\n"), ("manage.py", "")],
            "Python: poetry install; poetry run python manage.py runserver 0.0.0.0:8000",
            &[8000],
        ),
        (&[("Pipfile", "")], "Python: pipenv install --dev; ", &[]),
        (&[("setup.py", "")], "Python: pip install .; ", &[]),
        (
            &[("Gemfile", ""), ("bin/setup", ""), ("bin/rails", "")],
            "Ruby: bin/setup; bin/rails server",
            &[3000],
        ),
        (&[("Gemfile", "")], "Ruby: bundle install; ", &[]),
        (
            &[("composer.json", ""), ("artisan", "")],
            "PHP: composer install; php artisan serve --host 0.0.0.0 --port 8000",
            &[8000],
        ),
        (
            &[("mix.exs", "{:phoenix, \"~> 1.7\"}")],
            "Elixir: mix deps.get && mix compile; mix phx.server",
            &[4000],
        ),
        (
            &[("Web.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Web\">")],
            ".NET: dotnet restore && dotnet build --no-restore; dotnet run --urls http://0.0.0.0:5000",
            &[5000],
        ),
        (&[("packages.config", "")], ".NET: nuget install; ", &[]),
        (
            &[("pubspec.yaml", "sdk: flutter")],
            "Dart: flutter pub get; ",
            &[],
        ),
        (&[("Makefile", "")], "Build: make; ", &[]),
        (
            &[("CMakeLists.txt", ""), ("Makefile", "")],
            "Build: cmake -S . -B build && cmake --build build; ",
            &[],
        ),
    ];
    for (files, task, ports) in table {
        let inferred = infer(&repository(files));
        assert_eq!(
            shown(&inferred),
            (vec![(*task).to_owned()], ports.to_vec()),
            "{files:?}"
        );
    }
}

#[test]
fn each_tool_has_a_task_and_make_is_the_last_resort() {
    let listing = repository(&[
        (
            "package.json",
            r#"{"scripts": {"start": "node . --port 3000"}}"#,
        ),
        ("Cargo.toml", ""),
        ("Makefile", ""),
        (
            "compose.yaml",
            "services:\n  db:\n    ports: ['127.0.0.1:5432:5432', 8080:80/tcp]\n  web:\n    ports:\n      - 3000:3000\n      - \
             '${WEB:-9000}:80'\n      - '6000-6002:6000-6002'\n      - {target: 7000, published: 7001}\n",
        ),
    ]);
    let inferred = infer(&listing);
    let (tasks, ports) = shown(&inferred);
    assert_eq!(
        tasks,
        [
            "Node: npm install; npm run start",
            "Rust: cargo build; ",
            "Containers: ; docker compose up"
        ]
    );
    assert_eq!(ports, [3000, 5432, 8080, 9000, 6000, 7001]);
    let reason = inferred
        .reasons
        .iter()
        .find(|reason| reason.what == "port 3000")
        .unwrap();
    assert_eq!(
        reason.because,
        "the script `start` of package.json names it"
    );
    let commands = inferred.config.tasks(Situation::Prebuild);
    assert_eq!(commands.len(), 2, "{commands:?}");
}

#[test]
fn everything_inferred_has_a_reason_and_is_a_file_that_says_the_same() {
    for files in [
        &[][..],
        &[(
            "package.json",
            r#"{"scripts": {"start": "x"}, "dependencies": {"next": "1"}}"#,
        )],
        &[
            ("build.gradle.kts", "org.springframework.boot"),
            ("requirements.txt", ""),
            ("index.php", ""),
        ],
        &[("A'\n\u{1b} .csproj", "Microsoft.NET.Sdk.Web")],
        &[(
            "compose.yaml",
            "services: {\"a: \\nb\": {ports: [1000-1002:1000-1002]}}",
        )],
    ] {
        let inferred = infer(&repository(files));
        let yaml = inferred.to_yaml();
        let parsed = parse(&yaml, Mode::Strict);
        assert!(parsed.problems.is_empty(), "{yaml}: {:?}", parsed.problems);
        assert_eq!(parsed.config, inferred.config, "{yaml}");
        let said = |what: &str| inferred.reasons.iter().any(|reason| reason.what == what);
        for task in &inferred.config.tasks {
            let init = task.init.iter().flat_map(|init| init.split(" && "));
            for command in init.chain(task.command.as_deref()) {
                assert!(said(command), "{command}");
            }
        }
        for port in &inferred.config.ports {
            let (start, end) = (port.port.start, port.port.end);
            assert!(said(&format!("port {start}")) || said(&format!("ports {start}-{end}")));
        }
        for extension in inferred
            .config
            .vscode
            .iter()
            .flat_map(|vscode| &vscode.extensions)
        {
            assert!(said(extension), "{extension}");
        }
    }
}

#[test]
fn a_repository_that_chooses_its_extensions_gets_no_others() {
    let chosen = repository(&[("go.mod", ""), (".vscode/extensions.json", "")]);
    assert!(infer(&chosen).config.vscode.is_none());
    let free = infer(&repository(&[("go.mod", "")]));
    assert_eq!(free.config.vscode.unwrap().extensions, ["golang.go"]);
}

#[test]
fn callers_are_told_what_to_read_and_long_files_are_left_alone() {
    let listing = Listing::new([
        "src/main.rs",
        "Cargo.toml",
        "a/package.json",
        "x.csproj",
        "README.md",
    ]);
    assert_eq!(
        listing.wanted().collect::<Vec<_>>(),
        ["Cargo.toml", "x.csproj"]
    );
    let long = format!(
        "services: {{a: {{ports: [80]}}}}\n#{}",
        "x".repeat(MAX_CONTENT)
    );
    let inferred = infer(&repository(&[("compose.yml", &long)]));
    assert!(inferred.config.ports.is_empty() && inferred.config.tasks.len() == 1);
}
