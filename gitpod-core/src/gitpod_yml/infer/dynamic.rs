//! Ruby, Elixir, Dart.

use super::draft::{Draft, Steps};
use super::listing::Listing;

pub(super) fn ruby(listing: &Listing, draft: &mut Draft) {
    let mut steps = Steps::new("Ruby");
    if listing.has("bin/setup") {
        steps.init("bin/setup", "bin/setup is there");
    } else if listing.has("Gemfile") {
        steps.init("bundle install", "Gemfile is there");
    }
    if let Some(program) = listing.first(&["bin/startup", "bin/dev"]) {
        steps.command(program, format!("{program} is there"));
    } else if listing.has("bin/rails") {
        steps.command("bin/rails server", "bin/rails is there");
    } else if listing.has("config.ru") {
        steps.command("bundle exec rackup --port 9292", "config.ru is there");
        draft.port(9292, "Rack", "config.ru is there");
    } else if listing.has("_config.yml") && listing.content("Gemfile").contains("jekyll") {
        steps.command("bundle exec jekyll serve", "_config.yml is Jekyll's");
        draft.port(4000, "Jekyll", "_config.yml is Jekyll's");
    }
    if listing.has("bin/rails") {
        draft.port(3000, "Rails", "bin/rails is there");
    }
    draft.task(steps);
    if listing.has("Gemfile") {
        draft.extension("shopify.ruby-lsp", "Gemfile is there");
    }
}

pub(super) fn elixir(listing: &Listing, draft: &mut Draft) {
    if !listing.has("mix.exs") {
        return;
    }
    let because = "mix.exs is there";
    let mut steps = Steps::new("Elixir");
    steps.init("mix deps.get", because);
    steps.init("mix compile", because);
    if listing.content("mix.exs").contains(":phoenix") {
        let because = "mix.exs depends on Phoenix";
        steps.command("mix phx.server", because);
        draft.port(4000, "Phoenix", because);
    }
    draft.task(steps);
    draft.extension("jakebecker.elixir-ls", because);
}

pub(super) fn dart(listing: &Listing, draft: &mut Draft) {
    if !listing.has("pubspec.yaml") {
        return;
    }
    let mut steps = Steps::new("Dart");
    if listing.content("pubspec.yaml").contains("sdk: flutter") {
        steps.init("flutter pub get", "pubspec.yaml needs Flutter");
        draft.extension("dart-code.flutter", "pubspec.yaml needs Flutter");
    } else {
        steps.init("dart pub get", "pubspec.yaml is there");
        draft.extension("dart-code.dart-code", "pubspec.yaml is there");
    }
    draft.task(steps);
}
