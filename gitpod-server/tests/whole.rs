//! The whole product as its users have it: the release's two programs, a real repository, real sandboxes.
//!
//! Needs root, the kernel's namespaces and loop devices. Without them the tests fail if `GITPOD_TEST_SANDBOX=required` (as in CI), else they
//! are reported as ignored, each with the reason.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

#[path = "whole/access.rs"]
mod access;
#[path = "whole/activity.rs"]
mod activity;
#[path = "whole/configuration.rs"]
mod configuration;
#[path = "whole/disk.rs"]
mod disk;
#[path = "whole/durability.rs"]
mod durability;
#[path = "whole/editors.rs"]
mod editors;
#[path = "whole/installation.rs"]
mod installation;
#[path = "whole/isolation.rs"]
mod isolation;
#[path = "whole/leftovers.rs"]
mod leftovers;
#[path = "whole/lifecycle.rs"]
mod lifecycle;
#[path = "whole/logs.rs"]
mod logs;
#[path = "whole/memory.rs"]
mod memory;
#[path = "whole/ports.rs"]
mod ports;
#[path = "whole/repository.rs"]
mod repository;
#[path = "whole/rootless.rs"]
mod rootless;
#[path = "whole/stops.rs"]
mod stops;
#[path = "whole/trouble.rs"]
mod trouble;

