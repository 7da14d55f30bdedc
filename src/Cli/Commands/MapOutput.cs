using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Queued.Cli.Input;
using Queued.Cli.Output;
using Queued.Client;

namespace Queued.Cli.Commands;

/// <summary>
/// The two ends of a map: lines become inputs, results become lines. A line that is not JSON never becomes an input; it
/// takes its place among the results as a failure.
/// </summary>
internal sealed class MapOutput(CommandContext context, int window, bool keepGoing, bool ordered) : IDisposable
{
    private const string NotJson = "The result is not JSON; such handlers are for run and submit.";

    /// <summary>Line of every input that is under way, by the input's number.</summary>
    private readonly ConcurrentDictionary<long, long> _lines = new();

    /// <summary>Lines that are not JSON and wait for the results before them; at most as many as the window.</summary>
    private readonly ConcurrentQueue<long> _notJson = new();

    private readonly SemaphoreSlim _room = new(window);

    /// <summary>Both ends write: where no input is under way, no result would take a failure along.</summary>
    private readonly SemaphoreSlim _writing = new(1);

    private long _inputs;
    private long _results;
    private long _succeeded;
    private long _failed;
    private bool _stopped;

    public string Summary => string.Create(CultureInfo.InvariantCulture, $"{_succeeded} done, {_failed} failed");

    public async IAsyncEnumerable<JsonElement> ReadInputs(
        JsonLines lines, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach ((long number, byte[] line) in lines.ReadAsync(cancellationToken))
        {
            if (TryParse(line, out JsonElement input))
            {
                _lines[_inputs++] = number;
                yield return input;
                continue;
            }

            await _room.WaitAsync(cancellationToken);
            _notJson.Enqueue(number);
            if (!keepGoing)
                yield break;
            await InTurnAsync(WriteNotJsonAsync);
        }
    }

    /// <returns>False: stop here.</returns>
    public async Task<bool> WriteAsync(MapResult<JsonElement, JsonElement> result)
    {
        await InTurnAsync(async () =>
        {
            await WriteResultAsync(result);
            _results++;
            await WriteNotJsonAsync();
        });
        return !_stopped;
    }

    /// <returns>The exit code.</returns>
    public async Task<int> FinishAsync()
    {
        await InTurnAsync(WriteNotJsonAsync);
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
        if (result.Error is { } error)
        {
            var record = ErrorReport.Of(error);
            await FailAsync(line, error is UnreadableResultException ? record with { Message = NotJson } : record);
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
    private async Task WriteNotJsonAsync()
    {
        while (!_stopped && _notJson.TryPeek(out long line) && !IsBehindInput(line))
        {
            _notJson.TryDequeue(out _);
            _room.Release();
            await FailAsync(line, new ErrorRecord { Reason = "NOT_JSON", Message = "The line is not one JSON value." });
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

    private static bool TryParse(byte[] line, out JsonElement element)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            element = document.RootElement.Clone();
            return true;
        }
        catch (JsonException)
        {
            element = default;
            return false;
        }
    }
}
