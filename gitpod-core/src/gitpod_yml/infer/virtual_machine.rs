//! Java, Kotlin and .NET.

use super::draft::{Draft, Steps};
use super::listing::Listing;

const SPRING_PORT: u16 = 8080;

pub(super) fn gradle(listing: &Listing, draft: &mut Draft) {
    let Some(file) = listing.first(&["build.gradle.kts", "build.gradle"]) else {
        return;
    };
    let because = format!("{file} is there");
    let gradle = if listing.has("gradlew") {
        "./gradlew"
    } else {
        "gradle"
    };
    let mut steps = Steps::new("Gradle");
    steps.init(format!("{gradle} build"), because.clone());
    if listing.content(file).contains("org.springframework.boot") {
        let because = format!("{file} uses Spring Boot");
        steps.command(format!("{gradle} bootRun"), because.clone());
        draft.port(SPRING_PORT, "Spring Boot", because);
    }
    draft.task(steps);
    if file == "build.gradle" {
        draft.extension("redhat.java", because.clone());
        draft.extension("vscjava.vscode-java-debug", because);
    } else {
        draft.extension("fwcd.kotlin", because);
    }
}

pub(super) fn maven(listing: &Listing, draft: &mut Draft) {
    let gradle = listing.first(&["build.gradle.kts", "build.gradle"]);
    if gradle.is_some() || !listing.has("pom.xml") {
        return;
    }
    let because = "pom.xml is there";
    let maven = if listing.has("mvnw") { "./mvnw" } else { "mvn" };
    let mut steps = Steps::new("Maven");
    steps.init(format!("{maven} install -DskipTests"), because);
    if listing
        .content("pom.xml")
        .contains("spring-boot-maven-plugin")
    {
        let because = "pom.xml uses Spring Boot";
        steps.command(format!("{maven} spring-boot:run"), because);
        draft.port(SPRING_PORT, "Spring Boot", because);
    }
    draft.task(steps);
    for extension in [
        "redhat.java",
        "vscjava.vscode-java-debug",
        "vscjava.vscode-maven",
    ] {
        draft.extension(extension, because);
    }
}

pub(super) fn dotnet(listing: &Listing, draft: &mut Draft) {
    let mut steps = Steps::new(".NET");
    let projects: Vec<&str> = listing.with_end(".csproj").collect();
    let solution = listing
        .with_end(".sln")
        .chain(listing.with_end(".slnx"))
        .next();
    if let Some(file) = solution.or_else(|| projects.first().copied()) {
        steps.init("dotnet restore", format!("{file} is there"));
        steps.init("dotnet build --no-restore", format!("{file} is there"));
        draft.extension("muhammad-sammy.csharp", format!("{file} is there"));
    } else if listing.has("packages.config") {
        steps.init("nuget install", "packages.config is there");
    }
    if let [project] = projects.as_slice()
        && listing.content(project).contains("Microsoft.NET.Sdk.Web")
    {
        let because = format!("{project} is a web project");
        steps.command("dotnet run --urls http://0.0.0.0:5000", because.clone());
        draft.port(5000, "ASP.NET", because);
    }
    draft.task(steps);
}
