namespace Queued.Broker;

public abstract partial record Response
{
    /// <param name="Targets">Places of those that are ready, in their order. None: the time is over.</param>
    public sealed record Ready(IReadOnlyList<int> Targets) : Response;
}
