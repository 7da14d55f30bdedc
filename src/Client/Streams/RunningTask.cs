using Queued.Client.Sessions;
using Queued.Client.Wire;
using Queued.Worker.Connection;

namespace Queued.Client.Streams;

/// <summary>One submit of a caller who waits for the end of the task, and cancels it when he waits no more.</summary>
internal sealed class RunningTask : PendingTask
{
    private const string WaiterGone = "The caller that waited for it has gone.";

    private readonly TaskStream _stream;
    private readonly Awaited<TaskOutcome> _outcome = new();

    public RunningTask(TaskStream stream, SubmitTemplate template, TaskPayload payload)
    {
        _stream = stream;
        (Template, Payload) = (template, payload);
    }

    /// <summary>Whoever gets it leaves its result (<see cref="LargePayloads.Leave"/>).</summary>
    public Task<TaskOutcome> Outcome => _outcome.Task;

    public override bool MustBeAnswered => true;

    public override bool AckMayWait => _stream.AcksMayWait;

    public override bool IsReadInPlace => true;

    public void GiveUp()
    {
        _stream.Cancel(this, WaiterGone);

        // It may have ended in this moment, or end yet.
        _ = LeaveAsync();
    }

    public override void OnOutcome(TaskOutcome outcome, ReaderWakes wakes)
    {
        if (!_outcome.Set(outcome, wakes))
            LargePayloads.Leave(outcome);
    }

    public override void OnError(Exception error) => _outcome.Fail(error);

    private async Task LeaveAsync()
    {
        await ((Task)Outcome).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Outcome.IsCompletedSuccessfully)
            LargePayloads.Leave(await Outcome.ConfigureAwait(false));
    }
}
