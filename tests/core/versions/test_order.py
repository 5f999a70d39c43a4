"""The order of the changes: who must see a call before whom, and which calls pass a change by on purpose."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions.bundle import CHANGES
from proxy.core.versions.change import Call, Dialects, VersionChange
from proxy.core.versions.walk import successes_too
from proxy.errors import TightropeError
from tests.core.versions.test_totality import answered, arguments

PLACES = {change.name: place for place, change in enumerate(CHANGES)}

ORDERS = [
    ("use_known_error_codes", "report_permanent_errors", "a code that was changed must be known as well"),
    ("list_experiments_by_search", "evaluate_experiment_filters", "the search meets what concerns searches"),
    ("list_registered_models_by_search", "hide_prompts", "the search meets what concerns searches"),
    ("refuse_multipart_upload", "list_model_files_on_runs", "no model is looked for to refuse in the end"),
    ("evaluate_run_filters", "show_long_run_values", "whole values are compared"),
    ("evaluate_run_filters", "show_datasets", "clauses may be about noted data sets"),
    ("evaluate_run_filters", "fill_run_name_from_tag", "clauses may be about names"),
    ("evaluate_run_filters", "prefix_run_attributes", "what goes to the server is in its words"),
    ("evaluate_run_filters", "write_experiment_ids_as_text", "what goes to the server is in its words"),
    ("evaluate_experiment_filters", "hide_buried_experiment_tags", "a buried tag is none"),
    ("evaluate_experiment_filters", "show_long_experiment_tags", "whole values are compared"),
    ("evaluate_registered_model_filters", "hide_prompts", "full pages of what is not hidden"),
    ("evaluate_registered_model_filters", "show_long_registry_tags", "whole values are compared"),
    ("evaluate_model_version_filters", "hide_prompts", "full pages of what is not hidden"),
    ("evaluate_model_version_filters", "show_model_of_versions", "clauses may be about sources"),
    ("hide_model_files_of_runs", "list_model_files_on_runs", "what is hidden from clients is listed for models"),
    ("hide_model_files_of_runs", "report_folder_as_missing", "what is hidden from clients is a folder all the same"),
    ("register_models_of_runs", "show_model_of_versions", "the answer names the source that was asked for"),
    ("register_models_of_runs", "keep_long_registry_tags", "the version has further tags"),
    ("address_source_by_scheme", "register_models_under_runs", "a model is looked for at an address of the server"),
    ("register_models_under_runs", "name_source_run", "a version of a logged model names no run"),
    ("address_source_by_scheme", "name_source_run", "the run is found in the address"),
    ("link_models_to_runs", "keep_datasets_in_tags", "models are taken out of the inputs"),
    ("keep_model_files_on_runs", "serve_any_file_name", "files of models have any name as well"),
    ("accept_repeated_nan", "page_metric_history", "whole histories are looked through"),
    ("keep_metrics_of_models", "accept_repeated_nan", "metrics of models may be NaN"),
    ("rename_run_by_tag", "keep_unset_run_fields", "what remains of the update may lack fields"),
    ("rename_run_by_tag", "keep_long_run_values", "a name may be long"),
    ("keep_long_run_values", "copy_run_name_tag", "tag and name agree"),
    ("keep_long_run_values", "carry_run_name_in_tag", "the name becomes a tag"),
    ("keep_long_experiment_tags", "tag_experiment_after_create", "tags that are set one by one fit"),
    ("read_trace_by_batch", "read_spans_from_files", "several traces are read as one"),
    ("read_spans_from_files", "read_traces_by_v2", "infos of version 3 are asked for"),
    ("link_prompts_by_tag", "read_traces_by_v2", "infos of version 3 are asked for"),
    ("search_linked_traces", "search_traces_by_v2", "both halves are searches of version 3"),
    ("make_trace_files", "rewrite_trace_files", "a file that was made is in the right form"),
]

LOOKING_FOR_A_MODEL = (
    "change_models_on_runs",
    "find_model_files_of_before",
    "find_models_of_before",
    "keep_model_files_on_runs",
    "list_model_files_of_before",
    "list_model_files_on_runs",
    "read_models_from_runs",
    "register_models_of_runs",
)
ON_THE_WAY_TO_A_MODEL = {
    ("SearchRuns", "evaluate_run_filters"): "every server knows such a filter",
    ("SearchRuns", "hide_runs_of_models"): "a run made for a model is what is looked for",
    ("SearchExperiments", "evaluate_experiment_filters"): "there is no filter, and the order is ours",
    ("SearchExperiments", "hide_buried_experiment_tags"): "ids alone are read",
    ("ListExperiments", "hide_buried_experiment_tags"): "ids alone are read",
}

PASSED_BY = {
    ("delete_aliases_with_version", "GetRegisteredModel", "show_aliases"): "it reads the tags",
    ("keep_aliases_in_tags", "GetRegisteredModel", "show_aliases"): "it reads the tags",
    ("keep_aliases_in_tags", "GetModelVersion", "show_aliases"): "it shows them itself",
    ("keep_models_on_runs", "ListProxiedArtifacts", "hide_model_files_of_runs"): "a folder is taken, hidden or not",
    ("register_models_under_runs", "ListProxiedArtifacts", "list_models_under_runs"): "only files of the run count",
    ("register_models_under_runs", "ListProxiedArtifacts", "list_model_files_of_before"): "only files of the run count",
    ("register_models_under_runs", "SearchLoggedModels", "find_models_of_before"): "files of those lie under the run",
    ("list_models_under_runs", "SearchLoggedModels", "find_models_of_before"): "files of those lie under the run",
    ("find_model_files_under_runs", "SearchLoggedModels", "find_models_of_before"): "files of those lie under the run",
    ("drop_aliases_of_version", "GetModelVersion", "show_aliases"): "it drops what the server itself has",
    ("report_folder_as_missing", "ListProxiedArtifacts", "hide_model_files_of_runs"): "it is about hidden folders",
    ("report_folder_as_missing", "ListProxiedArtifacts", "list_model_files_on_runs"): "the place is known by then",
    (
        "resolve_copied_source",
        "GetModelVersionDownloadUri",
        "show_model_files_of_versions",
    ): "where the files lie counts",
    ("tag_experiment_after_create", "SetExperimentTag", "keep_long_experiment_tags"): "the tags fit by then",
    ("keep_unset_run_fields", "GetRun", "show_datasets"): "only status and end are read",
    ("read_models_from_runs", "ListProxiedArtifacts", "hide_model_files_of_runs"): "files of models are listed",
    **{(name, *each): why for name in LOOKING_FOR_A_MODEL for each, why in ON_THE_WAY_TO_A_MODEL.items()},
    ("keep_long_run_values", "LogBatch", "keep_metrics_of_models"): "there are tags alone in it",
    ("keep_long_run_values", "LogBatch", "accept_repeated_nan"): "there are tags alone in it",
    ("keep_long_run_values", "LogBatch", "spell_special_numbers"): "there are tags alone in it",
}
"""A change, an operation that it does on the way, and a change above it that concerns such calls: why it need not."""

STUDIED = ("1.20.2", "1.28.0", "1.30.1", "2.0.1", "2.5.0", "2.14.3", "2.22.4", "3.1.4", "3.3.2", "3.17.2")
SERVERS = [Version.parse(text) for text in STUDIED]


@pytest.mark.parametrize(("above", "below", "why"), ORDERS, ids=lambda text: text)
def test_who_sees_a_call_first(above, below, why):
    """Each order has a reason."""
    assert PLACES[above] < PLACES[below], why


def made_on_the_way(change: VersionChange, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Operations that a change does besides the client's, and the changes above it that concern them."""
    start = change.recipe or change.detour or change.detour_if_missing
    dialects = Dialects(chance.choice((None, *SERVERS)), chance.choice(SERVERS), True, "5c" * 16, 1)
    call = Call(chance.choice(sorted(change.operations)), arguments(chance))
    if start is None or not change.meets(call, dialects):
        return
    try:
        steps = start(call, dialects)
        asked = next(steps)
        for _ in range(60):
            for other in CHANGES[: PLACES[change.name]]:
                differs = asked.operation != call.operation
                if differs and successes_too(other) and other.concerns(asked.operation, dialects):
                    yield asked.operation, other.name
            answer: Response = answered(chance)
            asked = steps.send(answer)
    except (StopIteration, TightropeError):
        return


@pytest.mark.parametrize(
    "change",
    [change for change in CHANGES if change.recipe or change.detour or change.detour_if_missing],
    ids=lambda change: change.name,
)
def test_no_call_passes_a_change_by_unless_it_is_meant_to(change):
    """A call that is made on the way meets only the changes below: those above must have nothing to do with it."""
    met = {found for seed in range(80) for found in made_on_the_way(change, random.Random(seed))}
    assert {(change.name, *each) for each in met} <= PASSED_BY.keys()
