using Queued.Client.Sessions;
using Queued.Client.Wire;
using Queued.Worker.Connection;

namespace Queued.Client.Streams;

/// <summary>One submit of a caller that waits for the ack, and perhaps for the outcome.</summary>
internal sealed class SubmittedTask : PendingTask
{
    private readonly Awaited<bool> _accepted = new();
    private bool _isAnswered;

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

    public override void OnAccepted(bool deduplicated, ReaderWakes wakes)
    {
        Deduplicated = deduplicated;
        Outcome.Id = Id;
        _isAnswered = true;
        _accepted.Set(true, wakes);
    }

    public override void OnOutcome(TaskOutcome outcome, ReaderWakes wakes) => Outcome.Set(outcome);

    public override void OnError(Exception error)
    {
        if (_isAnswered)
            Outcome.Fail(error);
        else
            _accepted.Fail(error);
        _isAnswered = true;
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

    public override void OnAccepted(bool deduplicated, ReaderWakes wakes) =>
        throw new InvalidOperationException("A watched task is not submitted.");

    public override void OnOutcome(TaskOutcome outcome, ReaderWakes wakes) => Outcome.Set(outcome);

    public override void OnError(Exception error) => Outcome.Fail(error);
}
