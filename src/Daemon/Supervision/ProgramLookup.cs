using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Queued.Daemon.Supervision.Native;

namespace Queued.Daemon.Supervision;

/// <summary>
/// Finds what exec would run, before anything is started: once the command runs behind another program, its own failure
/// to start could no longer be told from an exit of the command.
/// </summary>
internal static class ProgramLookup
{
    private const int Executable = 1;
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";

    internal static bool TryFind(
        LaunchPlan plan, [NotNullWhen(true)] out string? path, [NotNullWhen(false)] out SpawnError? error)
    {
        path = null;
        error = null;
        if (plan.Command.Count == 0 || plan.Command[0].Length == 0)
            error = new SpawnError("no program was given");
        else if (FirstWithNul(plan) is { } text)
            error = new SpawnError($"'{text}' holds a NUL character");
        else if (!Directory.Exists(plan.Directory))
            error = new SpawnError($"working directory '{plan.Directory}' does not exist");
        else if (Libc.Access(plan.Directory, Executable) != 0)
            error = new SpawnError($"working directory '{plan.Directory}' cannot be entered: {LastError()}");
        else if (plan.Command[0].Contains('/', StringComparison.Ordinal))
            error = Judge(path = Path.Combine(plan.Directory, plan.Command[0]));
        else
            path = Search(plan, out error);

        return error is null && path is not null;
    }

    private static string? Search(LaunchPlan plan, out SpawnError? error)
    {
        var program = plan.Command[0];
        var searched = plan.Environment.GetValueOrDefault("PATH", DefaultPath);
        SpawnError? found = null;
        foreach (var directory in searched.Split(':'))
        {
            // An empty entry is the working directory.
            var candidate = Path.Combine(plan.Directory, directory, program);
            error = Judge(candidate);
            if (error is null)
                return candidate;
            if (found is null && File.Exists(candidate))
                found = error;
        }

        error = found ?? SpawnError.NotFound($"program '{program}' was not found in PATH ({searched})");
        return null;
    }

    private static SpawnError? Judge(string path)
    {
        if (Directory.Exists(path))
            return SpawnError.NotExecutable($"'{path}' is a directory");
        if (!File.Exists(path))
            return SpawnError.NotFound($"program '{path}' does not exist");
        return Libc.Access(path, Executable) == 0
            ? null
            : SpawnError.NotExecutable($"program '{path}' cannot be executed: {LastError()}");
    }

    private static string LastError() => Errno.Text(Marshal.GetLastPInvokeError());

    private static string? FirstWithNul(LaunchPlan plan)
    {
        foreach (var argument in plan.Command)
        {
            if (argument.Contains('\0', StringComparison.Ordinal))
                return argument.Replace('\0', '?');
        }

        foreach (var (name, value) in plan.Environment)
        {
            if (name.Contains('\0', StringComparison.Ordinal) || value.Contains('\0', StringComparison.Ordinal))
                return name.Replace('\0', '?');
        }

        return plan.Directory.Contains('\0', StringComparison.Ordinal) ? plan.Directory.Replace('\0', '?') : null;
    }
}
