namespace Queued.Daemon.Hosting;

/// <summary>The daemon cannot start; the message says why, and names what to change.</summary>
internal sealed class StartupException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>Exit codes, after sysexits.h.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    public const int Usage = 64;

    public const int Internal = 70;

    /// <summary>Another daemon, or another program, has what this one needs.</summary>
    public const int InUse = 75;

    public const int NoPermission = 77;

    public const int Configuration = 78;
}
