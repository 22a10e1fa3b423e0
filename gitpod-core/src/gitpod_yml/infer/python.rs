use super::draft::{Draft, Steps};
use super::listing::Listing;
use super::node::port_in;

/// How to install what a repository needs, and how to run something with it.
struct Installer {
    install: &'static str,
    run: &'static str,
    because: &'static str,
}

pub(super) fn python(listing: &Listing, draft: &mut Draft) {
    let installer = installer(listing);
    let program = listing.first(&["manage.py", "main.py", "app.py", "runserver.py"]);
    if installer.is_none() && program.is_none() {
        return;
    }
    let mut steps = Steps::new("Python");
    let mut run = "";
    if let Some(installer) = &installer {
        steps.init(installer.install, installer.because);
        run = installer.run;
    }
    match program {
        Some("manage.py") => {
            let because = "manage.py is Django's";
            let command = format!("{run}python manage.py runserver 0.0.0.0:8000");
            steps.command(command, because);
            draft.port(8000, "Django", because);
        }
        Some(program) => framework(listing, draft, &mut steps, run, program),
        None => {}
    }
    draft.task(steps);
    draft.extension("ms-python.python", "it is written in Python");
}

fn framework(listing: &Listing, draft: &mut Draft, steps: &mut Steps, run: &str, program: &str) {
    let source = listing.content(program);
    let module = program.trim_end_matches(".py");
    if source.contains("FastAPI(") {
        let because = format!("{program} is a FastAPI application");
        let command = format!("{run}uvicorn {module}:app --reload --host 0.0.0.0 --port 8000");
        steps.command(command, because.clone());
        draft.port(8000, "FastAPI", because);
    } else if source.contains("import streamlit") {
        let because = format!("{program} is a Streamlit application");
        steps.command(format!("{run}streamlit run {program}"), because.clone());
        draft.port(8501, "Streamlit", because);
    } else {
        steps.command(
            format!("{run}python {program}"),
            format!("{program} is there"),
        );
        if source.contains("Flask(") {
            let named = source.lines().find_map(|line| {
                let rest = line.split_once("port=")?.1;
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                port_in(&format!("--port {digits}"))
            });
            let because = format!("{program} is a Flask application");
            draft.port(named.unwrap_or(5000), "Flask", because);
        }
    }
}

fn installer(listing: &Listing) -> Option<Installer> {
    let project = listing.content("pyproject.toml");
    let (install, run, because) = if listing.has("uv.lock") {
        ("uv sync", "uv run ", "uv.lock is there")
    } else if listing.has("poetry.lock") || project.contains("[tool.poetry]") {
        let because = "poetry.lock is there, or pyproject.toml is Poetry's";
        ("poetry install", "poetry run ", because)
    } else if listing.has("pdm.lock") {
        ("pdm install", "pdm run ", "pdm.lock is there")
    } else if listing.has("Pipfile") {
        ("pipenv install --dev", "pipenv run ", "Pipfile is there")
    } else if listing.has("requirements.txt") {
        let because = "requirements.txt is there";
        ("pip install -r requirements.txt", "", because)
    } else if listing.has("pyproject.toml") {
        ("pip install -e .", "", "pyproject.toml is there")
    } else if listing.has("setup.py") {
        ("pip install .", "", "setup.py is there")
    } else {
        return None;
    };
    Some(Installer {
        install,
        run,
        because,
    })
}
