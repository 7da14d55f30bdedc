using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Queued.Cli.Input;
using Queued.Cli.Output;
using Queued.Client;

namespace Queued.Cli.Commands;

/// <summary>
/// The two ends of a map: lines become inputs, results become lines. A line that cannot be an input takes its place
/// among the results as a failure. A daemon that went away is no failure of a line: it ends the map.
/// </summary>
internal sealed class MapOutput(CommandContext context, int window, bool keepGoing, bool ordered) : IDisposable
{
    private const string ResultNotJson = "The result is not JSON; such handlers are for run and submit.";

    private const string ResultNotUnicode =
        "The result has text that is not Unicode, such as half of a surrogate pair.";

    private static readonly ErrorRecord NotJson = new()
    {
        Reason = "NOT_JSON",
        Message = "The line is not one JSON value.",
    };

    private static readonly ErrorRecord NotUnicode = new()
    {
        Reason = "NOT_JSON",
        Message = "The line has text that is not Unicode, such as half of a surrogate pair.",
    };

    /// <summary>Line of every input that is under way, by the input's number.</summary>
    private readonly ConcurrentDictionary<long, long> _lines = new();

    /// <summary>Lines that are no input and wait for the results before them; at most as many as the window.</summary>
    private readonly ConcurrentQueue<(long Line, ErrorRecord Error)> _refused = new();

    private readonly SemaphoreSlim _room = new(window);

    /// <summary>Both ends write: where no input is under way, no result would take a failure along.</summary>
    private readonly SemaphoreSlim _writing = new(1);

    private long _inputs;
    private long _results;
    private long _succeeded;
    private long _failed;
    private bool _stopped;
    private (long Line, DaemonUnavailableException Error)? _lost;

    public string Summary => string.Create(CultureInfo.InvariantCulture, $"{_succeeded} done, {_failed} failed");

    public async IAsyncEnumerable<JsonElement> ReadInputs(
        JsonLines lines, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach ((long number, byte[]? line) in lines.ReadAsync(cancellationToken))
        {
            if (Refuse(line, lines.BytesMax, out JsonElement input) is not { } error)
            {
                _lines[_inputs++] = number;
                yield return input;
                continue;
            }

            await _room.WaitAsync(cancellationToken);
            _refused.Enqueue((number, error));
            if (!keepGoing)
                yield break;
            await InTurnAsync(WriteRefusedAsync);
        }
    }

    /// <returns>False: stop here.</returns>
    public async Task<bool> WriteAsync(MapResult<JsonElement, JsonElement> result)
    {
        await InTurnAsync(async () =>
        {
            await WriteResultAsync(result);
            _results++;
            await WriteRefusedAsync();
        });
        return !_stopped;
    }

    /// <returns>The exit code.</returns>
    public async Task<int> FinishAsync()
    {
        await InTurnAsync(WriteRefusedAsync);
        if (_lost is { } lost)
        {
            var record = ErrorReport.Of(lost.Error);
            context.Report(record with { Message = $"line {lost.Line}: {record.Message} Before it: {Summary}." });
            return ErrorReport.ExitCodeOf(lost.Error);
        }

        if (_failed > 0)
            context.Say($"{Summary}.");
        return _failed == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    public void Dispose()
    {
        _room.Dispose();
        _writing.Dispose();
    }

    private async Task InTurnAsync(Func<Task> write)
    {
        await _writing.WaitAsync(context.CancellationToken);
        try
        {
            await write();
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task WriteResultAsync(MapResult<JsonElement, JsonElement> result)
    {
        _lines.TryRemove(result.Index, out long line);
        switch (result.Error)
        {
            case DaemonUnavailableException unavailable:
                // No later line can fare better.
                (_stopped, _lost) = (true, (line, unavailable));
                return;
            case UnreadableResultException unreadable:
                await FailAsync(line, ErrorReport.Of(unreadable) with { Message = ResultNotJson });
                return;
            case { } error:
                await FailAsync(line, ErrorReport.Of(error));
                return;
            case null when !JsonText.IsUnicode(result.Output):
                await FailAsync(line, new ErrorRecord { Reason = "RESULT_UNREADABLE", Message = ResultNotUnicode });
                return;
        }

        _succeeded++;
        if (context.Json)
        {
            await context.PrintJsonAsync(
                new MapRecord { Line = line, Result = result.Output }, CliJson.Readable.MapRecord);
        }
        else
        {
            await context.PrintJsonAsync(result.Output, CliJson.Readable.JsonElement);
        }
    }

    /// <summary>Those whose turn it is: in order, none stands behind an input that is still under way.</summary>
    private async Task WriteRefusedAsync()
    {
        while (!_stopped && _refused.TryPeek(out var refused) && !IsBehindInput(refused.Line))
        {
            _refused.TryDequeue(out _);
            _room.Release();
            await FailAsync(refused.Line, refused.Error);
        }
    }

    private bool IsBehindInput(long line) => ordered && _lines.TryGetValue(_results, out long next) && next < line;

    /// <summary>
    /// With <c>--json</c> a failure is a line like every result. Else it is told on stderr; in order, and where the map
    /// goes on, <c>null</c> keeps its place, so that line n of the output belongs to input n.
    /// </summary>
    private async Task FailAsync(long line, ErrorRecord error)
    {
        _failed++;
        _stopped = !keepGoing;
        if (context.Json)
        {
            await context.PrintJsonAsync(new MapRecord { Line = line, Error = error }, CliJson.Readable.MapRecord);
            return;
        }

        context.Report(error with { Message = $"line {line}: {error.Message}" });
        if (keepGoing && ordered)
            await context.PrintLineAsync("null");
    }

    /// <returns>Null: it is an input.</returns>
    private static ErrorRecord? Refuse(byte[]? line, long bytesMax, out JsonElement input)
    {
        input = default;
        if (line is null)
        {
            return new ErrorRecord
            {
                Reason = "PAYLOAD_TOO_LARGE",
                Message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"The line is longer than the daemon takes (payload_bytes_max: {bytesMax} bytes)."),
            };
        }

        try
        {
            using var document = JsonDocument.Parse(line);
            input = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return NotJson;
        }

        return JsonText.IsUnicode(input) ? null : NotUnicode;
    }
}
