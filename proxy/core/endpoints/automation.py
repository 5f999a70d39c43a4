"""What makes a server act by itself: webhooks, jobs, prompt optimisation and the UI's invoke calls.

Nothing of it is mirrored, because both servers would then act: deliveries, model calls and runs would happen twice.
What a job writes on the serving side goes past the proxy and is brought over by synchronising, not by the mirror.
"""

from __future__ import annotations

from proxy.core.endpoints.spec import Kind, Operation, Sites

_EXPERIMENT = Sites(experiments=("experiment_id",))
_JOB = Sites(experiments=("job.experiment_id",))
_JOBS = Sites(experiments=("jobs[].experiment_id",))
_NONE = Sites()


def _write(name: str, skip: str, request: Sites = _NONE, response: Sites = _NONE) -> Operation:
    return Operation(name, Kind.WRITE, skip=skip, request=request, response=response)


OPERATIONS: tuple[Operation, ...] = (
    _write("CreateWebhook", "webhook"),
    _write("UpdateWebhook", "webhook"),
    _write("DeleteWebhook", "webhook"),
    _write("TestWebhook", "webhook"),
    Operation("GetWebhook", Kind.READ),
    Operation("ListWebhooks", Kind.READ),
    # Any job: /ajax-api/3.0/jobs.
    _write("SubmitJob", "job"),
    _write("CancelJob", "job"),
    Operation("GetJob", Kind.READ),
    Operation("SearchJobs", Kind.READ),
    # Jobs that the invoke calls below start: /ajax-api/3.0/mlflow/jobs.
    _write("CancelInvokedJob", "job"),
    Operation("GetInvokedJob", Kind.READ),
    _write("CreatePromptOptimizationJob", "job", _EXPERIMENT, _JOB),
    _write("CancelPromptOptimizationJob", "job", response=_JOB),
    _write("DeletePromptOptimizationJob", "job"),
    Operation("GetPromptOptimizationJob", Kind.READ, response=_JOB),
    Operation("SearchPromptOptimizationJobs", Kind.READ, request=_EXPERIMENT, response=_JOBS),
    _write("InvokeScorer", "invocation", _EXPERIMENT),
    _write("InvokeGenaiEvaluate", "invocation", _EXPERIMENT),
    _write("InvokeIssueDetection", "invocation", _EXPERIMENT),
)
