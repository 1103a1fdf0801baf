"""The sandbox that workflows run in: safe, and no dearer than it need be."""

from typing import Any

from temporalio import workflow
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions


def runner(*, reload: bool = False) -> SandboxedWorkflowRunner:
    """The sandbox in which workflows run; an import that was not meant for it is an error.

    ``reload`` gives every workflow its own copy of our workflow files, under all restrictions: it
    catches a clock or a random number read where a replay would read another. The tests run so; in
    service the copies would cost more than all the rest of a ticket.
    """
    policy = workflow.SandboxImportNotificationPolicy
    restrictions = SandboxRestrictions.default.with_import_notification_policy(
        policy.WARN_ON_DYNAMIC_IMPORT | policy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
    )
    if not reload:
        restrictions = restrictions.with_passthrough_modules("workflows")
    return LeanRunner(restrictions=restrictions)


class LeanRunner(SandboxedWorkflowRunner):
    """Runs workflows in the sandbox, but does not enter it anew for every payload.

    The SDK asks each workflow for a serialization context before it touches a payload, by compiling
    and running a line of code in the sandbox: a fifth of a worker's time. Only converters and
    codecs that take a context need it; when one comes in, this class goes.
    """

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """A workflow in the sandbox."""
        return _Lean(super().create_instance(det))


class _Lean(WorkflowInstance):
    def __init__(self, inner: WorkflowInstance) -> None:
        self._inner = inner

    def activate(self, act: Any) -> Any:
        return self._inner.activate(act)

    def get_serialization_context(self, command_info: Any) -> None:
        return None

    def get_external_store_context(self, command_info: Any) -> Any:
        return self._inner.get_external_store_context(command_info)

    def get_info(self) -> workflow.Info:
        return self._inner.get_info()

    def get_thread_id(self) -> int | None:
        return self._inner.get_thread_id()
