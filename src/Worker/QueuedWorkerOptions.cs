using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Queued.Worker.Connection;
using Resolvers = System.Text.Json.Serialization.Metadata.JsonTypeInfoResolver;

namespace Queued.Worker;

/// <summary>
/// How a worker connects and runs. What the daemon put into the environment of a spawned worker comes before what is
/// said here.
/// </summary>
public sealed class QueuedWorkerOptions
{
    internal const int SlotsMax = 1024;
    internal const int QueuesMax = 64;

    /// <summary>
    /// Where the daemon is: <c>unix:/path/to.sock</c> or <c>http://127.0.0.1:port</c>. Default: <c>QUEUED_SOCKET</c>
    /// of the environment, else <c>$XDG_RUNTIME_DIR/queued/queued.sock</c> where that exists, else
    /// <c>/run/queued/queued.sock</c>; looked up each time it dials. Not used in a worker that a daemon
    /// spawned: it talks to that daemon.
    /// </summary>
    public string? Address { get; set; }

    /// <summary>
    /// The queues that an external worker serves, 1 to 64. Default: <c>default</c>. Not used in a spawned worker,
    /// which serves its pool's queues.
    /// </summary>
    public IList<string> Queues { get; } = [];

    /// <summary>
    /// How many attempts run at once, 1 to 1024. 0, the default: the slots of the pool, or 1 for an external worker.
    /// </summary>
    public int Slots { get; set; }

    /// <summary>
    /// How typed handlers read and write JSON. Default: the web defaults. Without reflection (native AOT, trimming)
    /// it needs metadata for every type that a handler takes or returns: set this or <see
    /// cref="JsonTypeInfoResolver"/>.
    /// </summary>
    public JsonSerializerOptions? JsonSerializerOptions { get; set; }

    /// <summary>
    /// Source-generated JSON metadata, such as <c>MyJsonContext.Default</c>; asked before the resolver of <see
    /// cref="JsonSerializerOptions"/>. Default: none.
    /// </summary>
    public IJsonTypeInfoResolver? JsonTypeInfoResolver { get; set; }

    /// <summary>
    /// How long running attempts may go on after this process was asked to stop (SIGTERM, the host stopping,
    /// cancellation). Then they are cancelled with <see cref="CancelReason.Shutdown"/> and given one more second.
    /// Default: 25 seconds. A drain asked for by the daemon has no such limit: the daemon keeps time.
    /// </summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// Whether an external worker dials again, for ever, when the daemon is not there, goes away or is stopped: first
    /// after about 0.2, at last every 10 seconds. Default: true. One that the daemon told to leave for good, as by
    /// <c>queuectl worker stop</c>, does not. A spawned worker never does: its process ends with the connection.
    /// </summary>
    public bool Reconnect { get; set; } = true;

    internal TimeProvider Clock { get; set; } = TimeProvider.System;

    internal WorkerEnvironment Environment { get; set; } = WorkerEnvironment.Current;

    internal Action<int> ExitProcess { get; set; } = System.Environment.Exit;

    internal JsonSerializerOptions BuildJson()
    {
        var json = JsonSerializerOptions is null
            ? new JsonSerializerOptions(JsonSerializerDefaults.Web)
            : new JsonSerializerOptions(JsonSerializerOptions);
        var rest = json.TypeInfoResolver
            ?? (JsonSerializer.IsReflectionEnabledByDefault ? ReflectionResolver() : null);
        json.TypeInfoResolver = Resolvers.Combine(JsonTypeInfoResolver, rest, BasicJson.Default);
        json.MakeReadOnly();
        return json;
    }

    internal void Validate()
    {
        List<string> mistakes = [];
        if (Slots is < 0 or > SlotsMax)
            mistakes.Add($"Slots is {Slots}; it must be 0 to {SlotsMax}.");
        if (Queues.Count > QueuesMax)
            mistakes.Add($"Queues has {Queues.Count} entries; at most {QueuesMax} are allowed.");
        mistakes.AddRange(
            Queues.Where(queue => !Names.IsValid(queue)).Select(queue => $"Queues has '{queue}'; {Names.Rule}"));
        if (ShutdownGrace < TimeSpan.Zero || ShutdownGrace > TimeSpan.FromDays(30))
            mistakes.Add($"ShutdownGrace is {ShutdownGrace}; it must be 0 to 30 days.");
        if (!TryFindAddress(out _, out var wrong))
            mistakes.Add(wrong);
        if (mistakes.Count > 0)
            throw new ArgumentException("The worker's options are not valid. " + string.Join(' ', mistakes));
    }

    /// <summary>Where to dial now.</summary>
    internal DaemonAddress FindAddress() =>
        TryFindAddress(out var found, out var wrong) ? found : throw new InvalidOperationException(wrong);

    private bool TryFindAddress(
        [NotNullWhen(true)] out DaemonAddress? found,
        [NotNullWhen(false)] out string? wrong)
    {
        if (Address is null || Environment is { IsSpawned: true, Socket.Length: > 0 })
            return DaemonAddress.TryFromEnvironment(ReadEnvironment, out found, out wrong);
        if (DaemonAddress.TryParse(Address, out found, out wrong))
            return true;
        wrong = $"Address is '{Address}'; {wrong}";
        return false;
    }

    private string? ReadEnvironment(string name) =>
        name == "QUEUED_SOCKET" ? Environment.Socket : System.Environment.GetEnvironmentVariable(name);

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Reflection is on, so nothing is trimmed.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Reflection is on, so this is not AOT.")]
    private static DefaultJsonTypeInfoResolver ReflectionResolver() => new();
}

/// <summary>The types that need no metadata from the user.</summary>
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(byte[]))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(decimal))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(Guid))]
[JsonSerializable(typeof(DateTimeOffset))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(int[]))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(NoResult))]
internal sealed partial class BasicJson : JsonSerializerContext;

/// <summary>What a handler without a result returns: JSON null.</summary>
internal sealed class NoResult;
