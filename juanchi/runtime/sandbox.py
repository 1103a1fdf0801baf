"""The sandbox that workflows run in: safe, and no dearer than it need be."""

from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.converter import StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

OURS = ("workflows",)


def runner(shared: Sequence[str] = OURS) -> SandboxedWorkflowRunner:
    """The sandbox in which workflows run; an import that was not meant for it is an error.

    The ``shared`` packages are loaded once for all workflows. Without any (the tests run so) every
    workflow has its own copy of our workflow files, under all restrictions: that catches a clock or
    a random number read where a replay would read another. In service the copies would cost more
    than all the rest of a ticket.
    """
    policy = workflow.SandboxImportNotificationPolicy
    restrictions = SandboxRestrictions.default.with_import_notification_policy(
        policy.WARN_ON_DYNAMIC_IMPORT | policy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
    )
    return LeanRunner(restrictions=restrictions.with_passthrough_modules(*shared))


class LeanRunner(SandboxedWorkflowRunner):
    """Runs workflows in the sandbox, but does not enter it anew for every payload.

    The SDK asks each workflow for a serialization context and a store context before it touches a
    payload, by compiling and running lines of code in the sandbox: a quarter of a worker's time.
    Only converters, codecs and external stores that take a context need it; when one comes in,
    this class goes.
    """

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """A workflow in the sandbox."""
        return _Lean(super().create_instance(det))


_NO_STORE = StorageDriverStoreContext(target=None)


class _Lean(WorkflowInstance):
    def __init__(self, inner: WorkflowInstance) -> None:
        self._inner = inner

    def activate(self, act: Any) -> Any:
        return self._inner.activate(act)

    def get_serialization_context(self, command_info: Any) -> None:
        return None

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        return _NO_STORE

    def get_info(self) -> workflow.Info:
        return self._inner.get_info()

    def get_thread_id(self) -> int | None:
        return self._inner.get_thread_id()
