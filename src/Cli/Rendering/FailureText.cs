using Queued.Client;

namespace Queued.Cli.Rendering;

/// <summary>A failure for people.</summary>
internal static class FailureText
{
    /// <summary>Kind, type and message on one line: <c>exit_code 3: worker w7 exited …</c>.</summary>
    public static string Line(TaskFailure failure)
    {
        string kind = failure switch
        {
            { Kind: FailureKind.ExitCode, ExitCode: { } code } => $"exit_code {code}",
            { Kind: FailureKind.Signal, Signal: { } signal } => Words.Signal(signal),
            _ => Words.Name(failure.Kind),
        };
        string type = failure.ErrorType.Length == 0 ? "" : $"{failure.ErrorType}: ";
        return failure.Message.Length == 0 ? kind : $"{kind}: {type}{failure.Message}";
    }

    public static void AddTo(FieldsView fields, TaskFailure failure)
    {
        fields.Add("failure", Line(failure));
        fields.Add("exit code", failure.ExitCode is { } code ? Words.Number((long)code) : null);
        fields.Add("signal", failure.Signal is { } signal ? Words.Signal(signal) : null);
        fields.Add("peak memory", Words.SizeOrNone(failure.PeakResidentBytes));
        fields.Add("cpu time", Words.Duration(failure.CpuTime));
        fields.Add("failed on", failure.WorkerId.Length == 0 ? null
            : failure.ProcessId is { } process ? $"{failure.WorkerId} (process {process})" : failure.WorkerId);
        fields.AddBlock("detail", failure.Detail);
        fields.AddBlock("last output", failure.OutputTail);
    }
}
