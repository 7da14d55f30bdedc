namespace Queued.Daemon.Hosting;

/// <summary>The daemon cannot start; the message says why, and names what to change.</summary>
internal class StartupException(int exitCode, string message) : Exception(message)
{
    // Error numbers of Linux, the same on every architecture.
    private const int NotPermitted = 1;
    private const int NotFound = 2;
    private const int InputOutput = 5;
    private const int AccessDenied = 13;
    private const int ReadOnly = 30;
    private const int NameTooLong = 36;
    private static readonly int[] Passing = [4, 11, 12, 23, 24, 28, 122];

    public int ExitCode { get; } = exitCode;

    /// <summary>For what a call to the kernel said, with the exit code for it.</summary>
    public static StartupException Of(int error, string message) => new(
        error is NotPermitted or AccessDenied or ReadOnly ? Hosting.ExitCode.NoPermission
        : error == InputOutput ? Hosting.ExitCode.InputOutput
        : Passing.Contains(error) ? Hosting.ExitCode.InUse
        : Hosting.ExitCode.Configuration,
        message);

    /// <summary>The same for what .NET made of it.</summary>
    public static StartupException Of(Exception exception, string message) => Of(ErrorOf(exception), message);

    /// <summary>The number of the kernel's error that .NET made an exception of.</summary>
    public static int ErrorOf(Exception exception) => exception switch
    {
        UnauthorizedAccessException => AccessDenied,
        PathTooLongException => NameTooLong,
        DirectoryNotFoundException or FileNotFoundException => NotFound,

        // .NET leaves it there.
        _ => exception.HResult,
    };
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

    /// <summary>Another daemon, or another program, has what this one needs, or there is too little of it.</summary>
    public const int InUse = 75;

    public const int NoPermission = 77;

    public const int Configuration = 78;
}