const CASES: &[(&str, fn())] = &[
    (
        "lifecycle::a_url_becomes_a_running_workspace",
        lifecycle::a_url_becomes_a_running_workspace,
    ),
    (
        "lifecycle::files_survive_stop_and_start",
        lifecycle::files_survive_stop_and_start,
    ),
    (
        "lifecycle::exec_passes_input_output_and_exit_code",
        lifecycle::exec_passes_input_output_and_exit_code,
    ),
    (
        "lifecycle::tasks_run_and_ports_are_found",
        lifecycle::tasks_run_and_ports_are_found,
    ),
    (
        "lifecycle::the_editor_answers_its_owner_alone",
        lifecycle::the_editor_answers_its_owner_alone,
    ),
    (
        "durability::a_killed_server_loses_nothing",
        durability::a_killed_server_loses_nothing,
    ),
    (
        "durability::running_workspaces_outlive_their_server",
        durability::running_workspaces_outlive_their_server,
    ),
    (
        "isolation::a_workspace_reaches_nobody_else",
        isolation::a_workspace_reaches_nobody_else,
    ),
    (
        "isolation::a_fork_bomb_hurts_only_its_own",
        isolation::a_fork_bomb_hurts_only_its_own,
    ),
    (
        "rootless::a_user_needs_no_root",
        rootless::a_user_needs_no_root,
    ),
    (
        "stops::one_that_does_not_stop_in_time_is_ended",
        stops::one_that_does_not_stop_in_time_is_ended,
    ),
    (
        "stops::a_disk_that_somebody_holds_is_the_same_at_the_next_start",
        stops::a_disk_that_somebody_holds_is_the_same_at_the_next_start,
    ),
    (
        "stops::git_that_never_answers_does_not_hold_a_stop_up",
        stops::git_that_never_answers_does_not_hold_a_stop_up,
    ),
    (
        "trouble::bad_input_is_explained",
        trouble::bad_input_is_explained,
    ),
    (
        "trouble::a_broken_configuration_names_its_line",
        trouble::a_broken_configuration_names_its_line,
    ),
    (
        "trouble::an_image_that_is_not_there_ends_the_start",
        trouble::an_image_that_is_not_there_ends_the_start,
    ),
    (
        "trouble::a_damaged_repository_is_explained_and_starts_once_it_is_repaired",
        trouble::a_damaged_repository_is_explained_and_starts_once_it_is_repaired,
    ),
    (
        "trouble::a_page_is_no_repository",
        trouble::a_page_is_no_repository,
    ),
    (
        "trouble::an_empty_repository_opens",
        trouble::an_empty_repository_opens,
    ),
    (
        "trouble::a_failing_task_is_reported_and_the_workspace_runs",
        trouble::a_failing_task_is_reported,
    ),
    (
        "trouble::hostile_links_and_names_stay_inside",
        trouble::hostile_links_and_names_stay_inside,
    ),
    (
        "configuration::a_devcontainer_is_enough",
        configuration::a_devcontainer_is_enough,
    ),
    (
        "configuration::of_two_files_one_counts_and_is_named",
        configuration::of_two_files_one_counts_and_is_named,
    ),
    (
        "configuration::a_broken_devcontainer_names_its_place",
        configuration::a_broken_devcontainer_names_its_place,
    ),
    (
        "configuration::without_one_other_files_tell",
        configuration::without_one_other_files_tell,
    ),
    (
        "configuration::variables_of_a_user_reach_their_workspaces",
        configuration::variables_of_a_user_reach_their_workspaces,
    ),
    (
        "configuration::variables_come_from_file_and_address",
        configuration::variables_come_from_file_and_address,
    ),
    (
        "disk::a_workspace_that_fills_its_disk_hurts_only_itself",
        disk::a_workspace_that_fills_its_disk_hurts_only_itself,
    ),
    (
        "disk::a_repository_that_does_not_fit_is_explained",
        disk::a_repository_that_does_not_fit_is_explained,
    ),
    (
        "disk::a_full_memory_file_system_hurts_only_its_own",
        disk::a_full_memory_file_system_hurts_only_its_own,
    ),
    (
        "disk::nothing_starts_on_a_data_disk_that_is_nearly_full",
        disk::nothing_starts_on_a_data_disk_that_is_nearly_full,
    ),
    (
        "disk::before_the_data_disk_is_full_the_one_that_takes_most_is_stopped",
        disk::before_the_data_disk_is_full_the_one_that_takes_most_is_stopped,
    ),
    (
        "memory::a_hog_dies_alone_and_is_explained",
        memory::a_hog_dies_alone_and_is_explained,
    ),
    (
        "memory::many_small_hogs_do_not_take_the_supervisor_along",
        memory::many_small_hogs_do_not_take_the_supervisor_along,
    ),
    (
        "memory::a_workspace_that_is_killed_says_so_and_keeps_its_files",
        memory::a_workspace_that_is_killed_says_so_and_keeps_its_files,
    ),
    (
        "editors::one_that_never_answers_ends_the_start",
        editors::one_that_never_answers_ends_the_start,
    ),
    (
        "editors::one_that_ends_again_and_again_is_explained_until_it_answers",
        editors::one_that_ends_again_and_again_is_explained_until_it_answers,
    ),
    (
        "editors::a_damaged_package_is_found_and_repaired",
        editors::a_damaged_package_is_found_and_repaired,
    ),
    (
        "ports::the_list_inside_shows_what_the_owner_chose",
        ports::the_list_inside_shows_what_the_owner_chose,
    ),
    (
        "ports::a_task_does_not_get_a_port_that_is_taken",
        ports::a_task_does_not_get_a_port_that_is_taken,
    ),
    (
        "activity::a_person_keeps_it_running_and_an_open_window_does_not",
        activity::a_person_keeps_it_running_and_an_open_window_does_not,
    ),
    (
        "logs::what_tasks_wrote_outlives_the_run",
        logs::what_tasks_wrote_outlives_the_run,
    ),
    (
        "access::no_access_is_explained",
        access::no_access_is_explained,
    ),
    ("leftovers::nothing_is_left", leftovers::nothing_is_left),
    (
        "leftovers::a_killed_server_leaves_no_spare_disks",
        leftovers::a_killed_server_leaves_no_spare_disks,
    ),
];

fn main() -> ExitCode {
    let missing = missing();
    let required = std::env::var("GITPOD_TEST_SANDBOX").is_ok_and(|value| value == "required");
    let trials = CASES.iter().map(|&(name, body)| {
        let reason = missing.clone();
        let trial = Trial::test(name, move || {
            if let Some(reason) = reason {
                Err(reason.into())
            } else {
                body();
                Ok(())
            }
        });
        match &missing {
            Some(reason) if !required => trial
                .with_kind(format!("needs {reason}"))
                .with_ignored_flag(true),
            _ => trial,
        }
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// Why these tests cannot run here, if they cannot.
fn missing() -> Option<String> {
    let problems: Vec<String> = gitpod_runtime::sandbox::doctor()
        .into_iter()
        .filter(|finding| finding.required && !finding.ok)
        .map(|finding| format!("{}: {}", finding.name, finding.detail))
        .chain(disk::missing().map(|why| format!("disk limits: {why}")))
        .collect();
    (!problems.is_empty()).then(|| problems.join("; "))
}
