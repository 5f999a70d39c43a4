"""The only ordered list of version changes.

A call enters at the top. Changes that turn one operation into another come first, so that the new operation meets the
changes that concern it; recipes that make several calls come before the changes those calls may need. Two changes that
touch the same field of the same operation stand in the order in which they must see it. ``tests/core/versions/
test_order.py`` holds the orders that matter, and the calls that are meant to pass a change by.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.versions.change import VersionChange
from proxy.core.versions.v1_10 import find_experiment_by_name, report_errors_by_status
from proxy.core.versions.v1_23 import name_all_stages, tag_experiment_after_create
from proxy.core.versions.v1_28 import spell_special_numbers
from proxy.core.versions.v1_30 import (
    carry_run_name_in_tag,
    fill_run_name_from_tag,
    rename_run_by_tag,
)
from proxy.core.versions.v2_0 import (
    copy_run_name_tag,
    list_experiments_by_search,
    list_registered_models_by_search,
    prefix_run_attributes,
)
from proxy.core.versions.v2_1 import answer_version
from proxy.core.versions.v2_3 import (
    delete_aliases_with_version,
    find_aliases_of_before,
    keep_aliases_in_tags,
    show_aliases,
    use_known_error_codes,
)
from proxy.core.versions.v2_4 import keep_datasets_in_tags, show_datasets
from proxy.core.versions.v2_5 import keep_unset_run_fields
from proxy.core.versions.v2_9 import (
    refuse_multipart_upload,
    resolve_copied_source,
    show_copied_source,
)
from proxy.core.versions.v2_10 import cut_signature_of_model
from proxy.core.versions.v2_17 import (
    keep_long_run_values,
    show_long_run_values,
    show_long_values_of_before,
)
from proxy.core.versions.v2_21 import hide_prompts, name_prompt_source
from proxy.core.versions.v3_0 import (
    change_models_on_runs,
    find_model_files_of_before,
    find_model_files_under_runs,
    find_models_of_before,
    hide_model_files_of_runs,
    hide_runs_of_models,
    keep_long_registry_tags,
    keep_metrics_of_models,
    keep_model_files_on_runs,
    keep_models_on_runs,
    link_models_to_runs,
    list_model_files_of_before,
    list_model_files_on_runs,
    list_models_under_runs,
    read_models_from_runs,
    register_models_of_runs,
    register_models_under_runs,
    report_folder_as_missing,
    rewrite_trace_files,
    show_long_registry_tags,
    show_model_files_of_versions,
    show_model_of_versions,
    show_models_of_runs,
    show_trace_files,
)
from proxy.core.versions.v3_3 import (
    bury_experiment_tags,
    cut_metric_history,
    find_assessments_of_before,
    hide_buried_experiment_tags,
    keep_assessments_in_tags,
    link_traces_by_metadata,
    page_metric_history,
    read_traces_by_v2,
    search_linked_traces,
    search_traces_by_v2,
    show_assessments_of_before,
    start_trace_by_v2,
    write_trace_tags_by_v2,
)
from proxy.core.versions.v3_4 import read_spans_from_files
from proxy.core.versions.v3_6 import evaluate_trace_filters, make_trace_files
from proxy.core.versions.v3_9 import answer_server_info
from proxy.core.versions.v3_10 import (
    link_prompts_by_tag,
    read_trace_by_batch,
    report_permanent_errors,
)
from proxy.core.versions.v3_14 import (
    evaluate_run_filters,
    read_trace_infos_singly,
    refuse_presigned_urls,
    report_missing_artifacts,
    write_experiment_ids_as_text,
)
from proxy.core.versions.v3_17 import (
    accept_repeated_nan,
    address_source_by_scheme,
    drop_aliases_of_version,
    evaluate_experiment_filters,
    evaluate_model_version_filters,
    evaluate_registered_model_filters,
    keep_long_experiment_tags,
    name_source_run,
    serve_any_file_name,
    show_long_experiment_tags,
)


class BundleError(ValueError):
    """The list of changes contradicts itself or the catalogue. Raised at start-up, never later."""


def validated(changes: Sequence[VersionChange], operations: Collection[str]) -> tuple[VersionChange, ...]:
    """``changes``, if every one of them can ever do anything.

    Raises:
        BundleError: a duplicate name, an unknown operation, a change without any part or with parts that exclude each
            other, an empty range of servers, a condition that nobody could read. All problems are listed.
    """
    problems: list[str] = []
    names = [change.name for change in changes]
    problems.extend(f"{name}: the name is used twice" for name in sorted({n for n in names if names.count(n) > 1}))
    for change in changes:
        problems.extend(f"{change.name}: {problem}" for problem in _problems(change, operations))
    if problems:
        raise BundleError("; ".join(problems))
    return tuple(changes)


def _problems(change: VersionChange, operations: Collection[str]) -> list[str]:
    first, last = change.servers
    unknown = sorted(change.operations.difference(operations))
    checks = {
        f"unknown operations {unknown}": bool(unknown),
        "it concerns no operation": not change.operations,
        "it does nothing": not any(
            (change.request, change.response, change.recipe, change.detour, change.detour_if_missing)
        ),
        "a recipe does the whole work, other parts would never run": change.recipe is not None
        and (change.request is not None or change.response is not None),
        f"no server is between {first} and {last}": first is not None and last is not None and last < first,
        "a body that was sent cannot be sent again": change.detour_if_missing is not None
        and any(CATALOGUE[name].kind.writes for name in change.operations.intersection(CATALOGUE)),
        "its condition has no words": bool(change.applies or change.detour_if_missing) and not change.when,
        "a detour is for streamed operations": bool(change.detour or change.detour_if_missing)
        and not all(CATALOGUE[name].streamed for name in change.operations.intersection(CATALOGUE)),
    }
    return [problem for problem, there in checks.items() if there]


CHANGES: tuple[VersionChange, ...] = validated(
    (
        # Errors of any operation, and of whatever it becomes: on top, to see the answer that the client gets.
        use_known_error_codes.CHANGE,
        report_permanent_errors.CHANGE,
        report_errors_by_status.CHANGE,
        # One operation becomes another, or is answered without asking.
        list_experiments_by_search.CHANGE,
        list_registered_models_by_search.CHANGE,
        find_experiment_by_name.CHANGE,
        answer_version.CHANGE,
        answer_server_info.CHANGE,
        refuse_multipart_upload.CHANGE,
        refuse_presigned_urls.CHANGE,
        # Searches whose clauses are evaluated here, above whatever shows or hides what the clauses are about.
        evaluate_run_filters.CHANGE,
        evaluate_registered_model_filters.CHANGE,
        evaluate_model_version_filters.CHANGE,
        evaluate_experiment_filters.CHANGE,
        bury_experiment_tags.CHANGE,
        hide_buried_experiment_tags.CHANGE,
        # Logged models, above whatever concerns the runs, versions and artifacts that stand for them. What is hidden
        # from clients comes first, because the others have to see it; sources of versions become addresses behind the
        # server before anybody looks for a model there.
        hide_model_files_of_runs.CHANGE,
        hide_runs_of_models.CHANGE,
        # What they left on a server that has logged models by now, above what newer servers need.
        find_models_of_before.CHANGE,
        find_model_files_of_before.CHANGE,
        list_model_files_of_before.CHANGE,
        keep_models_on_runs.CHANGE,
        change_models_on_runs.CHANGE,
        read_models_from_runs.CHANGE,
        link_models_to_runs.CHANGE,
        keep_metrics_of_models.CHANGE,
        register_models_of_runs.CHANGE,
        show_model_files_of_versions.CHANGE,
        keep_model_files_on_runs.CHANGE,
        list_model_files_on_runs.CHANGE,
        list_models_under_runs.CHANGE,
        find_model_files_under_runs.CHANGE,
        address_source_by_scheme.CHANGE,
        register_models_under_runs.CHANGE,
        # Inputs of runs, kept in tags; models of the same call have been taken out above.
        keep_datasets_in_tags.CHANGE,
        show_datasets.CHANGE,
        # Aliases, kept in tags.
        find_aliases_of_before.CHANGE,
        show_aliases.CHANGE,
        keep_aliases_in_tags.CHANGE,
        delete_aliases_with_version.CHANGE,
        drop_aliases_of_version.CHANGE,
        # What values and ids look like; NaNs above the histories, because a history is read on the way.
        write_experiment_ids_as_text.CHANGE,
        accept_repeated_nan.CHANGE,
        spell_special_numbers.CHANGE,
        # Reads and searches in the server's words.
        name_all_stages.CHANGE,
        hide_prompts.CHANGE,
        prefix_run_attributes.CHANGE,
        page_metric_history.CHANGE,
        cut_metric_history.CHANGE,
        # Updates of runs: renaming first, because what remains of the update may still lack fields.
        rename_run_by_tag.CHANGE,
        keep_unset_run_fields.CHANGE,
        # Long values: below the searches, which evaluate what is shown, and below what writes tags on behalf of others.
        show_long_run_values.CHANGE,
        show_long_experiment_tags.CHANGE,
        show_long_registry_tags.CHANGE,
        show_long_values_of_before.CHANGE,
        keep_long_run_values.CHANGE,
        keep_long_experiment_tags.CHANGE,
        keep_long_registry_tags.CHANGE,
        # Creates whose fields go elsewhere; what was cut to fit and what was kept of it already stand among the tags.
        tag_experiment_after_create.CHANGE,
        copy_run_name_tag.CHANGE,
        cut_signature_of_model.CHANGE,
        carry_run_name_in_tag.CHANGE,
        resolve_copied_source.CHANGE,
        show_copied_source.CHANGE,
        name_prompt_source.CHANGE,
        name_source_run.CHANGE,
        # Traces and assessments: what is made of calls of version 3 stands above what makes those of version 2.
        read_trace_infos_singly.CHANGE,
        read_trace_by_batch.CHANGE,
        read_spans_from_files.CHANGE,
        link_prompts_by_tag.CHANGE,
        link_traces_by_metadata.CHANGE,
        start_trace_by_v2.CHANGE,
        search_linked_traces.CHANGE,
        evaluate_trace_filters.CHANGE,
        search_traces_by_v2.CHANGE,
        keep_assessments_in_tags.CHANGE,
        find_assessments_of_before.CHANGE,
        show_assessments_of_before.CHANGE,
        read_traces_by_v2.CHANGE,
        write_trace_tags_by_v2.CHANGE,
        # Answers alone.
        show_models_of_runs.CHANGE,
        show_model_of_versions.CHANGE,
        fill_run_name_from_tag.CHANGE,
        # Bytes of artifacts, from wherever they are.
        report_folder_as_missing.CHANGE,
        make_trace_files.CHANGE,
        rewrite_trace_files.CHANGE,
        show_trace_files.CHANGE,
        report_missing_artifacts.CHANGE,
        serve_any_file_name.CHANGE,
    ),
    CATALOGUE.keys(),
)

_DIRECTIONS = {change.name: change.direction for change in CHANGES}


def direction_of(name: str) -> str:
    """``request`` or ``response``: what the change of this name is about, see ``VersionChange.direction``."""
    return _DIRECTIONS.get(name, "request")
