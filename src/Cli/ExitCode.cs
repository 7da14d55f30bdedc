namespace Queued.Cli;

/// <summary>What queuectl returns. docs/cli.md has one row for each; a test keeps them equal.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>A task failed, or something failed that has no code of its own.</summary>
    public const int Failed = 1;

    public const int NotFound = 4;

    /// <summary>EX_USAGE: the command line, or a value in it, is not allowed.</summary>
    public const int Usage = 64;

    /// <summary>EX_UNAVAILABLE: nobody answers at the address.</summary>
    public const int Unreachable = 69;

    /// <summary>EX_TEMPFAIL: refused now, may work later.</summary>
    public const int TryAgain = 75;

    public const int TimedOut = 124;

    /// <summary><c>exec</c> alone: the command did not run to its end, and not by its own doing.</summary>
    public const int ExecFailed = 125;

    public const int NotExecutable = 126;

    public const int CommandNotFound = 127;

    /// <summary>Ctrl-C: 128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>The reader of stdout went away: 128 + SIGPIPE.</summary>
    public const int OutputClosed = 141;

    /// <summary>128 + SIGTERM.</summary>
    public const int Terminated = 143;

    public static int OfSignal(int signal) => 128 + signal;
}
