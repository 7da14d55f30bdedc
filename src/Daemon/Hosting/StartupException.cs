namespace Queued.Daemon.Hosting;

/// <summary>The daemon cannot start; the message says why, and names what to change.</summary>
internal class StartupException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>Exit codes, after sysexits.h.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    public const int Usage = 64;

    /// <summary>What is stored is damaged, or acknowledged data is missing from it.</summary>
    public const int Damaged = 65;

    /// <summary>A file that was named is not there.</summary>
    public const int NoInput = 66;

    public const int Internal = 70;

    /// <summary>The disk failed, and failed again after the store was reopened.</summary>
    public const int InputOutput = 74;

    /// <summary>Another daemon, or another program, has what this one needs.</summary>
    public const int InUse = 75;

    public const int NoPermission = 77;

    public const int Configuration = 78;
}
