namespace Queued.Protocol.Streams;

/// <summary>Where a daemon takes streams without HTTP/2.</summary>
internal static class StreamSocketPath
{
    /// <summary>After the path of the daemon's socket.</summary>
    public const string Suffix = ".streams";
}
