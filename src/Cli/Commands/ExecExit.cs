using Queued.Cli.Output;
using Queued.Client;

namespace Queued.Cli.Commands;

/// <summary>
/// What <c>exec</c> returns: what a shell would for the same command, and 125 for what a shell does not know.
/// </summary>
internal static class ExecExit
{
    private const int SignalTerm = 15;

    private const int SignalKill = 9;

    public static int CodeOf(TaskOutcome outcome) => outcome switch
    {
        { State: TaskState.TimedOut or TaskState.Expired } => ExitCode.TimedOut,
        { State: TaskState.Cancelled } => ExitCode.OfSignal(SignalTerm),
        _ when ExecResult.Read(outcome) is { } result => result.ExitCode,
        { State: TaskState.Succeeded } => ExitCode.Ok,
        { Failure: { } failure } => CodeOf(failure),
        _ => ExitCode.ExecFailed,
    };

    /// <summary>An error before there was a command to speak of.</summary>
    public static int CodeOf(Exception exception) => ErrorReport.ExitCodeOf(exception) switch
    {
        ExitCode.Failed or ExitCode.NotFound => ExitCode.ExecFailed,
        int code => code,
    };

    /// <summary>A command that was not started has no code of its own; a shell has two for it.</summary>
    private static int OfSpawn(string errorType) => errorType switch
    {
        "CommandNotFound" => ExitCode.CommandNotFound,
        "CommandNotExecutable" => ExitCode.NotExecutable,
        _ => ExitCode.ExecFailed,
    };

    private static int CodeOf(TaskFailure failure) => failure switch
    {
        { Kind: FailureKind.ExitCode, ExitCode: { } code } => code,
        { Signal: { } signal } => ExitCode.OfSignal(signal),
        { Kind: FailureKind.OutOfMemory } => ExitCode.OfSignal(SignalKill),
        { Kind: FailureKind.Timeout or FailureKind.Expired } => ExitCode.TimedOut,
        { Kind: FailureKind.Spawn } => OfSpawn(failure.ErrorType),
        _ => ExitCode.ExecFailed,
    };
}
