using System.Diagnostics.CodeAnalysis;

namespace Queued.Worker.Connection;

/// <summary>Where a daemon listens: a Unix domain socket or an HTTP endpoint.</summary>
internal sealed record DaemonAddress
{
    // sun_path of Linux has 108 bytes, the last one for the end mark.
    private const int SocketPathBytesMax = 107;
    private const string UnixScheme = "unix:";
    private const string SystemSocket = "/run/queued/queued.sock";

    private DaemonAddress(string? socketPath, Uri? endpoint)
    {
        SocketPath = socketPath;
        Endpoint = endpoint;
    }

    internal string? SocketPath { get; }

    internal Uri? Endpoint { get; }

    /// <summary>Where a daemon is when nobody says so. Looked up now: sockets come and go.</summary>
    /// <exception cref="ArgumentException">QUEUED_SOCKET is not valid; the message names it and says why.</exception>
    internal static DaemonAddress FromEnvironment(Func<string, string?> read) =>
        TryFromEnvironment(read, out var found, out var wrong) ? found : throw new ArgumentException(wrong);

    internal static bool TryFromEnvironment(
        Func<string, string?> read,
        [NotNullWhen(true)] out DaemonAddress? found,
        [NotNullWhen(false)] out string? wrong)
    {
        if (read("QUEUED_SOCKET") is { Length: > 0 } named)
        {
            var address = named.Contains(':', StringComparison.Ordinal) ? named : UnixScheme + named;
            if (TryParse(address, out found, out wrong))
                return true;
            wrong = $"QUEUED_SOCKET is '{named}'; {wrong}";
            return false;
        }

        var user = read("XDG_RUNTIME_DIR") is ['/', ..] directory
            ? Path.Combine(directory, "queued", "queued.sock")
            : null;
        (found, wrong) = (new DaemonAddress(File.Exists(user) ? user : SystemSocket, null), null);
        return true;
    }

    /// <exception cref="ArgumentException">The address is not valid; the message says why.</exception>
    internal static DaemonAddress Parse(string address) => TryParse(address, out var parsed, out var wrong)
        ? parsed
        : throw new ArgumentException($"The address '{address}' is not valid: {wrong}", nameof(address));

    internal static bool TryParse(
        string address,
        [NotNullWhen(true)] out DaemonAddress? parsed,
        [NotNullWhen(false)] out string? wrong)
    {
        ArgumentNullException.ThrowIfNull(address);
        (parsed, wrong) = (null, null);
        if (address.StartsWith(UnixScheme, StringComparison.Ordinal))
        {
            var path = address[UnixScheme.Length..];
            if (path.StartsWith("//", StringComparison.Ordinal))
                path = path[2..];
            if (!Path.IsPathRooted(path))
                wrong = "the path of a socket must be absolute, such as unix:/run/queued/queued.sock.";
            else if (System.Text.Encoding.UTF8.GetByteCount(path) > SocketPathBytesMax)
                wrong = $"the path of a socket has at most {SocketPathBytesMax} bytes.";
            else
                parsed = new DaemonAddress(path, null);
        }
        else if (Uri.TryCreate(address, UriKind.Absolute, out var uri)
            && uri is { Scheme: "http" or "https", PathAndQuery: "/" })
            parsed = new DaemonAddress(null, uri);
        else
            wrong = "it must be unix:/path/to.sock or http://127.0.0.1:port.";
        return parsed is not null;
    }

    public override string ToString() =>
        SocketPath is not null ? UnixScheme + SocketPath : Endpoint!.ToString().TrimEnd('/');
}
