using System.Globalization;
using System.Runtime.InteropServices;

namespace Queued.Daemon.Storage;

/// <summary>The store could not do what it had to; says which file, what it tried, and what the system said.</summary>
internal sealed class StoreFailedException : Exception
{
    private const int CodeMask = 0xff;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int NotADatabase = 26;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int WriteFailed = 10 | (3 << 8);
    private const int ReadFailed = 10 | (1 << 8);
    private const int FileSystemCorrupt = 10 | (33 << 8);

    /// <param name="path">The file.</param>
    /// <param name="operation">What was tried, as a noun: <c>commit</c>.</param>
    /// <param name="code">Extended result code of SQLite; 0 where the failure was not SQLite's.</param>
    /// <param name="systemError">errno; 0 where there was none.</param>
    /// <param name="message">What SQLite, or the system, said.</param>
    /// <param name="inner">What led to this.</param>
    public StoreFailedException(
        string path, string operation, int code, int systemError, string message, Exception? inner = null)
        : base(Sentence(path, operation, code, ErrorOf(code, systemError), message), inner)
    {
        Path = path;
        Operation = operation;
        Code = code;
        SystemError = ErrorOf(code, systemError);
    }

    /// <summary>For what .NET made of the system's refusal.</summary>
    public StoreFailedException(string path, string operation, Exception refusal)
        : this(path, operation, 0, Hosting.StartupException.ErrorOf(refusal), refusal.Message, refusal)
    {
    }

    public string Path { get; }

    public string Operation { get; }

    /// <summary>Extended result code of SQLite; 0 where the failure was not SQLite's.</summary>
    public int Code { get; }

    /// <summary>errno; 0 where there was none.</summary>
    public int SystemError { get; }

    /// <summary>
    /// The file is damaged, or the disk cannot read some of it: trying again gives the same, and what is elsewhere in
    /// the file may be sound.
    /// </summary>
    public bool IsDamage => (Code & CodeMask) is Corrupt or NotADatabase || Code is ReadFailed or FileSystemCorrupt;

    /// <summary>
    /// There was no room, and nothing was written: trying again helps once there is. A flush that fails for want of
    /// room is a failed flush all the same.
    /// </summary>
    public bool IsFull =>
        (Code & CodeMask) == Full || (Code is WriteFailed or 0 && SystemError is NoSpace or QuotaExceeded);

    /// <summary>The exit code of a daemon that ends because of this.</summary>
    public int ExitCode => IsDamage ? Hosting.ExitCode.Damaged : Hosting.ExitCode.InputOutput;

    /// <summary>SQLite keeps the number to itself where a write found no room.</summary>
    private static int ErrorOf(int code, int systemError) =>
        systemError == 0 && (code & CodeMask) == Full ? NoSpace : systemError;

    private static string Sentence(string path, string operation, int code, int systemError, string message)
    {
        var details = new List<string>();
        if (code != 0) details.Add(string.Create(CultureInfo.InvariantCulture, $"SQLite code {code}"));
        if (systemError != 0)
        {
            details.Add(string.Create(
                CultureInfo.InvariantCulture, $"{Marshal.GetPInvokeErrorMessage(systemError)}, errno {systemError}"));
        }

        return details.Count == 0
            ? $"the store {path}: {operation} failed: {message}"
            : $"the store {path}: {operation} failed: {message} ({string.Join("; ", details)})";
    }
}
