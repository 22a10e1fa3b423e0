use super::draft::{Draft, Steps};
use super::listing::Listing;

pub(super) fn php(listing: &Listing, draft: &mut Draft) {
    let mut steps = Steps::new("PHP");
    if listing.has("composer.json") {
        steps.init("composer install", "composer.json is there");
        draft.extension(
            "bmewburn.vscode-intelephense-client",
            "composer.json is there",
        );
    }
    let server = if listing.has("artisan") {
        Some((
            "php artisan serve --host 0.0.0.0 --port 8000",
            "artisan is Laravel's",
        ))
    } else if listing.has("public/index.php") {
        Some(("php -S 0.0.0.0:8000 -t public", "public/index.php is there"))
    } else if listing.has("index.php") {
        Some(("php -S 0.0.0.0:8000", "index.php is there"))
    } else {
        None
    };
    if let Some((command, because)) = server {
        steps.command(command, because);
        draft.port(8000, "PHP", because);
    }
    draft.task(steps);
}
