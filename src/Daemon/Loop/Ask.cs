using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>
/// Somebody who waits for the reply to one command. Told once, on the thread that carries out effects.
/// </summary>
internal abstract class Ask
{
    public RequestId Request { get; set; }

    /// <summary>
    /// The core waits for something before it replies. Called once at most, on the loop's thread, before the others.
    /// </summary>
    public virtual void Wait()
    {
    }

    public abstract void Complete(Response response);

    public abstract void Fail(Exception exception);
}

/// <summary>
/// An ask that somebody awaits. Continuations run elsewhere: the loop must not run its callers' code.
/// </summary>
internal sealed class AwaitedAsk<TResponse> : Ask
    where TResponse : Response
{
    private readonly TaskCompletionSource<TResponse> _completion = new(
        TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResponse> Task => _completion.Task;

    public override void Complete(Response response)
    {
        switch (response)
        {
            case TResponse expected:
                _completion.TrySetResult(expected);
                break;
            case Response.Rejected rejected:
                _completion.TrySetException(new RejectedException(rejected.Rejection));
                break;
            default:
                _completion.TrySetException(new InvalidOperationException(
                    $"The broker answered {response.GetType().Name} where {typeof(TResponse).Name} was expected."));
                break;
        }
    }

    public override void Fail(Exception exception) => _completion.TrySetException(exception);
}

/// <summary>An entry of the inbox.</summary>
/// <param name="Command">Null: only a deadline has come, or a batch.</param>
/// <param name="Ask">Null: nobody waits.</param>
/// <param name="Batch">What came together.</param>
internal readonly record struct Inbound(Command? Command, Ask? Ask, IReadOnlyList<Inbound>? Batch = null);
