using System.Text.Json;

namespace Queued.Client;

/// <summary>How a <see cref="QueuedClient"/> reaches its daemon and how long it waits.</summary>
public sealed record QueuedClientOptions
{
    /// <summary>
    /// Where the daemon listens: <c>unix:/path/to/queued.sock</c> or <c>http://127.0.0.1:port</c>. Null (the default):
    /// <c>QUEUED_SOCKET</c> of the environment, else <c>$XDG_RUNTIME_DIR/queued/queued.sock</c> where that exists, else
    /// <c>/run/queued/queued.sock</c>.
    /// </summary>
    public string? Address { get; init; }

    /// <summary>
    /// How inputs and results become JSON. Null (the default): <see cref="JsonSerializerDefaults.Web"/> with
    /// reflection. Under native AOT give options whose <see cref="JsonSerializerOptions.TypeInfoResolver"/> is
    /// source-generated.
    /// </summary>
    public JsonSerializerOptions? JsonSerializerOptions { get; init; }

    /// <summary>
    /// How long one call to the daemon, such as a submit or a read, may take before it fails with
    /// <see cref="DaemonUnavailableException"/>. More than 0; 30 seconds by default. Does not bound waits for the end
    /// of a task: these last as long as the task, the daemon and the caller's token. Such a wait may begin with one for
    /// the ends of other tasks, where this client has as many under way as the daemon takes of one client.
    /// </summary>
    public TimeSpan DefaultTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a lost connection is dialled again before everything that waits for it fails with
    /// <see cref="DaemonUnavailableException"/>. 0: at once. 30 seconds by default.
    /// </summary>
    public TimeSpan ReconnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    internal void Validate()
    {
        var mistakes = new List<string>();
        if (DefaultTimeout <= TimeSpan.Zero || DefaultTimeout > TimeSpan.FromDays(1))
            mistakes.Add($"{nameof(DefaultTimeout)} is {DefaultTimeout}; it must be more than 0 and at most 1 day.");
        if (ReconnectTimeout < TimeSpan.Zero || ReconnectTimeout > TimeSpan.FromDays(1))
            mistakes.Add($"{nameof(ReconnectTimeout)} is {ReconnectTimeout}; it must be from 0 to 1 day.");
        if (mistakes.Count > 0)
            throw new ArgumentException(string.Join(" ", mistakes));
    }
}
