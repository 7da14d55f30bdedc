using Queued.Client.Wire;

namespace Queued.Client.Streams;

/// <summary>One submit of a caller that waits for the ack, and perhaps for the outcome.</summary>
internal sealed class SubmittedTask : PendingTask
{
    private readonly TaskCompletionSource _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SubmittedTask(TaskStream stream, SubmitTemplate template, TaskPayload payload, bool withOutcome)
    {
        (Template, Payload) = (template, payload);
        WithoutOutcome = !withOutcome;
        Outcome = new OutcomeWait(stream, watchOnDemand: !withOutcome);
    }

    public Task Accepted => _accepted.Task;

    public OutcomeWait Outcome { get; }

    public TaskId Id => new(TaskId);

    public bool Deduplicated { get; private set; }

    public override void OnAccepted(bool deduplicated)
    {
        Deduplicated = deduplicated;
        Outcome.Id = Id;
        _accepted.TrySetResult();
    }

    public override void OnOutcome(TaskOutcome outcome) => Outcome.Set(outcome);

    public override void OnError(Exception error)
    {
        if (!_accepted.TrySetException(error))
            Outcome.Fail(error);
    }
}

/// <summary>A task that was submitted before, whose outcome somebody waits for.</summary>
internal sealed class WatchedTask : PendingTask
{
    public WatchedTask(TaskId id, OutcomeWait outcome)
    {
        TaskId = id.Value;
        Outcome = outcome;
    }

    public OutcomeWait Outcome { get; }

    public override void OnAccepted(bool deduplicated) =>
        throw new InvalidOperationException("A watched task is not submitted.");

    public override void OnOutcome(TaskOutcome outcome) => Outcome.Set(outcome);

    public override void OnError(Exception error) => Outcome.Fail(error);
}
