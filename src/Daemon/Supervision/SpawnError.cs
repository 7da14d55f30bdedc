using Queued.Daemon.Supervision.Native;

namespace Queued.Daemon.Supervision;

/// <summary>Why a command was not started.</summary>
/// <param name="Message">One line for people.</param>
/// <param name="Type">What programs tell cases apart by, the <c>error_type</c> of the failure. Empty: neither.</param>
internal sealed record SpawnError(string Message, string Type = "")
{
    /// <summary>There was no room for one more process, and it was not started; later there may be.</summary>
    public bool IsForWantOfRoom { get; init; }

    /// <summary>There is no such program; a shell says 127.</summary>
    private const string CommandNotFound = "CommandNotFound";

    /// <summary>It is there, and the kernel does not run it; a shell says 126.</summary>
    private const string CommandNotExecutable = "CommandNotExecutable";

    /// <param name="message">One line for people.</param>
    /// <param name="error">What the kernel said.</param>
    internal static SpawnError NotStarted(string message, int error) => Errno.IsWantOfRoom(error)
        ? new SpawnError(message) { IsForWantOfRoom = true }
        : NotExecutable(message);

    internal static SpawnError NotFound(string message) => new(message, CommandNotFound);

    internal static SpawnError NotExecutable(string message) => new(message, CommandNotExecutable);
}
