"""The only ordered list of version changes.

A call enters at the top. Changes that turn one operation into another come first, so that the new operation meets the
changes that concern it; recipes that make several calls come before the changes those calls may need. Two changes that
touch the same field of the same operation stand in the order in which they must see it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.versions.change import VersionChange
from proxy.core.versions.v1_23 import name_all_stages, tag_experiment_after_create
from proxy.core.versions.v1_28 import spell_special_numbers
from proxy.core.versions.v1_30 import carry_run_name_in_tag, fill_run_name_from_tag, rename_run_by_tag
from proxy.core.versions.v2_0 import (
    copy_run_name_tag,
    list_experiments_by_search,
    list_registered_models_by_search,
    prefix_run_attributes,
)
from proxy.core.versions.v2_1 import answer_version
from proxy.core.versions.v2_3 import use_known_error_codes
from proxy.core.versions.v2_5 import keep_unset_run_fields
from proxy.core.versions.v2_17 import keep_long_run_values, show_long_run_values
from proxy.core.versions.v3_0 import answer_logged_model_search, keep_long_registry_tags, show_long_registry_tags
from proxy.core.versions.v3_3 import cut_metric_history, page_metric_history
from proxy.core.versions.v3_9 import answer_server_info
from proxy.core.versions.v3_10 import report_permanent_errors
from proxy.core.versions.v3_14 import evaluate_run_filters, report_missing_artifacts, write_experiment_ids_as_text
from proxy.core.versions.v3_17 import (
    accept_repeated_nan,
    evaluate_experiment_filters,
    evaluate_model_version_filters,
    evaluate_registered_model_filters,
    keep_long_experiment_tags,
    name_source_run,
    show_long_experiment_tags,
)


class BundleError(ValueError):
    """The list of changes contradicts itself or the catalogue. Raised at start-up, never later."""


def validated(changes: Sequence[VersionChange], operations: Collection[str]) -> tuple[VersionChange, ...]:
    """``changes``, if every one of them can ever do anything.

    Raises:
        BundleError: a duplicate name, an unknown operation, a change without any part or with parts that exclude each
            other, an empty range of servers. All problems are listed.
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
        "a detour is for streamed operations": bool(change.detour or change.detour_if_missing)
        and not all(CATALOGUE[name].streamed for name in change.operations.intersection(CATALOGUE)),
    }
    return [problem for problem, there in checks.items() if there]


CHANGES: tuple[VersionChange, ...] = validated(
    (
        # Errors of any operation, and of whatever it becomes.
        use_known_error_codes.CHANGE,
        report_permanent_errors.CHANGE,
        # One operation becomes another, or is answered without asking.
        list_experiments_by_search.CHANGE,
        list_registered_models_by_search.CHANGE,
        answer_logged_model_search.CHANGE,
        answer_version.CHANGE,
        answer_server_info.CHANGE,
        # What values and ids look like; above the reads, because a history is read on the way.
        write_experiment_ids_as_text.CHANGE,
        accept_repeated_nan.CHANGE,
        spell_special_numbers.CHANGE,
        # Searches and reads.
        name_all_stages.CHANGE,
        evaluate_run_filters.CHANGE,
        evaluate_experiment_filters.CHANGE,
        evaluate_registered_model_filters.CHANGE,
        evaluate_model_version_filters.CHANGE,
        prefix_run_attributes.CHANGE,
        page_metric_history.CHANGE,
        cut_metric_history.CHANGE,
        # Long values: below the searches, which evaluate what is shown.
        show_long_run_values.CHANGE,
        show_long_experiment_tags.CHANGE,
        show_long_registry_tags.CHANGE,
        keep_long_run_values.CHANGE,
        keep_long_experiment_tags.CHANGE,
        keep_long_registry_tags.CHANGE,
        # Experiments.
        tag_experiment_after_create.CHANGE,
        # Runs: renaming first, because what remains of the update may still lack fields.
        rename_run_by_tag.CHANGE,
        keep_unset_run_fields.CHANGE,
        copy_run_name_tag.CHANGE,
        carry_run_name_in_tag.CHANGE,
        # The model registry.
        name_source_run.CHANGE,
        # Answers alone.
        fill_run_name_from_tag.CHANGE,
        report_missing_artifacts.CHANGE,
    ),
    CATALOGUE.keys(),
)
