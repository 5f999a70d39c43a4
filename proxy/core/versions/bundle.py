"""The only ordered list of version changes.

A call enters at the top. Changes that turn one operation into another come first, so that the new operation meets the
changes that concern it; recipes that make several calls come before the changes those calls may need. Two changes that
touch the same field of the same operation stand in the order in which they must see it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.versions.change import VersionChange
from proxy.core.versions.v1_23 import name_all_stages
from proxy.core.versions.v1_30 import carry_run_name_in_tag, fill_run_name_from_tag, rename_run_by_tag
from proxy.core.versions.v2_0 import (
    copy_run_name_tag,
    list_experiments_by_search,
    list_registered_models_by_search,
    prefix_run_attributes,
)
from proxy.core.versions.v2_1 import answer_version
from proxy.core.versions.v2_3 import delete_aliases_with_version, keep_aliases_in_tags, show_aliases
from proxy.core.versions.v2_4 import keep_datasets_in_tags, show_datasets
from proxy.core.versions.v2_5 import keep_unset_run_fields
from proxy.core.versions.v2_9 import refuse_multipart_upload
from proxy.core.versions.v2_21 import cut_prompt_filter, hide_prompts, name_prompt_source
from proxy.core.versions.v3_0 import answer_logged_model_search, keep_model_inputs_in_tags, show_model_inputs
from proxy.core.versions.v3_3 import bury_experiment_tags, hide_buried_experiment_tags, page_metric_history
from proxy.core.versions.v3_9 import answer_server_info
from proxy.core.versions.v3_14 import refuse_presigned_urls, report_missing_artifacts
from proxy.core.versions.v3_17 import address_source_by_scheme, drop_aliases_of_version, name_source_run


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
        # One operation becomes another, or is answered without asking.
        list_experiments_by_search.CHANGE,
        list_registered_models_by_search.CHANGE,
        answer_logged_model_search.CHANGE,
        answer_version.CHANGE,
        answer_server_info.CHANGE,
        refuse_multipart_upload.CHANGE,
        refuse_presigned_urls.CHANGE,
        bury_experiment_tags.CHANGE,
        hide_buried_experiment_tags.CHANGE,
        # Inputs of runs, kept in tags.
        keep_model_inputs_in_tags.CHANGE,
        show_model_inputs.CHANGE,
        keep_datasets_in_tags.CHANGE,
        show_datasets.CHANGE,
        # Aliases, kept in tags.
        show_aliases.CHANGE,
        keep_aliases_in_tags.CHANGE,
        delete_aliases_with_version.CHANGE,
        drop_aliases_of_version.CHANGE,
        # Searches and reads.
        name_all_stages.CHANGE,
        cut_prompt_filter.CHANGE,
        hide_prompts.CHANGE,
        prefix_run_attributes.CHANGE,
        page_metric_history.CHANGE,
        # Runs: renaming first, because what remains of the update may still lack fields.
        rename_run_by_tag.CHANGE,
        keep_unset_run_fields.CHANGE,
        copy_run_name_tag.CHANGE,
        carry_run_name_in_tag.CHANGE,
        # The model registry.
        name_prompt_source.CHANGE,
        address_source_by_scheme.CHANGE,
        name_source_run.CHANGE,
        # Answers alone.
        fill_run_name_from_tag.CHANGE,
        report_missing_artifacts.CHANGE,
    ),
    CATALOGUE.keys(),
)
