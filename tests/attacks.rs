//! Every attack that is promised to come to nothing, and the tests that hold it: a row of `attacks/rows.txt` each.
//!
//! A row without a test, and a test that is not there any more, do not pass. Most are tested where the thing that they attack is; what is in the
//! modules below needs a process of its own, several sessions, or many calls.

mod alone;
mod attackers;
mod beside;
mod crowd;
mod files;
mod loading;
mod memory;
mod mixed;
mod output;
mod process;
mod sentinels;
mod soak;
mod work;

use std::fs;
use std::path::Path;

/// A row, as `rows.txt` says it, and its tests: `FILE::FUNCTION`, the file below the project's folder.
const TESTS: &[(&str, &[&str])] = &[
    (
        "A FIFO in a granted directory, while a second session works on",
        &["tests/attacks/files.rs::nine_hundred_fifos_take_nothing_from_a_second_session"],
    ),
    (
        "Forty instances, each under the memory limit",
        &[
            "tests/memory.rs::memory_is_summed_over_instances_and_exact",
            "tests/attacks/memory.rs::the_hosts_memory_stays_within_the_cap",
        ],
    ),
    (
        "Burn fuel, trap, repeat: the bill",
        &[
            "tests/bounds.rs::a_trap_is_charged_for_what_came_before_it",
            "tests/attacks/work.rs::burning_fuel_and_trapping_again_and_again_is_billed_each_time",
        ],
    ),
    (
        "10,000 host calls of 1 MB under a 50 ms deadline",
        &[
            "tests/attacks/work.rs::ten_thousand_host_calls_of_a_megabyte_end_at_the_deadline",
            "tests/attacks/work.rs::what_is_handed_to_the_host_is_paid_in_fuel",
            "tests/attacks/work.rs::a_guest_that_only_calls_the_host_gives_way",
            "tests/bounds.rs::work_of_the_host_is_paid_in_fuel",
        ],
    ),
    (
        "A compile bomb of nested blocks",
        &["tests/compile.rs::compile_bombs_end_at_their_bound"],
    ),
    (
        "endless loop: in a function, in start, in post-return",
        &[
            "tests/bounds.rs::an_endless_loop_uses_exactly_its_fuel",
            "tests/bounds.rs::an_endless_start_function_and_post_return_are_bounded_alike",
        ],
    ),
    (
        "endless sleep or poll in a host call",
        &[
            "tests/bounds.rs::sleeping_in_a_host_call_ends_at_the_deadline",
            "tests/attacks/work.rs::an_endless_poll_ends_at_the_deadline",
        ],
    ),
    (
        "memory.grow, table.grow, many memories",
        &[
            "tests/attacks/memory.rs::the_hosts_memory_stays_within_the_cap",
            "tests/attacks/memory.rs::the_hosts_memory_returns_after_many_at_one_time",
            "tests/memory.rs::memory_that_is_denied_is_the_outcome_however_the_guest_fails",
            "tests/memory.rs::tables_count_as_memory",
            "tests/memory.rs::memories_are_counted_also_when_they_are_empty",
        ],
    ),
    (
        "deep recursion, also into a host call",
        &[
            "tests/bounds.rs::deep_recursion_exhausts_the_stack_and_not_the_host",
            "tests/attacks/work.rs::deep_recursion_into_the_host_exhausts_the_stack",
        ],
    ),
    (
        "returning a 64 MiB string; 10⁶ resources",
        &[
            "tests/attacks/output.rs::a_string_of_64_mib_is_output_exceeded",
            "tests/attacks/output.rs::a_million_resources_are_handles_exceeded",
            "tests/bounds.rs::a_result_past_what_one_crossing_moves_is_output_exceeded",
            "tests/bounds.rs::handles_of_the_host_are_capped",
        ],
    ),
    (
        "endless stdout/stderr",
        &[
            "tests/bounds.rs::output_is_kept_up_to_the_cap_and_counted",
            "tests/bounds.rs::a_flood_of_output_ends_at_the_deadline_though_it_burns_little_fuel",
            "tests/bounds.rs::what_a_guest_prints_is_not_in_what_a_model_reads",
            "tests/attacks/output.rs::the_protocol_stream_never_sees_what_a_guest_prints",
        ],
    ),
    (
        "renaming the parent of a hidden or protected subtree; a link inside the grant to a hidden name (`x → .git`)",
        &[
            "runtime/capfs/tests/capfs/attack_guards.rs::what_holds_something_guarded_stays_where_it_is",
            "runtime/capfs/tests/capfs/guarded.rs::hidden_names_are_missing_behind_links",
            "tests/writes.rs::attacks_come_to_nothing",
            "tests/mounts.rs::attacks_come_to_nothing",
        ],
    ),
    (
        "`..`, absolute paths, NUL, symlinks (absolute, relative, chained, trailing slash, loops), magic links",
        &[
            "runtime/capfs/tests/capfs/attack_paths.rs::paths_that_leave",
            "runtime/capfs/tests/capfs/attack_paths.rs::links_that_leave_at_every_component",
            "runtime/capfs/tests/capfs/attack_paths.rs::links_that_guests_make",
            "tests/handles.rs::what_leaves_is_denied_and_tells_no_host_path",
            "tests/handles.rs::from_inside_a_handle_nothing_leaves_it",
            "tests/writes.rs::attacks_come_to_nothing",
            "tests/mounts.rs::attacks_come_to_nothing",
        ],
    ),
    (
        "a directory swapped for a symlink by another process, 10⁶ rounds",
        &[
            "runtime/capfs/tests/capfs/attack_race.rs::direct_writes_never_land_outside",
            "runtime/capfs/tests/capfs/attack_race.rs::layered_writes_never_land_outside",
        ],
    ),
    (
        "a hard link to a file outside, made before the grant",
        &["runtime/capfs/tests/capfs/attack_paths.rs::hard_links_to_outside"],
    ),
    (
        "FIFOs, devices, sockets",
        &[
            "runtime/capfs/tests/capfs/attack_paths.rs::fifos_sockets_and_devices",
            "runtime/capfs/tests/capfs/special.rs::devices_are_not_opened",
            "tests/handles.rs::a_fifo_or_a_socket_is_an_error_at_once_and_others_go_on",
            "tests/attacks/files.rs::nine_hundred_fifos_take_nothing_from_a_second_session",
        ],
    ),
    (
        "open without close; a million files; sparse files; `set_size`",
        &[
            "tests/bounds.rs::descriptors_are_capped_and_given_back",
            "tests/writes.rs::open_handles_have_a_bound",
            "tests/writes.rs::the_quota_is_exact",
            "tests/mounts.rs::bounds_hold_over_a_mount",
            "tests/attacks/files.rs::a_million_files_end_at_the_quota",
            "tests/attacks/files.rs::a_sparse_file_counts_as_long_as_it_is",
            "tests/attacks/files.rs::a_call_that_fails_at_its_quota_is_quota_exceeded",
            "runtime/capfs/tests/capfs/attack_rights.rs::quota_at_the_limit_and_one_past_it",
            "runtime/capfs/tests/capfs/quota.rs::eight_threads_share_one_count",
        ],
    ),
    (
        "rename or link between a read-only and a read-write handle, both ways",
        &[
            "tests/writes.rs::nothing_is_carried_into_or_out_of_what_cannot_be_written",
            "tests/mounts.rs::a_mount_has_the_rights_of_its_grant",
            "runtime/capfs/tests/capfs/attack_rights.rs::renames_between_handles",
        ],
    ),
    (
        "a handle of another session, a guessed handle, a revoked one, one kept after its call",
        &[
            "tests/handles.rs::a_name_of_another_session_stands_for_nothing",
            "runtime/capfs/tests/capfs/attack_rights.rs::a_guessed_or_foreign_number",
            "tests/writes.rs::a_revoked_handle_is_unknown_and_what_was_derived_from_it_too",
            "tests/writes.rs::a_handle_does_not_outlive_its_call",
        ],
    ),
    (
        "revoke while 64 calls write",
        &[
            "runtime/capfs/tests/capfs/attack_revoke.rs::direct_writes",
            "runtime/capfs/tests/capfs/attack_revoke.rs::layered_writes",
            "tests/attacks/files.rs::nothing_succeeds_after_revoke_while_64_calls_write",
            "tests/writes.rs::a_handle_is_taken_back_in_the_middle_of_a_call",
        ],
    ),
    (
        "kill -9 at any moment of an apply or an undo",
        &[
            "runtime/capfs/tests/kill/main.rs::fifty_kills_tear_nothing",
            "runtime/capfs/tests/kill/main.rs::an_end_at_every_step_tears_nothing",
        ],
    ),
    (
        "writing the policy, the lock, a component, `.git/hooks/x`, `.mcp.json`: directly, by rename, by link, by case, through a layer, through a script",
        &[
            "tests/policy.rs::what_governs_cannot_be_changed_through_what_it_grants",
            "tests/writes.rs::what_governs_it_cannot_be_an_argument_to_be_changed",
            "tests/writes.rs::attacks_come_to_nothing",
            "tests/mounts.rs::attacks_come_to_nothing",
            "runtime/capfs/tests/capfs/attack_guards.rs::nothing_that_is_guarded_changes",
            "runtime/capfs/tests/capfs/attack_guards.rs::nothing_is_moved_to_where_it_would_govern",
            "runtime/capfs/tests/capfs/attack_guards.rs::every_name_of_the_list",
        ],
    ),
    (
        "a cloned folder whose policy grants `~`",
        &[
            "tests/policy.rs::a_hostile_policy_runs_nothing_before_it_is_trusted_and_says_what_it_would_give",
        ],
    ),
    (
        "a component whose alias hides its authority (`use …{write-dir as read-dir}`)",
        &[
            "runtime/contract/tests/contract/audit_handles.rs::a_renamed_handle_is_shown_by_its_defining_type",
            "runtime/contract/tests/contract/audit_findings.rs::renaming_is_told_by_what_the_name_promises",
        ],
    ),
    (
        "a tool that is handed a grant the policy does not list for it",
        &[
            "tests/policy.rs::a_tool_is_handed_what_the_policy_lists_for_it_and_nothing_else",
            "tests/policy.rs::a_tool_of_a_session_is_not_handed_what_only_others_may_be",
        ],
    ),
    (
        "any bytes as a component; a core module; WAT; a component that imports what nobody provides",
        &[
            "tests/load.rs::no_component_at_all",
            "tests/load.rs::a_component_that_is_cut_or_changed",
            "tests/load.rs::an_import_that_nobody_provides_is_named",
            "tests/load.rs::what_the_engine_does_not_run_is_refused",
        ],
    ),
    (
        "the file changes between audit and load",
        &[
            "tests/attacks/loading.rs::a_file_that_changed_between_audit_and_load_is_refused",
            "tests/policy.rs::one_changed_byte_of_a_component_is_refused_by_name",
        ],
    ),
    (
        "a poisoned, swapped or symlinked compile cache",
        &[
            "tests/compile.rs::odd_code_is_not_run",
            "tests/compile.rs::a_folder_that_others_may_write_to_is_refused",
        ],
    ),
    (
        "a new version with the same name and another description, schema or import",
        &[
            "runtime/contract/tests/contract/lock/verify.rs::each_fact_is_told",
            "runtime/contract/tests/contract/lock/verify.rs::no_change_of_a_schema_goes_unseen",
            "runtime/contract/tests/contract/lock/verify.rs::a_new_version_of_a_component_is_told_in_full",
            "tests/policy.rs::another_component_under_the_name_is_refused_until_it_is_locked_and_trusted_again",
            "tests/policy.rs::what_was_locked_is_not_exchanged_in_silence",
        ],
    ),
    (
        "two tools with one name; look-alike names",
        &[
            "tests/load.rs::two_tools_of_one_name",
            "tests/attacks/loading.rs::names_that_look_alike_are_refused",
            "runtime/contract/tests/contract/lock/refusals.rs::tools_that_look_alike_are_refused",
        ],
    ),
    (
        "ANSI, bidi, zero-width and tag characters, fake delimiters, in results, names, docs, stderr, traps",
        &[
            "tests/attacks/output.rs::hidden_characters_of_a_call_are_made_visible",
            "tests/attacks/output.rs::hidden_characters_of_files_are_made_visible",
            "tests/attacks/output.rs::hidden_characters_on_the_command_line_are_made_visible",
            "tests/gates.rs::hidden_characters_are_shown_and_refused",
            "runtime/contract/tests/contract/audit_texts.rs::every_text_is_looked_at",
        ],
    ),
    (
        "sentinels in the host's environment, paths and memory",
        &[
            "tests/bounds.rs::a_guest_sees_nothing_of_the_host",
            "tests/attacks/sentinels.rs::sentinels_of_the_host_are_in_no_output",
            "tests/attacks/memory.rs::nothing_of_the_hosts_memory_is_in_a_guests",
        ],
    ),
    (
        "memory left by the last call in a pooled slot",
        &[
            "tests/bounds.rs::a_call_sees_nothing_of_the_one_before",
            "tests/attacks/memory.rs::memory_left_by_the_last_call_is_zeros",
        ],
    ),
];

#[test]
fn every_attack_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rows = fs::read_to_string(root.join("tests/attacks/rows.txt")).unwrap();
    let tested: Vec<&str> = TESTS.iter().map(|(row, _)| *row).collect();
    assert_eq!(rows.lines().collect::<Vec<_>>(), tested);
    for (row, tests) in TESTS {
        assert!(!tests.is_empty(), "{row}");
        for test in *tests {
            let (file, function) = test.split_once("::").unwrap();
            let text = fs::read_to_string(root.join(file)).unwrap();
            assert!(
                text.contains(&format!("#[test]\nfn {function}()")),
                "{row}: there is no test {test}"
            );
        }
    }
}
