"""Models trained anew, every night: one kind after the other, each decided once."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from juanchi.domain.models import ModelKind
    from juanchi.domain.retraining import Learnt, Lesson, Retrain, Retrained

RETRAIN = "Retrain"
RETRAIN_ACTIVITY = "retrain"
A_TRAINING = timedelta(hours=2)
HEARTBEAT = timedelta(seconds=30)
UNTIL_GIVEN_UP = timedelta(hours=6)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5))


@workflow.defn(name=RETRAIN)
class RetrainWorkflow:
    """Trains every kind that is asked for; what cannot be trained holds up no other kind."""

    @workflow.run
    async def run(self, asked: Retrain) -> Retrained:
        """What became of each kind. Fails at the end when one could not be trained at all."""
        learnt = [await self._learn(asked, kind) for kind in asked.kinds]
        result = Retrained(learnt=tuple(learnt))
        if failed := [f"{one.kind}: {one.failed}" for one in learnt if one.failed]:
            raise ApplicationError("; ".join(failed), result, type="RetrainingFailed")
        return result

    async def _learn(self, asked: Retrain, kind: ModelKind) -> Learnt:
        lesson = Lesson(
            kind=kind,
            key=f"{workflow.info().run_id}/{kind}",
            newest=asked.newest,
            enough=asked.enough,
            by=asked.by,
        )
        try:
            learnt: Learnt = await workflow.execute_activity(
                RETRAIN_ACTIVITY,
                lesson,
                result_type=Learnt,
                start_to_close_timeout=A_TRAINING,
                schedule_to_close_timeout=UNTIL_GIVEN_UP,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=RETRY,
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return Learnt(kind=kind, failed=str(error.cause or error)[:500])
        return learnt
