using System.Globalization;
using System.Text;

namespace Queued.Broker.Tests.Tracing;

/// <summary>
/// What is done with shared state: <c>verb session name</c>. <c>as=</c> names the
/// answer of an operation that may wait.
/// </summary>
internal static class StateVerbs
{
    public static Command? Parse(TraceLine line, TraceRunner runner)
    {
        switch (line.Verb)
        {
            case "states":
                return new Command.ListStates(
                    Request(line, runner), line.Names("kinds").Select(Kind).ToArray(), line.Number("page", 100),
                    line.Option("after", ""), line.Option("name", ""));
            case "delete-state":
                var force = line.Flag("force");
                return new Command.DeleteState(Request(line, runner), line.Word(0), force);
            case "revoke":
                return new Command.RevokeGrant(Request(line, runner), line.Word(0), Unsigned(line, "token") ?? 0);
            default:
                return Shared(line, runner) ?? Contents(line, runner);
        }
    }

    private static Command? Shared(TraceLine line, TraceRunner runner)
    {
        switch (line.Verb)
        {
            case "use-state":
                var keep = line.Flag("keep");
                return new Command.UseState(
                    Request(line, runner), Session(line), Name(line), Settings(line), keep);
            case "leave":
                return new Command.LeaveState(Request(line, runner), Session(line), Name(line));
            case "acquire":
                var consume = line.Flag("consume");
                return new Command.Acquire(
                    Request(line, runner), Session(line), Name(line), Wait(line), line.Span("lease"),
                    Unsigned(line, "owner") ?? 0, consume);
            case "release-grant":
                return new Command.Release(
                    Request(line, runner), Session(line), Name(line), Unsigned(line, "token") ?? 0,
                    line.Number("add"));
            case "extend-grant":
                return new Command.ExtendGrant(
                    Request(line, runner), Session(line), Name(line), Unsigned(line, "token") ?? 0,
                    line.Span("lease"));
            case "set-event" or "clear-event":
                return new Command.SetEvent(
                    Request(line, runner), Session(line), Name(line), line.Verb == "clear-event");
            case "wait-event":
                return new Command.WaitEvent(Request(line, runner), Session(line), Name(line), Wait(line));
            case "wait-barrier":
                return new Command.WaitBarrier(Request(line, runner), Session(line), Name(line), Wait(line));
            case "reset-barrier" or "abort-barrier":
                return new Command.ResetBarrier(
                    Request(line, runner), Session(line), Name(line), line.Verb == "abort-barrier");
            case "wait-condition":
                return new Command.WaitCondition(
                    Request(line, runner), Session(line), Name(line), Wait(line), Unsigned(line, "token") ?? 0);
            case "notify":
                return new Command.NotifyCondition(
                    Request(line, runner), Session(line), Name(line), line.Number("count"));
            default:
                return null;
        }
    }

    private static Command? Contents(TraceLine line, TraceRunner runner)
    {
        switch (line.Verb)
        {
            case "add":
                return new Command.AddCounter(
                    Request(line, runner), Session(line), Name(line), Signed(line, "delta") ?? 0, Signed(line, "set"),
                    Signed(line, "expected"));
            case "read-value":
                return new Command.ReadValue(Request(line, runner), Session(line), Name(line));
            case "write-value":
                return new Command.WriteValue(
                    Request(line, runner), Session(line), Name(line), TaskVerbs.Payload(line.Option("payload")),
                    Unsigned(line, "version"));
            case "read-array":
                return new Command.ReadArray(
                    Request(line, runner), Session(line), Name(line), line.Number("start"), line.Number("count"));
            case "write-array":
                return new Command.WriteArray(
                    Request(line, runner), Session(line), Name(line), line.Number("start"), Bytes(line, "bytes"),
                    Bytes(line, "expected"));
            case "read-map":
                return new Command.ReadMap(
                    Request(line, runner), Session(line), Name(line), line.Names("keys"), line.Number("page", 100),
                    line.Option("after", ""));
            case "write-map":
                var clear = line.Flag("clear");
                return new Command.WriteMap(
                    Request(line, runner), Session(line), Name(line), line.Words.Skip(2).Select(Change).ToArray(),
                    clear);
            case "read-list":
                return new Command.ReadList(
                    Request(line, runner), Session(line), Name(line), Signed(line, "start") ?? 0,
                    line.Number("count", 100));
            case "write-list":
                var (append, empties) = (line.Flag("append"), line.Flag("clear"));
                return new Command.WriteList(Request(line, runner), Session(line), Name(line))
                {
                    Start = Signed(line, "start") ?? 0,
                    RemoveCount = line.Number("remove"),
                    Items = line.Names("items").Select(TaskVerbs.Payload).ToArray(),
                    Append = append,
                    Clear = empties,
                };
            default:
                return null;
        }
    }

    private static RequestId Request(TraceLine line, TraceRunner runner)
    {
        var request = runner.NextRequest();
        if (line.Option("as") is { } name) runner.Names.Bind(name, request);
        return request;
    }

    private static SessionId Session(TraceLine line) =>
        new(long.Parse(line.Word(0).TrimStart('s'), CultureInfo.InvariantCulture));

    private static string Name(TraceLine line) => line.Word(1);

    private static TimeSpan Wait(TraceLine line) =>
        line.Option("wait") is not { } text ? TimeSpan.Zero
        : text == "endless" ? TimeSpan.MaxValue
        : TraceTime.Parse(text);

    private static StateSettings Settings(TraceLine line) => new()
    {
        Kind = Kind(line.Option("kind", "lock")),
        Permits = line.Number("permits"),
        Parties = line.Number("parties"),
        Length = line.Number("length"),
        ElementBytes = line.Number("element_bytes"),
        Initial = line.Number("initial"),
    };

    private static StateKind Kind(string name) =>
        Enum.Parse<StateKind>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);

    private static ulong? Unsigned(TraceLine line, string option) =>
        line.Option(option) is { } text ? ulong.Parse(text, CultureInfo.InvariantCulture) : null;

    private static long? Signed(TraceLine line, string option) =>
        line.Option(option) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;

    private static byte[] Bytes(TraceLine line, string option) => Convert.FromHexString(line.Option(option, ""));

    /// <summary><c>key:text</c>, <c>key:text@version</c>, <c>key:-</c> to remove.</summary>
    private static MapChange Change(string word)
    {
        var at = word.IndexOf('@', StringComparison.Ordinal);
        ulong? version = at < 0 ? null : ulong.Parse(word.AsSpan(at + 1), CultureInfo.InvariantCulture);
        var parts = (at < 0 ? word : word[..at]).Split(':');
        return new MapChange(
            parts[0], parts[1] == "-" ? null : new TaskPayload(Encoding.UTF8.GetBytes(parts[1]), ""), version);
    }
}
