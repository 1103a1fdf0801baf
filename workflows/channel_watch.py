"""One reading of one channel, begun by the channel's schedule or by a person.

Pages are read and kept by the activity, not passed through here: what people wrote, and how they
can be reached, does not lie in histories.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from juanchi.domain.watching import Reading, ReadOut

CHANNEL_WATCH = "ChannelWatch"
READ = "read_channel"
A_READING = timedelta(minutes=20)
HEARTBEAT = timedelta(seconds=10)
GIVEN_UP = timedelta(minutes=30)
"""How long one reading waits for the ledger; the schedule's next one begins anew."""
MOST_READINGS = 20
"""How often a source that has more is read on at once; the rest waits for the next time."""
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


@workflow.defn(name=CHANNEL_WATCH)
class ChannelWatch:
    """Reads a channel from where the ledger says that it stopped."""

    @workflow.run
    async def run(self, reading: Reading) -> ReadOut:
        """What was found. A source's trouble is part of the answer: the next time is its retry."""
        total = ReadOut()
        for _ in range(MOST_READINGS):
            total = total.plus(await self._read(reading))
            if not total.more:
                break
        return total

    async def _read(self, reading: Reading) -> ReadOut:
        out: ReadOut = await workflow.execute_activity(
            READ,
            reading,
            result_type=ReadOut,
            start_to_close_timeout=A_READING,
            schedule_to_close_timeout=GIVEN_UP,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=RETRY,
        )
        return out
