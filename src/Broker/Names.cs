using System.Buffers;

namespace Queued.Broker;

/// <summary>The one rule for names of queues, pools, handlers and labels: <c>[A-Za-z0-9._-]{1,128}</c>.</summary>
public static class Names
{
    public const string Default = "default";

    /// <summary>The built-in handler that runs an OS command, and the queue it goes to when none is named.</summary>
    public const string Exec = "exec";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    public static bool IsValid(string name, int lengthMax) =>
        name.Length > 0 && name.Length <= lengthMax && !name.AsSpan().ContainsAnyExcept(Allowed);
}
