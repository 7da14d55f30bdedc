namespace Queued.Worker.Connection;

/// <summary>What the daemon tells a process that it spawns.</summary>
internal sealed record WorkerEnvironment(string Socket, string WorkerId, string WorkerToken)
{
    internal static readonly WorkerEnvironment None = new("", "", "");

    internal static WorkerEnvironment Current => new(
        Read("QUEUED_SOCKET"),
        Read("QUEUED_WORKER_ID"),
        Read("QUEUED_WORKER_TOKEN"));

    internal bool IsSpawned => WorkerId.Length > 0 && WorkerToken.Length > 0;

    private static string Read(string name) => Environment.GetEnvironmentVariable(name) ?? "";
}
